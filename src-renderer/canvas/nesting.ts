import { Group, PackageOpen } from 'lucide-react'
import type { Command } from '../commands/registry.ts'
import type { Context } from '../commands/context.ts'
import { type Collapse, collapse, plugCollapsed } from '../../src-engine/compose/collapse.ts'
import { instancesInside } from '../../src-engine/compose/decompose.ts'
import { addInstance, kebab } from '../../src-engine/compose/edit.ts'
import { expand, withFreePackageNames } from '../../src-engine/compose/expand.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { PatchbayError, fail } from '../../src-engine/error.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { intoProject, mergeItems, whenDecoded } from '../library/place-item.ts'
import { boxAround, groupOf, placeOf, withGroup, withoutGroups } from '../state/annotations.ts'
import { withPackage } from '../state/composition.ts'
import { decodedOf } from '../state/decoded.ts'
import { type Position, type Tables, graphOf, mutable, withGraph, isWorld, worldNode } from '../state/document.ts'
import { edit, useProject } from '../state/project.ts'
import { selectOnCanvas } from '../state/selection.ts'
import { client } from '../state/session.ts'
import { announce } from '../ui/announce.tsx'
import { formatCount } from '../ui/format.ts'
import { notify } from '../ui/notify.tsx'
import { drawnSize, pinned, placeInView } from './flow.ts'
import { nodeHeight, nodeWidth } from './geometry.ts'
import { placesFor } from './layout.ts'
import { canvasModel } from './model.ts'

const typeOf = (hash: string) => decodedOf(hash)?.type

/** The instances that a command on several means: the selected ones and those of selected groups. */
function chosen({ project: { tables }, selection }: Context): string[] {
  const members = [...selection.annotations].flatMap((id) => tables.groups[id]?.members ?? [])
  return [...new Set([...selection.instances, ...members])].filter((id) => Object.hasOwn(tables.instances, id))
}

/** The one selected instance that was composed of others. */
function composed({ project: { tables }, selection }: Context): string | undefined {
  const [id, ...more] = [...selection.instances].filter((each) => !isWorld(each))
  const hash = tables.packages[tables.instances[id ?? '']?.package ?? '']?.hash
  const structure = hash === undefined ? undefined : decodedOf(hash)?.structure
  return more.length === 0 && structure && instancesInside(structure) > 0 ? id : undefined
}

/** Composes instances into one component of the library and puts one instance of it in their place, as one gesture. */
export async function collapseInstances(ids: readonly string[]): Promise<void> {
  const before = useProject.getState().tables
  const parts = collapse(graphOf(before), ids, typeOf)
  const name = nameFor(before, ids, parts)
  const { item } = await client().call('composition.toLibrary', { graph: mutable(parts.inner), name })
  mergeItems([item])
  const { type } = await read(item)
  let made = ''
  edit(`Collapse ${formatCount(ids.length, 'instance')}`, (tables) => {
    const graph = graphOf(tables)
    const entry = withPackage(graph, item).packages[item.id]
    if (!entry) return tables
    const plugged = plugCollapsed(graph, collapse(graph, ids, typeOf), { id: item.id, entry, type, base: name })
    made = plugged.instance
    const gone = new Set(ids)
    // A frame around nothing but these is what the new node is now.
    const emptied = Object.keys(tables.groups).filter((id) => {
      const members = tables.groups[id]?.members ?? []
      return members.length > 0 && members.every((member) => gone.has(member))
    })
    const next = withGraph(withoutGroups(tables, new Set(emptied)), plugged.graph)
    return { ...next, positions: { ...next.positions, [made]: middleOf(tables, ids) } }
  })
  selectOnCanvas([made])
  announce(`Collapsed ${formatCount(ids.length, 'instance')} into ${made}.`)
}

/** Where the middle of one node is to be so that it stands for these. */
function middleOf(tables: Tables, ids: readonly string[]): Position {
  const box = boxAround(
    ids.flatMap((id) => ({ ...(placeOf(pinned(tables, [id]), id) ?? { x: 80, y: 80 }), ...drawnSize(id) })),
  )
  if (!box) return { x: 80, y: 80 }
  return { x: Math.round(box.x + (box.width - nodeWidth) / 2), y: Math.round(box.y + (box.height - 120) / 2) }
}

/** A group lends its name; else the last instance does. */
function nameFor(tables: Tables, ids: readonly string[], { outputs }: Collapse): string {
  const groups = new Set(ids.map((id) => groupOf(tables.groups, id)))
  const [group] = groups
  const name = groups.size === 1 && group !== undefined ? tables.groups[group]?.name : undefined
  return name === undefined ? `${outputs[0]?.instance ?? ids[0] ?? 'part'}-composed` : kebab(name)
}

/** Puts what is inside an instance in its place, framed by a group of its name; all wires stay. One gesture. */
export async function expandInstance(instance: string): Promise<void> {
  const { packages, instances } = useProject.getState().tables
  const hash = packages[instances[instance]?.package ?? '']?.hash ?? ''
  const inner = await takeApart(hash)
  let lost: readonly string[] = []
  edit(`Expand ${instance}`, (tables) => {
    const opened = expanded(tables, instance, inner)
    lost = opened.lost
    return opened.tables
  })
  if (lost.length > 0) notify(`${formatCount(lost.length, 'wire')} could not be kept`, { detail: lost.join('; ') })
}

/** Puts what is inside a composed component of the library on the canvas. */
export async function openAsGraph(item: LibraryItem): Promise<void> {
  const own = await intoProject(item)
  if (own.hash === undefined) throw fail('components.not-ready', `${own.name} is not there yet.`)
  const inner = await takeApart(own.hash)
  edit(`Open ${own.name} as a graph`, (tables) => {
    const graph = graphOf(tables)
    const added = addInstance(withPackage(graph, own), own.id, own.name.replace(/\.wasm$/i, ''))
    const place = placeInView(tables.positions)
    const next = withGraph(tables, added.graph)
    const opened = expanded(
      { ...next, positions: { ...next.positions, [added.instance]: place } },
      added.instance,
      inner,
    )
    return opened.tables
  })
}

async function takeApart(hash: string): Promise<CompositionGraph> {
  const { graph, items, problems } = await client().call('composition.takeApart', { hash })
  mergeItems(items)
  await Promise.all(items.map(read))
  if (problems.length > 0)
    notify('Not everything in it can be said as a graph', { detail: problems.map(({ message }) => message).join('; ') })
  return graph
}

async function read(item: LibraryItem) {
  const decoded = item.hash === undefined ? undefined : await whenDecoded(item.hash)
  if (decoded?.state === 'ready') return decoded.component
  throw decoded?.state === 'failed'
    ? new PatchbayError(decoded.problem)
    : fail(
        'components.not-ready',
        `${item.name} cannot be read.`,
        item.problem?.hint === undefined ? {} : { hint: item.problem.hint },
      )
}

/** The tables with an instance replaced by what is inside, laid out where it stood; what stood right of it makes room. */
function expanded(
  tables: Tables,
  instance: string,
  inner: CompositionGraph,
): { readonly tables: Tables; readonly lost: readonly string[] } {
  const graph = graphOf(tables)
  const taken = new Set(
    Object.entries(graph.packages).flatMap(([id, { name }]) => (Object.hasOwn(inner.packages, id) ? [] : [name])),
  )
  const opened = expand(graph, instance, withFreePackageNames(inner, taken), typeOf)
  const at = placeOf(pinned(tables, [instance]), instance) ?? placeInView(tables.positions)
  const only = opened.instances.reduce(
    (rest, id) => ({ ...rest, instances: { ...rest.instances, [id]: opened.graph.instances[id] ?? { package: '' } } }),
    { ...opened.graph, instances: {} } as CompositionGraph,
  )
  const model = canvasModel({ graph: only, library: [], decoded: new Map(), problems: [] })
  const heights = new Map(model.instances.map((each) => [each.id, nodeHeight(each, false)]))
  const places = placesFor(only, model, { [worldNode]: at }, (id) => heights.get(id) ?? 120)
  const inside = opened.instances.flatMap((id) => {
    const place = places.get(id)
    return place ? [[id, { x: place.x - 80 + at.x, y: place.y - 80 + at.y }] as const] : []
  })
  const width = Math.max(0, ...inside.map(([, { x }]) => x - at.x))
  const positions = Object.fromEntries(
    Object.entries(tables.positions).map(([id, place]) => [
      id,
      place.x > at.x + nodeWidth / 2 ? { x: place.x + width, y: place.y } : place,
    ]),
  )
  const next = withGraph(tables, opened.graph)
  const placed = { ...next, positions: { ...positions, ...Object.fromEntries(inside) } }
  const kept = Object.fromEntries(
    Object.entries(placed.positions).filter(([id]) => isWorld(id) || Object.hasOwn(next.instances, id)),
  )
  const framed = withGroup({ ...placed, positions: kept }, opened.instances, drawnSize, instance)
  return { tables: framed.tables, lost: opened.lost }
}

/** Components inside components. */
export const nestingCommands: readonly Command[] = [
  {
    id: 'canvas.collapse',
    label: 'Collapse into one node',
    icon: Group,
    keys: ['Mod+Alt+G'],
    keywords: 'compose nest sub-composition pack library',
    when: (context) => chosen(context).length > 1 || 'Select two or more instances first.',
    run: (context) => collapseInstances(chosen(context)),
  },
  {
    id: 'canvas.expand',
    label: 'Expand in place',
    icon: PackageOpen,
    keys: ['Mod+Alt+E'],
    keywords: 'open as graph decompose inside take apart',
    when: (context) => composed(context) !== undefined || 'Select one instance that was composed of others.',
    run: async (context) => {
      const instance = composed(context)
      if (instance === undefined) return
      await expandInstance(instance)
      announce(`Expanded ${instance}.`)
    },
  },
  {
    id: 'library.openAsGraph',
    label: 'Open as a graph',
    icon: PackageOpen,
    palette: false,
    when: ({ project, selection }) => {
      const item = project.library.find(({ id }) => id === selection.libraryItem)
      return item?.status === 'ready' || 'Select a component in the library first.'
    },
    run: async ({ project, selection }) => {
      const item = project.library.find(({ id }) => id === selection.libraryItem)
      if (item) await openAsGraph(item)
    },
  },
]
