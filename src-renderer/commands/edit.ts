import { ClipboardPaste, Copy, CopyPlus, Redo2, Scissors, Trash2, Undo2 } from 'lucide-react'
import { copySelection, cutSelection, duplicateSelection, pasteText } from '../canvas/clipboard.ts'
import { removeFromCanvas, removeAndReconnect } from '../state/composition.ts'
import { redo, undo } from '../state/project.ts'
import { announce } from '../ui/announce.tsx'
import { type Context, somethingSelected } from './context.ts'
import type { Command } from './registry.ts'

function nodesSelected(context: Context): true | string {
  return context.selection.annotations.size > 0 || instancesSelected(context)
}

function instancesSelected({ selection }: Context): true | string {
  return [...selection.instances].some((id) => id !== '$world') || 'No instance is selected.'
}

/** What editors do. */
export const editCommands: readonly Command[] = [
  {
    id: 'edit.undo',
    label: ({ project }) =>
      project.history.past.length > 0 ? `Undo ${lower(project.history.past.at(-1)?.label)}` : 'Undo',
    icon: Undo2,
    keys: ['Mod+Z'],
    when: ({ project }) => project.history.past.length > 0 || 'Nothing to undo.',
    run: () => announce(`Undone: ${undo() ?? ''}`),
  },
  {
    id: 'edit.redo',
    label: ({ project }) =>
      project.history.future.length > 0 ? `Redo ${lower(project.history.future.at(-1)?.label)}` : 'Redo',
    icon: Redo2,
    keys: ['Mod+Shift+Z', 'Mod+Y'],
    when: ({ project }) => project.history.future.length > 0 || 'Nothing to redo.',
    run: () => announce(`Done again: ${redo() ?? ''}`),
  },
  {
    id: 'edit.cut',
    label: 'Cut',
    icon: Scissors,
    keys: ['Mod+X'],
    when: nodesSelected,
    run: async () => navigator.clipboard.writeText(cutSelection()),
  },
  {
    id: 'edit.copy',
    label: 'Copy',
    icon: Copy,
    keys: ['Mod+C'],
    when: nodesSelected,
    run: async () => navigator.clipboard.writeText(copySelection()),
  },
  {
    id: 'edit.paste',
    label: 'Paste',
    icon: ClipboardPaste,
    keys: ['Mod+V'],
    run: async () => pasteText(await navigator.clipboard.readText()),
  },
  {
    id: 'edit.duplicate',
    label: 'Duplicate',
    icon: CopyPlus,
    keys: ['Mod+D'],
    when: nodesSelected,
    run: duplicateSelection,
  },
  {
    id: 'edit.delete',
    label: 'Delete',
    icon: Trash2,
    keys: ['Delete', 'Backspace'],
    danger: true,
    when: somethingSelected,
    run: ({ selection }) => removeFromCanvas(selection.instances, selection.wires, selection.annotations),
  },
  {
    id: 'edit.deleteAndReconnect',
    label: 'Delete and reconnect around',
    icon: Trash2,
    keys: ['Mod+Delete', 'Mod+Backspace'],
    danger: true,
    when: instancesSelected,
    run: ({ selection }) => removeAndReconnect(selection.instances),
  },
]

function lower(label = ''): string {
  return label.charAt(0).toLowerCase() + label.slice(1)
}
