import { useBuild } from '../state/build.ts'
import { useLayout } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { useRecent } from '../state/recent.ts'
import { useRuntime } from '../state/runtime.ts'
import { useSelection } from '../state/selection.ts'
import { client } from '../state/session.ts'
import { useSettings } from '../state/settings.ts'
import { readContext } from './context.ts'
import { menuTree, nativeMenu } from './menu.ts'

/** Keeps the native menu as the commands are now. In a browser the page has its own menu bar instead. */
export function startNativeMenu(): void {
  if (client().host !== 'electron') return
  let shown = ''
  let waiting = false
  const update = (): void => {
    waiting = false
    const context = readContext()
    const menu = menuTree({ electron: true, recent: useRecent.getState().folders }).map(({ label, nodes }) => ({
      label,
      items: nativeMenu(nodes, context),
    }))
    const text = JSON.stringify(menu)
    if (text === shown) return
    shown = text
    client()
      .call('window.setMenu', { menu })
      .catch((thrown: unknown) => console.error('the menu could not be set', thrown))
  }
  const soon = (): void => {
    if (waiting) return
    waiting = true
    setTimeout(update, 50)
  }
  for (const store of [useProject, useSelection, useRuntime, useLayout, useSettings, useBuild, useRecent])
    store.subscribe(soon)
  update()
}
