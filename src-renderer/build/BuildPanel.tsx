import { FileWarning, Hammer, Play, Plus, Save, Square } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { showKeys } from '../commands/keys.ts'
import { runCommand } from '../commands/registry.ts'
import { CodeEditor } from '../editor/CodeEditor.tsx'
import { languageOfPath } from '../editor/languages/of-path.ts'
import { type ComponentBuild, showSource, useBuild } from '../state/build.ts'
import { useLayout } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { client } from '../state/session.ts'
import { Badge } from '../ui/Badge.tsx'
import { Button, IconButton } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Select } from '../ui/Field.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { formatBytes, formatDuration } from '../ui/format.ts'
import { saveSource } from './actions.ts'
import { BuildOutput } from './BuildOutput.tsx'
import styles from './build.module.css'
import { draftKey, stateOf } from './drafts.ts'
import { problemsOfFile } from './places.ts'
import { isForeign, unsavedPaths, useSources } from './sources.ts'

/** Sources of the project's components beside what building them said. */
export function BuildPanel() {
  const library = useProject((project) => project.library)
  const folder = useProject((project) => project.folder)
  const shown = useBuild((builds) => builds.shown)
  const openFile = useBuild((builds) => builds.openFile)
  const sources = useMemo(
    () => library.filter((item) => item.source !== undefined && item.origin !== 'sample'),
    [library],
  )
  const component = sources.some((item) => item.id === shown) ? shown : sources[0]?.id

  // The editor is heavy: it waits until this tab is looked at for the first time.
  const showing = useLayout((layout) => layout.drawerOpen && layout.drawerTab === 'build')
  const [seen, setSeen] = useState(showing)
  if (showing && !seen) setSeen(true)

  useEffect(() => {
    if (folder !== '') useSources.getState().enter(folder)
  }, [folder])
  useEffect(() => {
    if (component !== undefined && folder !== '') void useSources.getState().open(client(), component, openFile)
    else useSources.getState().close()
  }, [component, openFile, folder])
  useEffect(() => {
    const back = (): void => void useSources.getState().refresh(client())
    window.addEventListener('focus', back)
    return () => window.removeEventListener('focus', back)
  }, [])

  if (component === undefined) {
    return (
      <EmptyState
        icon={<Hammer size={22} />}
        title="Build a component from source"
        actions={
          <Button look="primary" icon={<Plus size={14} />} onClick={() => void runCommand('build.new')}>
            New component…
          </Button>
        }
      >
        A template writes a small source folder into the project; Build makes it a component and puts it on the canvas.
      </EmptyState>
    )
  }
  return (
    <div className={styles.root} data-testid="build-panel">
      <BuildBar component={component} names={sources.map((item) => [item.id, item.name])} />
      <div className={styles.parts}>
        <FileList component={component} />
        {seen && <SourceEditor component={component} />}
        <BuildOutput component={component} />
      </div>
    </div>
  )
}

function BuildBar({
  component,
  names,
}: {
  readonly component: string
  readonly names: readonly (readonly [string, string])[]
}) {
  const build = useBuild(({ builds }) => builds[component])
  const drafts = useSources((state) => state.drafts)
  const path = useSources((state) => state.path)
  const unsaved = unsavedPaths(drafts, component)
  const running = build?.state === 'running'
  return (
    <div className={styles.bar} role="toolbar" aria-label="Build">
      <Select
        className={styles.component}
        aria-label="Component"
        value={component}
        data-testid="build-component"
        onChange={(event) => showSource(event.target.value)}
      >
        {names.map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      <IconButton
        label="Save the file"
        size="small"
        keys={showKeys('Mod+S')}
        disabledReason={path !== undefined && unsaved.has(path) ? undefined : 'Nothing to save'}
        onClick={() => void saveSource()}
      >
        <Save size={14} />
      </IconButton>
      <BuildStateLine build={build} unsaved={unsaved.size} />
      <span className={styles.barEnd}>
        {running ? (
          <Button
            look="danger"
            size="small"
            icon={<Square size={11} />}
            onClick={() => void runCommand('build.cancel')}
            data-testid="build-cancel"
          >
            Cancel
          </Button>
        ) : (
          <Button
            size="small"
            icon={<Hammer size={13} />}
            onClick={() => void runCommand('build.build')}
            aria-label="Build"
            data-testid="build-start"
          >
            <span className={styles.barText}>Build</span>
          </Button>
        )}
        <Button
          look="primary"
          size="small"
          icon={<Play size={12} />}
          disabledReason={running ? 'A build is running' : undefined}
          onClick={() => void runCommand('build.buildAndRun')}
          data-testid="build-and-run"
        >
          Build &amp; Run
        </Button>
      </span>
    </div>
  )
}

function BuildStateLine({ build, unsaved }: { readonly build: ComponentBuild | undefined; readonly unsaved: number }) {
  const note = unsaved > 0 ? `${unsaved} unsaved` : ''
  if (!build) return <span className={styles.state}>{note}</span>
  const { state, progress } = build
  if (state === 'running') {
    return (
      <span className={styles.state} role="status" data-testid="build-state" data-state={state}>
        <Spinner size={11} /> {progress ? `${progress.step}` : 'Building…'}
        {progress && progress.total > 0 && (
          <progress className={styles.progress} value={progress.done} max={progress.total} aria-label={progress.step} />
        )}
      </span>
    )
  }
  return (
    <span className={styles.state} role="status" data-testid="build-state" data-state={state}>
      {state === 'succeeded' && (
        <>
          <Badge tone="ok">built</Badge>
          {build.size !== undefined && formatBytes(build.size)}
          {build.cached ? ' · from the cache' : build.duration !== undefined && ` · ${formatDuration(build.duration)}`}
        </>
      )}
      {state === 'failed' && (
        <Badge tone="danger">{build.problems.length === 1 ? '1 problem' : `${build.problems.length} problems`}</Badge>
      )}
      {state === 'cancelled' && <Badge>cancelled</Badge>}
      {note}
    </span>
  )
}

function FileList({ component }: { readonly component: string }) {
  const files = useSources((state) => state.files)
  const path = useSources((state) => state.path)
  const own = files.filter((file) => !isForeign(file.path))
  const foreign = files.filter((file) => isForeign(file.path))
  return (
    <nav className={styles.files} aria-label="Source files">
      <FileRows component={component} files={own} />
      {foreign.length > 0 && (
        <details className={styles.foreign} open={foreign.some((file) => file.path === path) || undefined}>
          <summary>Interfaces and types · {foreign.length}</summary>
          <FileRows component={component} files={foreign} />
        </details>
      )}
    </nav>
  )
}

function FileRows({
  component,
  files,
}: {
  readonly component: string
  readonly files: ReturnType<typeof useSources.getState>['files']
}) {
  const all = useSources((state) => state.files)
  const path = useSources((state) => state.path)
  const drafts = useSources((state) => state.drafts)
  const problems = useBuild(({ builds }) => builds[component]?.problems)
  const unsaved = unsavedPaths(drafts, component)
  return (
    <ul>
      {files.map((file) => {
        const state = unsaved.get(file.path)
        const wrong = problemsOfFile(problems ?? [], all, file.path).length
        const slash = file.path.lastIndexOf('/') + 1
        return (
          <li key={file.path}>
            <button
              type="button"
              className={styles.file}
              aria-current={file.path === path ? 'true' : undefined}
              title={`${file.path} · ${formatBytes(file.size)}`}
              onClick={() => void useSources.getState().open(client(), component, file.path)}
            >
              <span className={styles.fileName}>
                <span className={styles.fileFolder}>{file.path.slice(0, slash)}</span>
                {file.path.slice(slash)}
              </span>
              {wrong > 0 && <Badge tone="danger">{wrong}</Badge>}
              {state === 'edited' && <span className={styles.dot} role="img" aria-label="unsaved" />}
              {state === 'conflict' && <FileWarning size={12} aria-label="changed on disk" />}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

function SourceEditor({ component }: { readonly component: string }) {
  const { files, path, loading, problem, reveal, edit, settle } = useSources()
  const draft = useSources((state) =>
    state.path === undefined ? undefined : state.drafts[draftKey(component, state.path)],
  )
  const problems = useBuild(({ builds }) => builds[component]?.problems)
  const marked = useMemo(
    () => (path === undefined ? [] : problemsOfFile(problems ?? [], files, path)),
    [problems, files, path],
  )
  const conflict = draft !== undefined && stateOf(draft) === 'conflict'
  return (
    <div className={styles.editor}>
      {problem && (
        <div className={styles.notice}>
          <ProblemNotice problem={problem} />
        </div>
      )}
      {conflict && (
        <div className={styles.notice}>
          <ProblemNotice
            tone="warning"
            problem={{
              code: 'source.conflict',
              message: `${path} was changed on disk while you edited it here.`,
              hint: 'Keep your text to write it over the disk at the next save, or take the text from the disk. Undo brings back what you had.',
            }}
            actions={
              <>
                <Button size="small" onClick={() => settle('mine')}>
                  Keep mine
                </Button>
                <Button size="small" onClick={() => settle('disk')}>
                  Take disk
                </Button>
              </>
            }
          />
        </div>
      )}
      {draft && path !== undefined ? (
        <div className={styles.fill}>
          <CodeEditor
            label={path}
            testId="source-editor"
            path={`${component}/${path}`}
            value={draft.text}
            language={languageOfPath(path)}
            onChange={edit}
            onSave={() => void saveSource()}
            onSubmit={() => void runCommand('build.buildAndRun')}
            problems={marked}
            {...(reveal === undefined ? {} : { reveal })}
          />
        </div>
      ) : (
        loading && (
          <div className={styles.waiting}>
            <Spinner label="Reading the sources" />
          </div>
        )
      )}
      {!loading && !problem && files.length === 0 && (
        <EmptyState title="No source files">The source folder is empty.</EmptyState>
      )}
    </div>
  )
}
