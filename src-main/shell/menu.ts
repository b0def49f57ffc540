import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { MenuItem } from '../../src-preload/contract.ts'
import { acceleratorOf } from './accelerator.ts'

/**
 * Commands that the system does itself. The clipboard's reach whatever has the focus, a text field or the canvas, as the
 * page's own `cut`, `copy` and `paste` events.
 */
const roles: Readonly<Record<string, MenuItemConstructorOptions['role']>> = {
  'edit.cut': 'cut',
  'edit.copy': 'copy',
  'edit.paste': 'paste',
  'edit.selectAll': 'selectAll',
  'window.minimize': 'minimize',
  'window.close': 'close',
  'window.fullScreen': 'togglefullscreen',
  'window.quit': 'quit',
  'window.reload': 'reload',
  'window.tools': 'toggleDevTools',
}

/** Draws the window's commands as the native menu. The commands run in the window; here they are only named. */
export function setMenu(items: readonly MenuItem[], choose: (command: string) => void): void {
  const template = items.map((item) => itemOf(item, choose))
  if (process.platform === 'darwin') template.unshift({ role: 'appMenu' })
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}

function itemOf(item: MenuItem, choose: (command: string) => void): MenuItemConstructorOptions {
  if (item.separator) return { type: 'separator' }
  const { command } = item
  const options: MenuItemConstructorOptions = { label: item.label, enabled: item.enabled ?? true }
  if (item.items) options.submenu = item.items.map((inner) => itemOf(inner, choose))
  if (item.checked !== undefined) Object.assign(options, { type: 'checkbox', checked: item.checked })
  const accelerator = item.keys === undefined ? undefined : acceleratorOf(item.keys)
  if (accelerator !== undefined) {
    // Shown, not registered: the window listens itself, so that a key means the same in Electron and in the browser.
    // A Mac shows only what is registered.
    Object.assign(options, { accelerator, registerAccelerator: process.platform === 'darwin' })
  }
  const role = command === undefined ? undefined : roles[command]
  if (role) options.role = role
  else if (command !== undefined) options.click = () => choose(command)
  return options
}
