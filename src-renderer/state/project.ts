import { create } from 'zustand'
import { type Delta, applyDelta, deltaBetween } from '../../src-engine/compose/delta.ts'
import { problemOf } from '../../src-engine/error.ts'
import type {
  LibraryItem,
  Problem,
  ProjectDocument,
  ProjectRun,
  ProjectState,
  RunSettings,
} from '../../src-preload/contract.ts'
import { type Tables, documentOf, emptyTables, refreshHashes, tablesOf } from './document.ts'
import { type History, emptyHistory, record, stepBack, stepForward } from './history.ts'
import { clearSelection, pruneSelection } from './selection.ts'
import { client } from './session.ts'
import { showProblem } from '../ui/notify.tsx'

type Viewport = ProjectDocument['view']['viewport']

interface Project {
  readonly status: 'loading' | 'ready' | 'failed'
  /** Why there is no project. */
  readonly problem: Problem | undefined
  /** Absolute path of the project folder. */
  readonly folder: string
  readonly name: string
  /** What the window does not edit, as it was read. */
  readonly base: ProjectDocument | undefined
  readonly tables: Tables
  /** {@link tables} as they are in the project file. */
  readonly saved: Tables
  readonly history: History
  readonly viewport: Viewport
  /** Counts opened projects, so that views know when everything is new. */
  readonly generation: number
  readonly readOnly: Problem | undefined
  readonly recovered: boolean
  readonly dirty: boolean
  readonly saving: boolean
  readonly library: readonly LibraryItem[]
  /** Keys among the run settings of the file that Patchbay does not know: kept, and of no effect. */
  readonly unknownRun: readonly string[]
}

/** The open project: one graph is the truth, everything on the canvas derives from it. */
export const useProject = create<Project>()(() => ({
  status: 'loading',
  problem: undefined,
  folder: '',
  name: '',
  base: undefined,
  tables: emptyTables,
  saved: emptyTables,
  history: emptyHistory,
  viewport: undefined,
  generation: 0,
  readOnly: undefined,
  recovered: false,
  dirty: false,
  saving: false,
  library: [],
  unknownRun: [],
}))

/** Replaces everything by a project that was just opened. */
export function adoptProject(state: ProjectState): void {
  clearSelection()
  const tables = tablesOf(state.document)
  useProject.setState(({ generation }) => ({
    status: 'ready',
    problem: undefined,
    folder: state.folder,
    name: state.document.name,
    base: state.document,
    tables,
    // Recovered work has no counterpart on disk that we know: it counts as changed until it is saved.
    saved: state.dirty ? emptyTables : tables,
    history: emptyHistory,
    viewport: state.document.view.viewport,
    generation: generation + 1,
    readOnly: state.readOnly,
    recovered: state.recovered,
    dirty: state.dirty,
    saving: false,
    library: state.library,
    unknownRun: [],
  }))
}

export async function loadProject(): Promise<void> {
  try {
    const { notices, ...state } = await client().call('project.current', {})
    adoptProject(state)
    for (const notice of notices) showProblem(notice)
  } catch (thrown) {
    useProject.setState({ status: 'failed', problem: problemOf(thrown) })
  }
}

/** The library as the workbench knows it now; hashes of rebuilt files go into the graph without an entry in the history. */
export function adoptLibrary(library: readonly LibraryItem[]): void {
  const { tables, saved, base, folder } = useProject.getState()
  const hashes = new Map(library.flatMap((item) => (item.hash === undefined ? [] : [[item.id, item.hash] as const])))
  useProject.setState({
    library,
    tables: refreshHashes(tables, hashes),
    saved: refreshHashes(saved, hashes),
    base: base && { ...base, components: componentsOf(base.components, library, folder) },
  })
}

/** The project's table of components, following the library: files come, go and get sources there. */
function componentsOf(
  known: ProjectDocument['components'],
  library: readonly LibraryItem[],
  folder: string,
): ProjectDocument['components'] {
  const components: ProjectDocument['components'] = {}
  for (const item of library) {
    if (item.origin !== 'project') continue
    const source = item.source === undefined ? undefined : relativePath(folder, item.source)
    const entry = { ...known[item.id], path: known[item.id]?.path ?? relativePath(folder, item.path) }
    components[item.id] = source === undefined ? entry : { ...entry, source }
  }
  return components
}

/** `path` seen from `folder`, with `/` as separator. Both are absolute. */
export function relativePath(folder: string, path: string): string {
  const split = (text: string): string[] => text.replaceAll('\\', '/').split('/').filter(Boolean)
  const from = split(folder)
  const to = split(path)
  let common = 0
  while (common < from.length && common < to.length && from[common] === to[common]) common++
  return [...from.slice(common).map(() => '..'), ...to.slice(common)].join('/')
}

/**
 * One gesture: `recipe` gives the tables after it. Recorded as one entry of the history under `label` (imperative, for
 * the undo menu). Edits in a row with the same `open` are one entry. Returns false when nothing changed, or the project
 * cannot be edited.
 */
export function edit(label: string, recipe: (tables: Tables) => Tables, open?: string): boolean {
  const { tables, history, saved, status } = useProject.getState()
  if (status !== 'ready') return false
  const delta = deltaBetween(label, tables, recipe(tables))
  if (delta.changes.length === 0) return false
  adopt(applyDelta(tables, delta), record(history, delta, open), saved)
  return true
}

/** Takes back the last gesture; returns its label. */
export function undo(): string | undefined {
  return step(stepBack)
}

/** Does the last taken-back gesture again; returns its label. */
export function redo(): string | undefined {
  return step(stepForward)
}

function step(move: (history: History) => { delta: Delta; history: History } | undefined): string | undefined {
  const { tables, history, saved, library } = useProject.getState()
  const stepped = move(history)
  if (!stepped) return undefined
  // A package that comes back may have been rebuilt meanwhile.
  const hashes = new Map(library.flatMap((item) => (item.hash === undefined ? [] : [[item.id, item.hash] as const])))
  adopt(refreshHashes(applyDelta(tables, stepped.delta), hashes), stepped.history, saved)
  return stepped.delta.label
}

function adopt(tables: Tables, history: History, saved: Tables): void {
  useProject.setState({ tables, history, dirty: deltaBetween('', saved, tables).changes.length > 0 })
  pruneSelection(tables)
}

export function setViewport(viewport: Viewport): void {
  useProject.setState({ viewport })
}

/** The project as it would be saved now. */
export function currentDocument(): ProjectDocument | undefined {
  const { base, tables, viewport } = useProject.getState()
  return base && documentOf(base, tables, viewport)
}

/** How the project is run, as somebody wrote it into the file. */
export function adoptRun({ folder, run, unknown }: ProjectRun): void {
  useProject.setState((now) => {
    if (!now.base || now.folder !== folder) return {}
    const { run: _, ...base } = now.base
    return { base: run ? { ...base, run } : base, unknownRun: unknown }
  })
}

/** How the project is run, from the next run on. Saved with everything else at once; what cannot be saved changes nothing. */
export async function changeRunSettings(run: RunSettings): Promise<void> {
  await saveProject(run)
}

/** Writes the project file, with other run settings if there are any. Throws what the workbench throws. */
export async function saveProject(run?: RunSettings): Promise<{ path: string } | undefined> {
  const current = currentDocument()
  const { tables, base, folder } = useProject.getState()
  if (!current) return undefined
  const document = run ? { ...current, run } : current
  useProject.setState({ saving: true })
  try {
    const answer = await client().call('project.save', { document, folder })
    // Edits made while it was being written stay unsaved; what was read meanwhile stays, too.
    useProject.setState((now) => ({
      saved: tables,
      recovered: false,
      base: now.base === base ? document : now.base && run ? { ...now.base, run } : now.base,
      dirty: deltaBetween('', tables, now.tables).changes.length > 0,
    }))
    return answer
  } finally {
    useProject.setState({ saving: false })
  }
}
