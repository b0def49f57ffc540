import { join } from 'node:path'
import { type BrowserWindow, app } from 'electron'
import { problemOf } from '../../src-engine/error.ts'
import type { Emit, Handlers } from '../../src-preload/contract.ts'
import { type HostHandlers, createServices } from '../services/services.ts'
import { createDialogs } from './dialogs.ts'
import { answerCalls, emitTo } from './ipc.ts'
import { setMenu } from './menu.ts'
import { rememberRecent } from './recent.ts'
import { openExternal } from './security.ts'
import { type MainWindow, flush, openWindow } from './window.ts'

/** The window with the services behind it. */
export interface Workbench {
  /** Opens a project, folder or file in the window and brings it to the front; no path only brings it to the front. */
  open(path: string | undefined): Promise<void>
  /** Ends the services and writes what is remembered. */
  close(): Promise<void>
}

/** Opens window and services side by side: the first frame does not wait for the project. */
export function startWorkbench(userFolder: string, path: string | undefined): Workbench {
  const main = openWindow(join(userFolder, 'window.json'))
  const emit = emitTo(() => (main.window.isDestroyed() ? [] : [main.window.webContents]))
  const host = createHost(main.window, emit)
  const services = createServices({ host, emit, userFolder, ...(path === undefined ? {} : { projectPath: path }) })
  const handlers = services.then((started) => followTheme(rememberRecent(started.handlers), main))
  handlers.catch((thrown: unknown) => {
    console.error(thrown)
    app.exit(1)
  })
  answerCalls(handlers)
  return {
    async open(other) {
      if (main.window.isMinimized()) main.window.restore()
      main.window.focus()
      if (other === undefined) return
      try {
        emit('project.opened', await (await handlers)['project.open']({ path: other }))
      } catch (thrown) {
        emit('workbench.problem', problemOf(thrown))
      }
    },
    async close() {
      await flush()
      await (await services).dispose()
    },
  }
}

function createHost(window: BrowserWindow, emit: Emit): HostHandlers {
  return {
    ...createDialogs(window),
    async 'window.setMenu'({ menu }) {
      setMenu(menu, (command) => emit('window.command', { command }))
      return {}
    },
    async 'window.setTitle'({ title, edited }) {
      window.setTitle(title)
      window.setDocumentEdited(edited)
      return {}
    },
    async 'window.openExternal'({ url }) {
      await openExternal(url)
      return {}
    },
  }
}

/** The native frame, menus and the next start's first frame follow the theme that the settings say. */
function followTheme(handlers: Handlers, main: MainWindow): Handlers {
  return {
    ...handlers,
    async 'settings.read'(input) {
      const settings = await handlers['settings.read'](input)
      main.setTheme(settings.theme)
      return settings
    },
    async 'settings.write'(input) {
      const settings = await handlers['settings.write'](input)
      main.setTheme(settings.theme)
      return settings
    },
  }
}
