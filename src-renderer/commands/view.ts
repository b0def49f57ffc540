import {
  Hammer,
  Info,
  Keyboard,
  Monitor,
  Moon,
  PanelBottom,
  PanelLeft,
  PanelRight,
  Search,
  Send,
  Sun,
  Terminal,
  TriangleAlert,
} from 'lucide-react'
import { type DrawerTab, openDialog, showDrawer, useLayout } from '../state/layout.ts'
import { type Theme, changeSettings } from '../state/settings.ts'
import type { Command } from './registry.ts'

function theme(id: string, label: string, icon: Command['icon'], value: Theme): Command {
  return {
    id,
    label,
    ...(icon ? { icon } : {}),
    keywords: 'colour appearance dark light',
    checked: ({ settings }) => settings.theme === value,
    run: () => changeSettings({ theme: value }),
  }
}

function tab(id: string, label: string, icon: Command['icon'], value: DrawerTab, keys: string): Command {
  return { id, label, ...(icon ? { icon } : {}), keys: [keys], run: () => showDrawer(value) }
}

/** Panels, theme, help. */
export const viewCommands: readonly Command[] = [
  {
    id: 'view.palette',
    label: 'Commands…',
    icon: Search,
    keys: ['Mod+Shift+P', 'F1'],
    palette: false,
    run: () => openDialog({ kind: 'palette' }),
  },
  {
    id: 'view.library',
    label: 'Library',
    icon: PanelLeft,
    keys: ['Mod+Alt+L'],
    keywords: 'show hide panel',
    checked: ({ layout }) => layout.libraryOpen,
    run: ({ layout }) => useLayout.setState({ libraryOpen: !layout.libraryOpen }),
  },
  {
    id: 'view.inspector',
    label: 'Inspector',
    icon: PanelRight,
    keys: ['Mod+Alt+I'],
    keywords: 'show hide panel',
    checked: ({ layout }) => layout.inspectorOpen,
    run: ({ layout }) => useLayout.setState({ inspectorOpen: !layout.inspectorOpen }),
  },
  {
    id: 'view.drawer',
    label: 'Drawer',
    icon: PanelBottom,
    keys: ['Mod+J'],
    keywords: 'show hide panel',
    checked: ({ layout }) => layout.drawerOpen,
    run: ({ layout }) => useLayout.setState({ drawerOpen: !layout.drawerOpen }),
  },
  tab('view.console', 'Show the console', Terminal, 'console', 'Mod+Alt+1'),
  tab('view.playground', 'Show the playground', Send, 'playground', 'Mod+Alt+2'),
  tab('view.problems', 'Show the problems', TriangleAlert, 'problems', 'Mod+Alt+3'),
  tab('view.build', 'Show the build panel', Hammer, 'build', 'Mod+Alt+4'),
  theme('view.themeSystem', 'Theme: like the system', Monitor, 'system'),
  theme('view.themeLight', 'Theme: light', Sun, 'light'),
  theme('view.themeDark', 'Theme: dark', Moon, 'dark'),
  {
    id: 'help.shortcuts',
    label: 'Keyboard shortcuts',
    icon: Keyboard,
    keys: ['Mod+/', '?'],
    run: () => openDialog({ kind: 'shortcuts' }),
  },
  { id: 'help.about', label: 'About Patchbay', icon: Info, run: () => openDialog({ kind: 'about' }) },
  { id: 'window.quit', label: 'Quit', palette: false, run: () => window.close() },
  { id: 'window.reload', label: 'Reload the window', palette: false, run: () => location.reload() },
  {
    id: 'window.tools',
    label: 'Developer tools',
    palette: false,
    when: ({ session }) => session.client?.host === 'electron' || 'Use the tools of the browser.',
    run: () => undefined,
  },
]
