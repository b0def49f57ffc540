import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The Electron that setup provided; undefined when there is none. */
export function findElectron(): string | undefined {
  try {
    const home = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
    const path = join(home, 'dist', readFileSync(join(home, 'path.txt'), 'utf8'))
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

/** Whether a window can be shown, and whether a virtual display can be had for it. */
export function canShowWindow(): { readonly possible: boolean; readonly xvfb: boolean } {
  const xvfb = which('Xvfb') !== undefined
  const display = process.platform !== 'linux' || Boolean(process.env.DISPLAY) || Boolean(process.env.WAYLAND_DISPLAY)
  return { possible: xvfb || display, xvfb }
}

/** A Chromium of the system, or the one that Playwright brought; undefined when there is none. */
export function findChromium(): string | undefined {
  const chosen = process.env.PATCHBAY_CHROMIUM
  const own = chromium.executablePath()
  const fixed = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
    own,
  ]
  if (chosen) return chosen
  return (
    which('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge') ??
    fixed.find((path) => existsSync(path))
  )
}

/** As root Chromium's sandbox cannot start; the rest keeps it from speaking to anybody. */
export const chromiumArguments: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

function which(...names: readonly string[]): string | undefined {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(folder, name)
      try {
        accessSync(path, constants.X_OK)
        return path
      } catch {
        // Not here.
      }
    }
  }
  return undefined
}
