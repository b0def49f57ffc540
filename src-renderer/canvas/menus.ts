import { readContext } from '../commands/context.ts'
import { commandEntries } from '../commands/entries.tsx'
import { groupColours } from './annotation-commands.ts'

/** What a right click offers, by what it is on. */
const menus = {
  canvas: [
    'canvas.add',
    'components.add',
    'build.new',
    '-',
    'edit.paste',
    'canvas.selectAll',
    '-',
    'canvas.note',
    'canvas.wireAll',
    'canvas.arrange',
    'canvas.fit',
  ],
  group: [
    'canvas.rename',
    ...groupColours,
    'canvas.fitGroup',
    'canvas.collapse',
    '-',
    'edit.cut',
    'edit.copy',
    'edit.duplicate',
    '-',
    'canvas.ungroup',
  ],
  note: ['canvas.rename', '-', 'edit.cut', 'edit.copy', 'edit.duplicate', 'canvas.group', '-', 'edit.delete'],
  node: [
    'canvas.rename',
    'canvas.replace',
    'composition.exports',
    'canvas.exportAll',
    'composition.link',
    '-',
    'edit.cut',
    'edit.copy',
    'edit.duplicate',
    '-',
    'canvas.expand',
    'canvas.collapse',
    'canvas.group',
    'canvas.alignLeft',
    'canvas.alignTop',
    'canvas.distributeX',
    'canvas.distributeY',
    '-',
    'canvas.selectUpstream',
    'canvas.selectDownstream',
    '-',
    'canvas.openSource',
    'canvas.showInLibrary',
    'library.compare',
    '-',
    'edit.deleteAndReconnect',
    'edit.delete',
  ],
  port: ['composition.exportPort', 'composition.exports', '-', 'canvas.exportAll', 'canvas.rename'],
  need: ['composition.importPort', 'canvas.unplug', '-', 'composition.exports', 'canvas.rename'],
  import: ['composition.renameImport', '-', 'composition.deleteImport'],
  wire: ['canvas.renameExport', '-', 'canvas.followToSource', 'canvas.followToTarget', '-', 'edit.delete'],
}

export type MenuKind = keyof typeof menus

let kind: MenuKind = 'canvas'

/** Says what the menu that is about to open is about. */
export function aboutToOpen(menu: MenuKind): void {
  kind = menu
}

/** The entries for what was clicked last. */
export function menuEntries() {
  return commandEntries(menus[kind], readContext())
}
