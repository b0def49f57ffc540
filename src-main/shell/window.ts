import { join } from 'node:path'
import { BrowserWindow, app, dialog, nativeTheme, screen } from 'electron'
import { applicationRoot } from '../entries.ts'
import { type Place, readPlace, smallest, usual, visibleBounds, writePlace } from './place.ts'
import { startUrl } from './protocol.ts'
import { developmentUrl } from './security.ts'

export interface MainWindow {
  readonly window: BrowserWindow
  /** Applies and remembers the colour theme. */
  setTheme(theme: Place['theme']): void
}

/** Opens the window where it was last; shown when its first frame is drawn, so that nothing flashes. */
export function openWindow(stateFile: string): MainWindow {
  let place = readPlace(stateFile)
  nativeTheme.themeSource = place.theme
  const bounds = visibleBounds(
    place.bounds,
    screen.getAllDisplays().map((display) => display.workArea),
  )
  const window = new BrowserWindow({
    ...(bounds ?? usual),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Patchbay',
    backgroundColor: background(),
    icon: join(applicationRoot, 'resources', 'icons', 'icon.png'),
    webPreferences: {
      preload: join(applicationRoot, 'out', 'preload', 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  if (place.maximized) window.maximize()
  if (place.fullScreen) window.setFullScreen(true)
  window.once('ready-to-show', () => window.show())

  let saving: NodeJS.Timeout | undefined
  const save = (): Promise<void> =>
    writePlace(stateFile, place).catch((thrown: unknown) => console.error(`${stateFile}:`, thrown))
  const remember = (): void => {
    if (window.isDestroyed() || window.isMinimized()) return
    place = {
      ...place,
      bounds: window.getNormalBounds(),
      maximized: window.isMaximized(),
      fullScreen: window.isFullScreen(),
    }
    clearTimeout(saving)
    saving = setTimeout(() => void save(), 300)
  }
  for (const event of ['resize', 'move', 'maximize', 'unmaximize', 'enter-full-screen', 'leave-full-screen'] as const) {
    // The overloads of `on` take one name at a time; the listener is the same for all.
    window.on(event as 'resize', remember)
  }
  window.on('close', () => {
    remember()
    clearTimeout(saving)
  })
  // Quitting waits for this: see `flush`.
  pending.set(window, save)

  recoverFromCrash(window)
  void window.loadURL(developmentUrl ?? startUrl)
  return {
    window,
    setTheme(theme) {
      nativeTheme.themeSource = theme
      window.setBackgroundColor(background())
      if (theme === place.theme) return
      place = { ...place, theme }
      remember()
    },
  }
}

const pending = new Map<BrowserWindow, () => Promise<void>>()

/** Writes what is remembered, at the end of the process. */
export async function flush(): Promise<void> {
  await Promise.all([...pending.values()].map((save) => save()))
}

function background(): string {
  return nativeTheme.shouldUseDarkColors ? '#16181d' : '#f6f7f9'
}

/** A page that died or hangs is told, and can be loaded again: the project is kept by the workbench, not by the page. */
function recoverFromCrash(window: BrowserWindow): void {
  let asking = false
  async function ask(message: string, detail: string): Promise<void> {
    if (asking || window.isDestroyed()) return
    asking = true
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      message,
      detail,
      buttons: ['Reload the window', 'Quit'],
      defaultId: 0,
      cancelId: 0,
    })
    asking = false
    if (response === 1) app.quit()
    else if (!window.isDestroyed()) window.reload()
  }
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    void ask('The window stopped working.', `Your work is kept. (${reason})`)
  })
  window.on('unresponsive', () => {
    void ask('The window does not respond.', 'Your work is kept. Reload it, or close this message to reload.')
  })
}
