import type { MenuItem } from '../../src-preload/contract.ts'
import type { Context } from './context.ts'
import { blockedBy, findCommand, labelOf } from './registry.ts'

/** A command id, `-` for a line, or a menu inside the menu. */
export type MenuNode = string | { readonly label: string; readonly nodes: readonly MenuNode[] }

export interface MenuRoots {
  readonly electron: boolean
  readonly recent: readonly { readonly path: string; readonly name: string }[]
}

/** The menus of the window; the native ones and those in the page are this same tree. */
export function menuTree({
  electron,
  recent,
}: MenuRoots): readonly { readonly label: string; readonly nodes: readonly MenuNode[] }[] {
  return [
    {
      label: 'File',
      nodes: [
        'file.new',
        'file.open',
        { label: 'Open recent', nodes: recent.map(({ path }) => `file.openRecent|${path}`) },
        'file.openSample',
        '-',
        'components.add',
        'build.new',
        '-',
        'file.save',
        'file.saveAs',
        '-',
        'composition.save',
        'composition.toLibrary',
        {
          label: 'Save the canvas as',
          nodes: ['composition.saveSvg', 'composition.savePng', 'composition.saveMermaid', 'composition.saveWac'],
        },
        ...(electron ? ['-', 'window.quit'] : []),
      ],
    },
    {
      label: 'Edit',
      nodes: [
        'edit.undo',
        'edit.redo',
        '-',
        'edit.cut',
        'edit.copy',
        'edit.paste',
        'edit.duplicate',
        'edit.delete',
        'edit.deleteAndReconnect',
        '-',
        'canvas.selectAll',
        'canvas.find',
        '-',
        'canvas.group',
        'canvas.ungroup',
        'canvas.note',
        {
          label: 'Align',
          nodes: [
            'canvas.alignLeft',
            'canvas.alignCentre',
            'canvas.alignRight',
            '-',
            'canvas.alignTop',
            'canvas.alignMiddle',
            'canvas.alignBottom',
            '-',
            'canvas.distributeX',
            'canvas.distributeY',
          ],
        },
      ],
    },
    {
      label: 'View',
      nodes: [
        'view.palette',
        '-',
        'view.library',
        'view.inspector',
        'view.drawer',
        'view.console',
        'view.playground',
        'view.problems',
        'view.build',
        '-',
        'canvas.zoomIn',
        'canvas.zoomOut',
        'canvas.fit',
        'canvas.fitSelection',
        'canvas.list',
        'composition.text',
        'composition.world',
        'canvas.snapToGrid',
        'canvas.snapToNodes',
        '-',
        { label: 'Theme', nodes: ['view.themeSystem', 'view.themeLight', 'view.themeDark'] },
      ],
    },
    {
      label: 'Composition',
      nodes: [
        'run.start',
        'run.restart',
        'run.stop',
        'run.settings',
        'console.allowDenied',
        'run.probe',
        'command.open',
        { label: 'Save the requests', nodes: ['console.exportHar', 'console.exportOtel'] },
        '-',
        'canvas.wireAll',
        'canvas.arrange',
        'canvas.expand',
        'canvas.collapse',
        '-',
        'composition.exports',
        'composition.target',
        '-',
        'build.build',
        'build.buildAndRun',
        'build.cancel',
      ],
    },
    {
      label: 'Help',
      nodes: ['help.shortcuts', 'help.about', ...(electron ? ['-', 'window.reload', 'window.tools'] : [])],
    },
  ]
}

/** The tree in the contract's shape, for the native menu. Unknown commands, empty menus and doubled lines are left out. */
export function nativeMenu(nodes: readonly MenuNode[], context: Context): MenuItem[] {
  const items: MenuItem[] = []
  for (const node of nodes) {
    if (node === '-') {
      if (items.length > 0 && !items.at(-1)?.separator) items.push({ label: '', separator: true })
    } else if (typeof node === 'string') {
      const entry = nodeEntry(node, context)
      if (entry) items.push({ ...entry, command: node })
    } else {
      const inner = nativeMenu(node.nodes, context)
      if (inner.length > 0) items.push({ label: node.label, items: inner })
    }
  }
  while (items.at(-1)?.separator) items.pop()
  return items
}

/** What a menu shows for a node with a command; undefined when nobody registered it. */
export function nodeEntry(
  node: string,
  context: Context,
):
  | { readonly label: string; readonly keys?: string; readonly enabled: boolean; readonly checked?: boolean }
  | undefined {
  const bar = node.indexOf('|')
  const command = findCommand(bar < 0 ? node : node.slice(0, bar))
  if (!command) return undefined
  const keys = command.keys?.[0]
  const checked = command.checked?.(context)
  return {
    label: bar < 0 ? labelOf(command, context) : node.slice(bar + 1),
    enabled: blockedBy(command, context) === undefined,
    ...(keys === undefined ? {} : { keys }),
    ...(checked === undefined ? {} : { checked }),
  }
}
