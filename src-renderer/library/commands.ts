import { Copy, FolderOpen, GitCompare, PencilLine, Plus, Scissors, Trash2 } from 'lucide-react'
import { placeInView } from '../canvas/flow.ts'
import type { Context } from '../commands/context.ts'
import { projectOpen } from '../commands/context.ts'
import type { Command } from '../commands/registry.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { openDialog, showInspector } from '../state/layout.ts'
import { client } from '../state/session.ts'
import { notify } from '../ui/notify.tsx'
import { askComponents } from './ask.ts'
import { takeItems } from './FileDrop.tsx'
import { putOnCanvas } from './place-item.ts'

function selectedItem({ project, selection }: Context): LibraryItem | undefined {
  return project.library.find((item) => item.id === selection.libraryItem)
}

/** The selected item, or what the one selected instance is made of. */
function comparedItem(context: Context): LibraryItem | undefined {
  const { project, selection } = context
  const [id, ...more] = [...selection.instances].filter((instance) => Object.hasOwn(project.tables.instances, instance))
  const packageId = id === undefined || more.length > 0 ? undefined : project.tables.instances[id]?.package
  const item = selectedItem(context) ?? project.library.find((candidate) => candidate.id === packageId)
  return item?.status === 'ready' ? item : undefined
}

function ownItem(context: Context): true | string {
  const item = selectedItem(context)
  if (!item) return 'Select a component in the library first.'
  return item.origin === 'project' || `${item.name} is not part of the project yet; add it to the canvas first.`
}

/** Components and files. */
export const libraryCommands: readonly Command[] = [
  {
    id: 'components.add',
    label: 'Open .wasm files…',
    icon: FolderOpen,
    keys: ['Mod+Shift+O'],
    keywords: 'add import component library',
    when: projectOpen,
    run: async () => {
      const paths = await askComponents()
      if (paths.length > 0) takeItems((await client().call('components.add', { paths: [...paths] })).items)
    },
  },
  {
    id: 'library.add',
    label: 'Add to the canvas',
    icon: Plus,
    palette: false,
    when: (context) => {
      const item = selectedItem(context)
      return item?.status === 'ready' || item?.problem?.message || 'It is not built yet.'
    },
    run: async (context) => {
      const item = selectedItem(context)
      if (item) await putOnCanvas(item, placeInView(context.project.tables.positions))
    },
  },
  {
    id: 'library.rename',
    label: 'Rename…',
    icon: PencilLine,
    palette: false,
    when: ownItem,
    run: ({ selection }) => {
      if (selection.libraryItem !== undefined) openDialog({ kind: 'rename-project-item', id: selection.libraryItem })
    },
  },
  {
    id: 'library.compare',
    label: 'Compare with another component…',
    icon: GitCompare,
    keywords: 'diff change report breaking version wit',
    when: (context) =>
      comparedItem(context) !== undefined || 'Select a component first, in the library or on the canvas.',
    run: (context) => {
      const item = comparedItem(context)
      if (item) openDialog({ kind: 'compare', id: item.id })
    },
  },
  {
    id: 'library.strip',
    label: 'Size and strip…',
    icon: Scissors,
    palette: false,
    when: (context) => selectedItem(context)?.status === 'ready' || 'There is nothing to measure.',
    run: () => showInspector('size'),
  },
  {
    id: 'library.copyPath',
    label: 'Copy the path of the file',
    icon: Copy,
    palette: false,
    when: (context) => selectedItem(context) !== undefined || 'Select a component in the library first.',
    run: async (context) => {
      const path = selectedItem(context)?.path ?? ''
      await navigator.clipboard.writeText(path)
      notify('Path copied', { detail: path })
    },
  },
  {
    id: 'library.remove',
    label: 'Remove from the project…',
    icon: Trash2,
    palette: false,
    danger: true,
    when: ownItem,
    run: ({ selection }) => {
      if (selection.libraryItem !== undefined) openDialog({ kind: 'remove-item', id: selection.libraryItem })
    },
  },
]
