import { create } from 'zustand'
import type { Settings } from '../../src-preload/contract.ts'
import { client } from './session.ts'

export type Theme = Settings['theme']

interface Preferences extends Settings {
  readonly loaded: boolean
  /** What `system` comes to now. */
  readonly resolvedTheme: 'light' | 'dark'
}

/** Where the theme is remembered for the time before settings arrive; `public/theme.js` reads it. */
const themeKey = 'patchbay-theme'

export const useSettings = create<Preferences>()(() => ({
  theme: 'system',
  welcomeDone: false,
  panels: {},
  loaded: false,
  resolvedTheme:
    typeof document !== 'undefined' && document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light',
}))

/** Reads the settings and follows the system's theme from now on. */
export async function loadSettings(): Promise<void> {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', applyTheme)
  const settings = await client().call('settings.read', {})
  useSettings.setState({ ...settings, loaded: true })
  applyTheme()
}

/** Changes settings here at once and in the workbench for the next time. */
export async function changeSettings(change: Partial<Settings>): Promise<void> {
  useSettings.setState(change)
  if (change.theme !== undefined) applyTheme()
  await client().call('settings.write', change)
}

function applyTheme(): void {
  const { theme } = useSettings.getState()
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
  localStorage.setItem(themeKey, theme)
  useSettings.setState({ resolvedTheme: dark ? 'dark' : 'light' })
}
