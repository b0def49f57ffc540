import {
  BoxSelect,
  Cable,
  Code2,
  Crosshair,
  List,
  LocateFixed,
  LogOut,
  Maximize,
  Network,
  PencilLine,
  Plus,
  Replace,
  Search,
  Share2,
  Unplug,
  Workflow,
  ZoomIn,
  ZoomOut,
} from 'lucide-react'
import type { Context } from '../commands/context.ts'
import { projectOpen } from '../commands/context.ts'
import { type Command, runCommand } from '../commands/registry.ts'
import { addExport } from '../../src-engine/compose/edit.ts'
import { argumentKey } from '../../src-engine/compose/graph.ts'
import { removeFromCanvas } from '../state/composition.ts'
import { scriptText } from '../composition/text.ts'
import { decodedOf, useDecoded } from '../state/decoded.ts'
import { graphOf, withGraph, isWorld } from '../state/document.ts'
import { isGroup } from '../state/annotations.ts'
import { openDialog } from '../state/layout.ts'
import { edit } from '../state/project.ts'
import { exportWire, revealInstance, selectLibraryItem, selectOnCanvas } from '../state/selection.ts'
import { announce } from '../ui/announce.tsx'
import { notify } from '../ui/notify.tsx'
import { arrange } from './arrange.ts'
import { fitOptions, flow, travelTime } from './flow.ts'
import { mermaidOf } from '../../src-engine/draw/mermaid.ts'
import { canvasModel } from './model.ts'
import { neighbours } from './neighbours.ts'
import { sourceOf } from './verdicts.ts'
import { useCanvasView } from './view.ts'
import { wireAllOpen } from './wire-all.ts'

function onCanvas(): true | string {
  return flow() !== undefined || 'The canvas is not shown.'
}

function anything({ project: { tables } }: Context): true | string {
  return Object.keys(tables.instances).length + Object.keys(tables.notes).length > 0 || 'Nothing is on the canvas.'
}

/** The one selected instance. */
function only({ selection }: Context): string | undefined {
  const [id, ...more] = [...selection.instances].filter((instance) => !isWorld(instance))
  return more.length === 0 ? id : undefined
}

/** The one selected group or note. */
function onlyAnnotation({ selection }: Context): string | undefined {
  const [id, ...more] = [...selection.annotations]
  return more.length === 0 && selection.instances.size === 0 ? id : undefined
}

function oneSelected(context: Context): true | string {
  return only(context) !== undefined || 'Select one instance first.'
}

/** The name of the one selected wire that leads out of the composition. */
function exportedBy({ project, selection }: Context): string | undefined {
  const [key, ...more] = [...selection.wires]
  return more.length > 0 ? undefined : Object.keys(project.tables.exports).find((name) => exportWire(name) === key)
}

/** The wire that ends at the import that was pointed at. */
function pluggedIn({ project, selection: { port } }: Context): string | undefined {
  const key = port?.side === 'in' ? argumentKey(port.instance, port.name) : undefined
  return key !== undefined && Object.hasOwn(project.tables.arguments, key) ? key : undefined
}

function select(direction: 'up' | 'down') {
  return ({ project, selection }: Context): void => {
    const found = neighbours(graphOf(project.tables), selection.instances, direction)
    selectOnCanvas([...selection.instances, ...found])
    announce(`${found.size} more selected.`)
  }
}

/** The canvas by name, so that keyboard and palette can do what the mouse can. */
export const canvasCommands: readonly Command[] = [
  {
    id: 'canvas.add',
    label: 'Add a component…',
    icon: Plus,
    keys: ['Mod+Shift+A'],
    keywords: 'insert instance node search',
    when: projectOpen,
    run: () => {
      const area = document.querySelector('[data-panel][id="canvas"]')?.getBoundingClientRect()
      const at = { x: (area?.left ?? 0) + (area?.width ?? 800) / 2 - 176, y: (area?.top ?? 0) + 60 }
      useCanvasView.setState({
        picker: { at, place: flow()?.screenToFlowPosition({ x: at.x + 30, y: at.y + 60 }) ?? at },
      })
    },
  },
  {
    id: 'canvas.wireAll',
    label: 'Wire all that is clear',
    icon: Cable,
    keys: ['Mod+Alt+W'],
    keywords: 'connect plug automatic',
    when: anything,
    run: wireAllOpen,
  },
  {
    id: 'canvas.arrange',
    label: 'Arrange',
    icon: Workflow,
    keys: ['Mod+Alt+A'],
    keywords: 'layout tidy order',
    when: anything,
    run: arrange,
  },
  {
    id: 'canvas.list',
    label: 'List instead of canvas',
    icon: List,
    keys: ['Mod+Alt+K'],
    keywords: 'keyboard screen reader table',
    checked: () => useCanvasView.getState().list,
    run: () => useCanvasView.setState(({ list }) => ({ list: !list })),
  },
  {
    id: 'canvas.find',
    label: 'Find on the canvas',
    icon: Search,
    keys: ['Mod+F'],
    keywords: 'search filter unsatisfied unused',
    when: onCanvas,
    run: () => useCanvasView.setState(({ findAsked }) => ({ find: true, findAsked: findAsked + 1 })),
  },
  {
    id: 'canvas.selectAll',
    label: 'Select all',
    icon: BoxSelect,
    keys: ['Mod+A'],
    whileTyping: false,
    when: anything,
    run: ({ project: { tables } }) =>
      selectOnCanvas(Object.keys(tables.instances), Object.keys(tables.arguments), [
        ...Object.keys(tables.groups),
        ...Object.keys(tables.notes),
      ]),
  },
  {
    id: 'canvas.zoomIn',
    label: 'Zoom in',
    icon: ZoomIn,
    keys: ['Mod+=', 'Mod++'],
    when: onCanvas,
    run: () => void flow()?.zoomIn({ duration: travelTime() }),
  },
  {
    id: 'canvas.zoomOut',
    label: 'Zoom out',
    icon: ZoomOut,
    keys: ['Mod+-'],
    when: onCanvas,
    run: () => void flow()?.zoomOut({ duration: travelTime() }),
  },
  {
    id: 'canvas.zoomActual',
    label: 'Zoom to 100 %',
    keys: ['Mod+0'],
    when: onCanvas,
    run: () => void flow()?.zoomTo(1, { duration: travelTime() }),
  },
  {
    id: 'canvas.fit',
    label: 'Show everything',
    icon: Maximize,
    keys: ['Shift+1'],
    keywords: 'fit view zoom',
    when: onCanvas,
    run: () => void flow()?.fitView({ ...fitOptions, duration: travelTime() }),
  },
  {
    id: 'canvas.fitSelection',
    label: 'Show the selection',
    icon: Crosshair,
    keys: ['Shift+2'],
    keywords: 'fit view zoom',
    when: (context) =>
      context.selection.instances.size + context.selection.annotations.size > 0 ? onCanvas() : 'Nothing is selected.',
    run: ({ selection }) =>
      void flow()?.fitView({
        nodes: [...selection.instances, ...selection.annotations].map((id) => ({ id })),
        padding: 0.4,
        maxZoom: 1.2,
        duration: travelTime(),
      }),
  },
  {
    id: 'canvas.minimap',
    label: 'Map of the canvas',
    icon: Network,
    keywords: 'minimap',
    checked: () => useCanvasView.getState().minimap,
    run: () => useCanvasView.setState(({ minimap }) => ({ minimap: !minimap })),
  },
  { id: 'canvas.selectUpstream', label: 'Select what it needs', when: oneSelected, run: select('up') },
  { id: 'canvas.selectDownstream', label: 'Select what needs it', when: oneSelected, run: select('down') },
  {
    id: 'canvas.rename',
    label: (context) => {
      const annotation = onlyAnnotation(context)
      return annotation === undefined ? 'Rename instance…' : isGroup(annotation) ? 'Rename group' : 'Edit note'
    },
    icon: PencilLine,
    keys: ['F2'],
    when: (context) => onlyAnnotation(context) !== undefined || oneSelected(context),
    run: (context) => {
      const annotation = onlyAnnotation(context)
      if (annotation !== undefined) {
        useCanvasView.setState({ editing: annotation })
        return
      }
      const instance = only(context)
      if (instance !== undefined) openDialog({ kind: 'rename-instance', instance })
    },
  },
  {
    id: 'canvas.replace',
    label: 'Replace by another component…',
    icon: Replace,
    keywords: 'swap exchange new version',
    when: oneSelected,
    run: (context) => {
      const instance = only(context)
      if (instance === undefined) return
      const node = document.querySelector(`[data-testid="node-${CSS.escape(instance)}"]`)?.getBoundingClientRect()
      useCanvasView.setState({
        picker: {
          at: { x: node?.left ?? 300, y: (node?.bottom ?? 120) + 4 },
          place: { x: 0, y: 0 },
          replace: instance,
        },
      })
    },
  },
  {
    id: 'canvas.renameExport',
    label: 'Rename export…',
    icon: PencilLine,
    palette: false,
    when: (context) => exportedBy(context) !== undefined || 'This wire does not lead out of the composition.',
    run: (context) => {
      const name = exportedBy(context)
      if (name !== undefined) openDialog({ kind: 'rename-export', name })
    },
  },
  {
    id: 'canvas.unplug',
    label: 'Take out its wire',
    icon: Unplug,
    palette: false,
    when: (context) => pluggedIn(context) !== undefined || 'Nothing is plugged in here.',
    run: (context) => {
      const wire = pluggedIn(context)
      if (wire !== undefined) removeFromCanvas([], [wire])
    },
  },
  {
    id: 'canvas.copyMermaid',
    label: 'Copy as Mermaid',
    icon: Share2,
    keywords: 'diagram export markdown',
    when: anything,
    run: async ({ project }) => {
      const graph = graphOf(project.tables)
      const model = canvasModel({
        graph,
        library: project.library,
        decoded: useDecoded.getState().byHash,
        problems: [],
      })
      await navigator.clipboard.writeText(mermaidOf(model))
      notify('Copied as Mermaid', { detail: 'Paste it into Markdown between ```mermaid and ```.' })
    },
  },
  {
    id: 'canvas.copyWac',
    label: 'Copy as WAC',
    icon: Share2,
    keywords: 'script text export',
    when: anything,
    run: async ({ project }) => {
      await navigator.clipboard.writeText(scriptText(project.tables))
      notify('Copied as WAC')
    },
  },
  {
    id: 'canvas.exportAll',
    label: 'Export all it offers',
    icon: LogOut,
    when: oneSelected,
    run: (context) => {
      const instance = only(context)
      if (instance === undefined) return
      const before = Object.keys(context.project.tables.exports).length
      edit(`Export ${instance}`, (tables) => {
        const graph = graphOf(tables)
        const hash = graph.packages[graph.instances[instance]?.package ?? '']?.hash
        const names = hash === undefined ? [] : [...(decodedOf(hash)?.type.exports.keys() ?? [])]
        // Names that the composition exports already stay with whom they have.
        return withGraph(
          tables,
          names
            .filter((name) => !Object.hasOwn(graph.exports, name))
            .reduce((next, name) => addExport(next, name, sourceOf({ instance, name })), graph),
        )
      })
      if (Object.keys(context.project.tables.exports).length === before) announce(`Exported what ${instance} offers.`)
    },
  },
  {
    id: 'canvas.openSource',
    label: 'Edit the source',
    icon: Code2,
    palette: false,
    when: (context) => {
      const item = context.project.library.find(
        ({ id }) => id === context.project.tables.instances[only(context) ?? '']?.package,
      )
      return item?.source !== undefined || 'This component has no source in the project.'
    },
    run: () => void runCommand('build.source'),
  },
  {
    id: 'canvas.showInLibrary',
    label: 'Show in the library',
    icon: LocateFixed,
    palette: false,
    when: oneSelected,
    run: (context) => selectLibraryItem(context.project.tables.instances[only(context) ?? '']?.package),
  },
  {
    id: 'canvas.followToSource',
    label: 'Go to where it comes from',
    palette: false,
    run: ({ project, selection }) => {
      const [key] = selection.wires
      const source =
        key === undefined
          ? undefined
          : (project.tables.arguments[key]?.source ?? project.tables.exports[key.replace(/^export /, '')]?.source)
      if (source?.kind === 'instance') revealInstance(source.instance, { side: 'out', name: source.path[0] ?? '' })
    },
  },
  {
    id: 'canvas.followToTarget',
    label: 'Go to where it leads',
    palette: false,
    run: ({ project, selection }) => {
      const wire = Object.values(project.tables.arguments).find(({ instance, name }) =>
        selection.wires.has(argumentKey(instance, name)),
      )
      if (wire) revealInstance(wire.instance, { side: 'in', name: wire.name })
      else notify('It leads out of the composition.')
    },
  },
]
