import { Command as Palette } from 'cmdk'
import { LogIn } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { useEffect, useMemo } from 'react'
import { connect } from '../../src-engine/compose/edit.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { matchNames, shortName, splitVersion } from '../../src-engine/types/names.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { iconOf, icons, purposeText } from '../library/describe.ts'
import { putOnCanvas, replaceBy } from '../library/place-item.ts'
import { importFromWorld } from '../state/composition.ts'
import { decodedOf, ensureDecoded, useDecoded } from '../state/decoded.ts'
import { graphOf } from '../state/document.ts'
import { useProject } from '../state/project.ts'
import { formatBytes } from '../ui/format.ts'
import styles from './AddPicker.module.css'
import { nodeWidth } from './geometry.ts'
import { type Picker, useCanvasView } from './view.ts'
import { bestPort, sourceOf } from './verdicts.ts'

/** A list of components at a place of the canvas: all of them, or what could take the other end of a wire. */
export function AddPicker() {
  const picker = useCanvasView((view) => view.picker)
  return (
    <Radix.Root open={picker !== undefined} onOpenChange={(open) => !open && close()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.overlay} />
        <Radix.Content
          className={styles.content}
          aria-describedby={undefined}
          data-testid="add-picker"
          style={
            picker && {
              left: Math.max(8, Math.min(picker.at.x, window.innerWidth - 360)),
              top: Math.max(8, Math.min(picker.at.y, window.innerHeight - 380)),
            }
          }
        >
          <Radix.Title className={picker?.for || picker?.replace ? styles.title : 'visually-hidden'}>
            {picker ? titleOf(picker) : ''}
          </Radix.Title>
          {picker && <Choices picker={picker} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function titleOf({ for: wanted, replace }: Picker): string {
  if (replace !== undefined) return `Replace ${replace} by`
  return wanted ? `${wanted.side === 'in' ? 'Gives' : 'Takes'} ${shortName(wanted.name)}` : 'Add a component'
}

function close(): void {
  useCanvasView.setState({ picker: undefined })
}

interface Choice {
  readonly item: LibraryItem
  /** The port of the new instance that the wire goes to. */
  readonly port: string | undefined
  readonly note: string
  readonly rank: number
}

function Choices({ picker }: { readonly picker: Picker }) {
  const library = useProject((project) => project.library)
  const decoded = useDecoded((now) => now.byHash)
  const wanted = picker.for
  useEffect(() => {
    if (wanted)
      ensureDecoded(library.flatMap((item) => (item.hash !== undefined && item.status === 'ready' ? [item.hash] : [])))
  }, [library, wanted])
  // Asked again whenever another component was read.
  const choices = useMemo(() => (decoded ? choicesFor(library, wanted) : []), [library, wanted, decoded])
  return (
    <Palette label="Components" className={styles.palette} loop>
      <Palette.Input
        className={styles.input}
        placeholder={wanted ? 'Components that fit' : 'Which component?'}
        autoFocus
      />
      <Palette.List className={styles.list}>
        {wanted && choices.length === 0 ? (
          <div className={styles.empty}>
            {`Nothing in the library, the samples or the project’s folder ${wanted.side === 'in' ? 'exports' : 'imports'} ${wanted.name}.`}
          </div>
        ) : (
          <Palette.Empty className={styles.empty}>No component is called that.</Palette.Empty>
        )}
        {choices.map((choice) => (
          <Row key={choice.item.id} choice={choice} picker={picker} />
        ))}
        {wanted?.side === 'in' && <FromWorld wanted={wanted} />}
      </Palette.List>
    </Palette>
  )
}

/** Nobody on the canvas has to give it: the world may. */
function FromWorld({ wanted }: { readonly wanted: NonNullable<Picker['for']> }) {
  const take = (): void => {
    close()
    importFromWorld(wanted.instance, wanted.name)
  }
  return (
    <Palette.Item
      className={styles.item}
      value="import from the world"
      keywords={['outside', 'host', wanted.name]}
      onSelect={take}
    >
      <LogIn size={15} aria-hidden className={styles.icon} />
      <span className={styles.texts}>
        <span>Import it from the world</span>
        <span className={styles.detail}>as an import of the composition with a name of its own</span>
      </span>
    </Palette.Item>
  )
}

function Row({ choice: { item, port, note }, picker }: { readonly choice: Choice; readonly picker: Picker }) {
  const Icon = icons[iconOf(item)]
  const choose = (): void => {
    close()
    if (picker.replace !== undefined) {
      void replaceBy(picker.replace, item)
      return
    }
    const wanted = picker.for
    const plug =
      wanted && port !== undefined
        ? (graph: CompositionGraph, instance: string) =>
            wanted.side === 'in'
              ? connect(graph, wanted.instance, wanted.name, sourceOf({ instance, name: port }))
              : connect(graph, instance, port, sourceOf(wanted))
        : undefined
    // The port is at the edge of the node: the node goes beside the pointer.
    const place =
      wanted?.side === 'in'
        ? { x: picker.place.x - nodeWidth, y: picker.place.y - 66 }
        : { x: picker.place.x, y: picker.place.y - 66 }
    void putOnCanvas(item, { x: Math.round(place.x), y: Math.round(place.y) }, undefined, plug)
  }
  return (
    <Palette.Item
      className={styles.item}
      value={`${item.name} ${item.id}`}
      keywords={[item.description ?? '', port ?? '']}
      onSelect={choose}
    >
      <Icon size={15} aria-hidden className={styles.icon} />
      <span className={styles.texts}>
        <span>{item.name}</span>
        <span className={styles.detail}>{note}</span>
      </span>
      <span className={styles.origin}>
        {item.origin === 'sample' ? 'sample' : item.origin === 'folder' ? 'folder' : ''}
      </span>
    </Palette.Item>
  )
}

/** What can be added, best first: exact names before compatible versions before mere types, the project before samples. */
function choicesFor(library: readonly LibraryItem[], wanted: Picker['for']): Choice[] {
  const ready = library.filter((item) => item.status === 'ready')
  const order = { project: 0, folder: 1, sample: 2 }
  const about = (item: LibraryItem): string =>
    [purposeText(item), item.summary && formatBytes(item.summary.size)].filter(Boolean).join(' · ')
  if (!wanted)
    return ready
      .map((item) => ({ item, port: undefined, note: about(item), rank: order[item.origin] }))
      .sort((left, right) => left.rank - right.rank)
  const graph = graphOf(useProject.getState().tables)
  const choices: Choice[] = []
  const seen = new Set<string>()
  const ownPackage = graph.instances[wanted.instance]?.package
  for (const item of ready) {
    // A sample that is in the project already is offered once.
    if (item.hash === undefined || seen.has(item.hash)) continue
    const port = bestPort(graph, decodedOf, { id: `candidate ${item.id}`, hash: item.hash }, wanted)
    if (!port) continue
    seen.add(item.hash)
    choices.push({
      item,
      port: port.name,
      note: [reasonOf(port.name, wanted, passesOn(item, port.name)), about(item)].filter(Boolean).join(' · '),
      rank:
        (port.exact ? 0 : 10) +
        order[item.origin] +
        (item.id === ownPackage ? 5 : 0) +
        (passesOn(item, port.name) ? 3 : 0),
    })
  }
  return choices.sort((left, right) => left.rank - right.rank)
}

/** Why it is in the list at its place. */
function reasonOf(port: string, wanted: NonNullable<Picker['for']>, passes: boolean): string {
  const match = wanted.side === 'in' ? matchNames(port, wanted.name) : matchNames(wanted.name, port)
  const { version } = splitVersion(port)
  const how =
    match === 'exact'
      ? `${wanted.side === 'in' ? 'gives' : 'takes'} exactly ${shortName(port)}`
      : `${shortName(port)} ${version ?? ''}, a compatible version`
  return passes ? `${how}, and needs it again` : how
}

/** Does it need the same interface again? Then it only moves the question on. */
function passesOn(item: LibraryItem, name: string): boolean {
  const { imports = [], exports = [] } = item.summary?.world ?? {}
  return imports.some((port) => port.name === name) && exports.some((port) => port.name === name)
}
