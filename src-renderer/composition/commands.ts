import {
  Code2,
  PackageOpen,
  FileCode2,
  FileImage,
  LogIn,
  LogOut,
  PencilLine,
  ScrollText,
  Target,
  Trash2,
} from 'lucide-react'
import type { Context } from '../commands/context.ts'
import { projectOpen } from '../commands/context.ts'
import type { Command } from '../commands/registry.ts'
import { linkPackage } from '../../src-engine/compose/edit.ts'
import { shortName } from '../../src-engine/types/names.ts'
import { exportSource, removeFromCanvas, removeWorldImport } from '../state/composition.ts'
import { graphOf, importsNode, isWorld, withGraph } from '../state/document.ts'
import { openDialog } from '../state/layout.ts'
import { edit } from '../state/project.ts'
import { exportWire, type PortReference } from '../state/selection.ts'
import { announce } from '../ui/announce.tsx'
import { type DrawingFormat, saveDrawing } from './save-drawing.ts'
import { chooseTarget } from './target.ts'
import { toggleComposition, useCompositionView } from './view.ts'

function anything({ project }: Context): true | string {
  return Object.keys(project.tables.instances).length > 0 || 'Nothing is on the canvas.'
}

/** The instance whose exports are meant: the selected one, or the one of a port that was pointed at. */
function meant({ selection }: Context): string | undefined {
  const [id, ...more] = [...selection.instances].filter((instance) => !isWorld(instance))
  if (id !== undefined && more.length === 0) return id
  return more.length === 0 && selection.port && !isWorld(selection.port.instance) ? selection.port.instance : undefined
}

/** The export of an instance that was pointed at. */
function exportPort({ selection }: Context): PortReference | undefined {
  const { port } = selection
  return port?.side === 'out' && !isWorld(port.instance) ? port : undefined
}

/** The import of an instance that was pointed at. */
function importPort({ selection }: Context): PortReference | undefined {
  const { port } = selection
  return port?.side === 'in' && !isWorld(port.instance) ? port : undefined
}

/** The explicit import of the composition that was pointed at, or that the one selected wire comes from. */
function worldImport({ selection, project }: Context): string | undefined {
  const { port, wires } = selection
  if (port?.instance === importsNode && port.side === 'out') return port.name
  const [wire, ...more] = wires
  const source = more.length === 0 ? project.tables.arguments[wire ?? '']?.source : undefined
  return source?.kind === 'import' ? source.import : undefined
}

/** The package of the instance that is meant, and how it gets into the result. */
function meantPackage(context: Context) {
  const { instances, packages } = context.project.tables
  const id = instances[meant(context) ?? '']?.package
  const entry = packages[id ?? '']
  return id === undefined || entry === undefined ? undefined : { id, name: entry.name, link: entry.link ?? 'embed' }
}

/** The name under which the composition exports it already. */
function exportOf({ project }: Context, { instance, name }: PortReference): string | undefined {
  return Object.entries(project.tables.exports).find(
    ([, { source }]) =>
      source.kind === 'instance' && source.instance === instance && source.path.length === 1 && source.path[0] === name,
  )?.[0]
}

function save(format: DrawingFormat, label: string, icon: Command['icon'], keywords: string): Command {
  return {
    id: `composition.save${format[0]?.toUpperCase()}${format.slice(1)}`,
    label,
    ...(icon ? { icon } : {}),
    keywords,
    when: anything,
    run: () => saveDrawing(format),
  }
}

/** The composition as text, as a world, and as files for people. */
export const compositionCommands: readonly Command[] = [
  {
    id: 'composition.text',
    label: 'Text of the composition',
    icon: Code2,
    keys: ['Mod+Alt+5'],
    keywords: 'wac script source show hide panel',
    when: projectOpen,
    checked: () => useCompositionView.getState().open && useCompositionView.getState().tab === 'text',
    run: () => toggleComposition('text'),
  },
  {
    id: 'composition.world',
    label: 'World of the composition',
    icon: Target,
    keys: ['Mod+Alt+6'],
    keywords: 'imports exports target show hide panel',
    when: projectOpen,
    checked: () => useCompositionView.getState().open && useCompositionView.getState().tab === 'world',
    run: () => toggleComposition('world'),
  },
  {
    id: 'composition.target',
    label: 'Compare with a world…',
    icon: Target,
    keywords: 'target wit fits',
    when: projectOpen,
    run: () => openDialog({ kind: 'target-world' }),
  },
  {
    id: 'composition.noTarget',
    label: 'Compare with no world',
    when: ({ project }) => project.tables.target['world'] !== undefined || 'It is not compared with a world.',
    run: () => chooseTarget(undefined),
  },
  {
    id: 'composition.exportPort',
    label: (context) => {
      const port = exportPort(context)
      if (!port) return 'Export'
      const known = exportOf(context, port)
      return known === undefined ? `Export ${shortName(port.name)}` : `Stop exporting ${shortName(known)}`
    },
    icon: LogOut,
    palette: false,
    when: (context) => exportPort(context) !== undefined || 'Point at an export first.',
    run: (context) => {
      const port = exportPort(context)
      if (!port) return
      const known = exportOf(context, port)
      if (known !== undefined) removeFromCanvas([], [exportWire(known)])
      else exportSource(port.name, { kind: 'instance', instance: port.instance, path: [port.name] })
      announce(known === undefined ? `Exported ${port.name}.` : `${known} is no longer exported.`)
    },
  },
  {
    id: 'composition.exports',
    label: 'Choose exports…',
    icon: LogOut,
    keys: ['Mod+Alt+X'],
    keywords: 'export rename function interface world unexport',
    when: (context) => meant(context) !== undefined || 'Select one instance first.',
    run: (context) => {
      const instance = meant(context)
      if (instance === undefined) return
      const { port } = context.selection
      openDialog({
        kind: 'exports',
        instance,
        ...(port?.instance === instance && port.side === 'out' ? { port: port.name } : {}),
      })
    },
  },
  {
    id: 'composition.importPort',
    label: (context) => {
      const port = importPort(context)
      return port ? `Import ${shortName(port.name)} from the world as…` : 'Import from the world as…'
    },
    icon: LogIn,
    keywords: 'explicit import outside host declare',
    when: (context) => importPort(context) !== undefined || 'Point at an import of an instance first.',
    run: (context) => {
      const port = importPort(context)
      if (port) openDialog({ kind: 'import-port', instance: port.instance, name: port.name })
    },
  },
  {
    id: 'composition.renameImport',
    label: 'Rename import…',
    icon: PencilLine,
    keywords: 'world',
    when: (context) => worldImport(context) !== undefined || 'Point at an import of the world first.',
    run: (context) => {
      const name = worldImport(context)
      if (name !== undefined) openDialog({ kind: 'rename-import', name })
    },
  },
  {
    id: 'composition.deleteImport',
    label: 'Delete import',
    icon: Trash2,
    danger: true,
    keywords: 'world remove',
    when: (context) => worldImport(context) !== undefined || 'Point at an import of the world first.',
    run: (context) => {
      const name = worldImport(context)
      if (name === undefined) return
      removeWorldImport(name)
      announce(`${name} is no longer declared.`)
    },
  },
  {
    id: 'composition.link',
    label: (context) => {
      const found = meantPackage(context)
      if (found?.link === 'import') return `Embed ${found.name}`
      return found ? `Leave ${found.name} to be supplied` : 'Leave the component to be supplied'
    },
    icon: PackageOpen,
    keywords: 'import embed dependency link unlocked',
    when: (context) => meantPackage(context) !== undefined || 'Select one instance first.',
    run: (context) => {
      const found = meantPackage(context)
      if (!found) return
      const link = found.link === 'import' ? 'embed' : 'import'
      const label = link === 'import' ? `Import ${found.name}` : `Embed ${found.name}`
      edit(label, (tables) => withGraph(tables, linkPackage(graphOf(tables), found.id, link)))
      announce(
        link === 'import'
          ? `${found.name} is left to be supplied: the result imports it.`
          : `${found.name} is embedded in the result.`,
      )
    },
  },
  save('svg', 'Save the canvas as SVG…', FileImage, 'export picture image vector'),
  save('png', 'Save the canvas as PNG…', FileImage, 'export picture image'),
  save('mermaid', 'Save the canvas as Mermaid…', FileCode2, 'export diagram markdown'),
  save('wac', 'Save the composition as WAC…', ScrollText, 'export script text'),
]
