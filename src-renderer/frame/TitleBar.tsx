import { ChevronDown, Hammer, Play, Redo2, RotateCw, Search, Square, Undo2 } from 'lucide-react'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { CommandButton } from '../commands/CommandButton.tsx'
import { MenuBar } from '../commands/MenuBar.tsx'
import { commandEntries } from '../commands/entries.tsx'
import { showKeys } from '../commands/keys.ts'
import { useContextNow } from '../commands/context.ts'
import { runCommand } from '../commands/registry.ts'
import { openDialog } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { graphOf, sameGraph } from '../state/document.ts'
import { runGraph } from '../state/run-target.ts'
import { settingsText, useRuntime } from '../state/runtime.ts'
import { useSession } from '../state/session.ts'
import { useEffect, useState } from 'react'
import { Badge } from '../ui/Badge.tsx'
import { Button } from '../ui/Button.tsx'
import { Logo } from '../ui/Logo.tsx'
import { Menu } from '../ui/Menu.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import styles from './TitleBar.module.css'

/** Project, undo, palette, Build and the one Run button. */
export function TitleBar() {
  const browser = useSession((session) => session.client?.host === 'browser')
  return (
    <header className={styles.bar}>
      <div className={styles.start}>
        <h1 className={styles.logo}>
          <Logo size={20} />
        </h1>
        {browser && <MenuBar />}
        <ProjectMenu />
      </div>
      <div className={styles.end}>
        <div className={styles.group}>
          <CommandButton command="edit.undo">
            <Undo2 size={15} />
          </CommandButton>
          <CommandButton command="edit.redo">
            <Redo2 size={15} />
          </CommandButton>
        </div>
        <Button
          className={styles.palette}
          size="normal"
          icon={<Search size={13} />}
          onClick={() => openDialog({ kind: 'palette' })}
        >
          <span className={styles.paletteText}>Commands</span>
          <kbd className={styles.paletteKeys}>{showKeys('Mod+Shift+P')}</kbd>
        </Button>
        <BuildButton />
        <RunButtons />
      </div>
    </header>
  )
}

function ProjectMenu() {
  const name = useProject((project) => project.name)
  const dirty = useProject((project) => project.dirty)
  const readOnly = useProject((project) => project.readOnly)
  const context = useContextNow()
  if (!name) return null
  return (
    <div className={styles.project}>
      <Menu
        trigger={
          <Button
            look="plain"
            data-testid="project-menu"
            aria-label={`Project ${name}${dirty ? ', unsaved changes' : ''}`}
          >
            <span className={styles.projectName}>{name}</span>
            {dirty && <span className={styles.dirty} data-testid="dirty" title="Unsaved changes" />}
            <ChevronDown size={13} aria-hidden />
          </Button>
        }
        entries={commandEntries(
          ['file.save', 'file.saveAs', '-', 'file.new', 'file.open', 'file.openSample', '-', 'file.revealProject'],
          context,
        )}
      />
      {readOnly && (
        <Badge tone="warning" title={readOnly.message}>
          read only
        </Badge>
      )}
    </div>
  )
}

function BuildButton() {
  const context = useContextNow()
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={<Hammer size={14} />} data-testid="build-button">
          <span className={styles.wideOnly}>Build</span>
          <ChevronDown size={13} aria-hidden />
        </Button>
      }
      entries={commandEntries(
        [
          'build.new',
          '-',
          'build.build',
          'build.buildAndRun',
          'build.cancel',
          'build.source',
          '-',
          'composition.save',
          'composition.toLibrary',
        ],
        context,
      )}
    />
  )
}

/** Milliseconds in which a second click is most likely one too many. */
const doubleClick = 600

/** Requests are finishing: says so, and ends them when asked to. */
function StopNow() {
  const [ready, setReady] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setReady(true), doubleClick)
    return () => clearTimeout(timer)
  }, [])
  return (
    <Button
      className={styles.run}
      look={ready ? 'danger' : 'secondary'}
      icon={<Spinner />}
      disabled={!ready}
      title={ready ? 'Requests under way are finishing: end them at once' : undefined}
      onClick={() => void runCommand('run.stop')}
      data-testid="run-button"
      data-state="draining"
    >
      {ready ? 'Stop now' : 'Stopping…'}
    </Button>
  )
}

function RunButtons() {
  const { status, pending, started, startedSettings } = useRuntime()
  const settings = useProject((project) => settingsText(project.base?.run))
  const tables = useProject((project) => project.tables)
  const ready = useProject((project) => project.status === 'ready')
  if (pending === 'start' || status.state === 'starting')
    return (
      <Button
        className={styles.run}
        onClick={() => void runCommand('run.stop')}
        icon={<Spinner />}
        data-testid="run-button"
        data-state="starting"
      >
        Starting…
      </Button>
    )
  if (status.state === 'draining') return <StopNow />
  if (pending === 'stop')
    return (
      <Button className={styles.run} icon={<Spinner />} disabled data-testid="run-button" data-state="draining">
        Stopping…
      </Button>
    )
  if (status.state === 'running') {
    const isOther = (graph: CompositionGraph): boolean =>
      startedSettings !== settings || !sameGraph(graph, runGraph(graphOf(tables)).graph)
    const stale = started !== undefined && isOther(started)
    return (
      <div className={styles.group}>
        <CommandButton command="run.restart" look={stale ? 'primary' : 'secondary'}>
          <RotateCw size={14} />
        </CommandButton>
        <Button
          className={styles.run}
          look="danger"
          icon={<Square size={11} fill="currentColor" />}
          onClick={() => void runCommand('run.stop')}
          data-testid="run-button"
          data-state="running"
        >
          Stop
        </Button>
      </div>
    )
  }
  return (
    <Button
      className={styles.run}
      look="primary"
      icon={<Play size={12} fill="currentColor" />}
      onClick={() => void runCommand('run.start')}
      disabled={!ready}
      data-testid="run-button"
      data-state={status.state}
    >
      Run
    </Button>
  )
}
