import { useEffect } from 'react'
import { Toaster } from 'sonner'
import { CommandPalette } from './commands/CommandPalette.tsx'
import { Shortcuts } from './commands/Shortcuts.tsx'
import { About } from './frame/About.tsx'
import { ConnectionBanner } from './frame/ConnectionBanner.tsx'
import { FileDrop } from './library/FileDrop.tsx'
import { FilePicker } from './library/FilePicker.tsx'
import { NameDialogs } from './composition/NameDialogs.tsx'
import { LibraryDialogs } from './library/LibraryDialogs.tsx'
import { StatusBar } from './frame/StatusBar.tsx'
import { TitleBar } from './frame/TitleBar.tsx'
import { Workspace } from './frame/Workspace.tsx'
import { panels } from './panels.tsx'
import { useProject } from './state/project.ts'
import { useSettings } from './state/settings.ts'
import { useSession } from './state/session.ts'
import styles from './App.module.css'
import { Announcer } from './ui/announce.tsx'
import { TooltipProvider } from './ui/Tooltip.tsx'

/** The window: bars around the workspace, and what lies on top of everything. */
export function App() {
  const theme = useSettings((settings) => settings.resolvedTheme)
  useWindowTitle()
  return (
    <TooltipProvider>
      <div className={styles.app}>
        <TitleBar />
        <ConnectionBanner />
        <Workspace />
        <StatusBar />
      </div>
      <FileDrop />
      <CommandPalette />
      <Shortcuts />
      <About />
      <Announcer />
      <FilePicker />
      <LibraryDialogs />
      <NameDialogs />
      {panels.dialogs.map((PanelDialog, index) => (
        // The table of panels never changes while the window lives.
        <PanelDialog key={index} />
      ))}
      <Toaster
        theme={theme}
        position="bottom-right"
        offset={{ bottom: '2.25rem', right: '0.75rem' }}
        closeButton
        toastOptions={{ className: styles.toast ?? '' }}
      />
    </TooltipProvider>
  )
}

/** Keeps the title of the window with the project's name and whether it has unsaved changes. */
function useWindowTitle(): void {
  const name = useProject((project) => project.name)
  const edited = useProject((project) => project.dirty)
  const client = useSession((session) => session.client)
  useEffect(() => {
    const title = name ? `${name} — Patchbay` : 'Patchbay'
    document.title = edited ? `● ${title}` : title
    // A window without a workbench keeps its title; nothing else depends on it.
    client?.call('window.setTitle', { title, edited }).catch(() => undefined)
  }, [name, edited, client])
}
