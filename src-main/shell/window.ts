import { readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BrowserWindow, type Rectangle, app, dialog, nativeTheme, screen } from 'electron'
import { z } from 'zod'
import { applicationRoot } from '../entries.ts'
import { startUrl } from './protocol.ts'
import { developmentUrl } from './security.ts'

export const smallest = { width: 900, height: 600 }
const usual = { width: 1440, height: 900 }

/** What is remembered of the window from one start to the next. */
const placeSchema = z.object({
  bounds: z
    .object({
      x: z.number().int(),
      y: z.number().int(),
      width: z.number().int().positive(),
      height: z.number().int().positive(),
    })
    .optional(),
  maximized: z.boolean().default(false),
  fullScreen: z.boolean().default(false),
  /** Kept beside the settings because it is needed before they are read: the first frame has the right background. */
  theme: z.enum(['system', 'light', 'dark']).default('system'),
})
export type Place = z.infer<typeof placeSchema>

/** The remembered place; a file that is missing or broken is no place. */
export function readPlace(file: string): Place {
  try {
    return placeSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return placeSchema.parse({})
  }
}

async function writePlace(file: string, place: Place): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.part`, JSON.stringify(place))
  await rename(`${file}.part`, file)
}

/** Bounds that can be seen and grabbed on one of the displays; undefined for the usual size in the middle. */
export function visibleBounds(bounds: Rectangle | undefined, displays: readonly Rectangle[]): Rectangle | undefined {
  if (!bounds) return undefined
  const width = Math.max(bounds.width, smallest.width)
  const height = Math.max(bounds.height, smallest.height)
  const seen = displays.some(
    (display) =>
      Math.min(bounds.x + width, display.x + display.width) - Math.max(bounds.x, display.x) >= 100 &&
      bounds.y >= display.y &&
      bounds.y <= display.y + display.height - 50,
  )
  return seen ? { x: bounds.x, y: bounds.y, width, height } : undefined
}

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
