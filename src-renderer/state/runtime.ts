import { create } from 'zustand'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import type { LogLine, Problem, RequestRecord, RunSettings, RunStatus } from '../../src-preload/contract.ts'
import { client } from './session.ts'

interface Runtime {
  readonly status: RunStatus
  /** Newest last; a record that changes keeps its place. */
  readonly records: readonly RequestRecord[]
  /** By time, newest last. */
  readonly lines: readonly LogLine[]
  /** A start or stop that this window asked for and that has not been answered yet. */
  readonly pending: 'start' | 'stop' | undefined
  /** The graph that was started last, as it was then. */
  readonly started: CompositionGraph | undefined
  /** The settings it was started with, as text: whether they are others now is all there is to know. */
  readonly startedSettings: string
  /** Its instances. */
  readonly startedInstances: ReadonlySet<string>
  /**
   * Why the last start was refused, with the plan and the text of the settings it was refused for: once the composition or
   * they are others, it no longer counts.
   */
  readonly refused: { readonly problem: Problem; readonly plan: unknown; readonly settings: string } | undefined
}

/** Bounds of what a window keeps; the workbench keeps its own. */
const mostRecords = 2000
const mostLines = 20_000

export const useRuntime = create<Runtime>()(() => ({
  status: { state: 'stopped', handlers: [] },
  records: [],
  lines: [],
  pending: undefined,
  started: undefined,
  startedSettings: '',
  startedInstances: new Set(),
  refused: undefined,
}))

/** Remembers what was started, so that the window can tell when the canvas has moved on. */
export function rememberStarted(graph: CompositionGraph, settings: RunSettings | undefined): void {
  const startedSettings = settingsText(settings)
  useRuntime.setState({ started: graph, startedSettings, startedInstances: new Set(Object.keys(graph.instances)) })
}

/** Equal for settings that say the same. */
export const settingsText = (settings: RunSettings | undefined): string => JSON.stringify(settings ?? {})

/** Reads what the runtime did so far, and again after a lost connection. */
export async function loadRuntime(): Promise<void> {
  const [status, history] = await Promise.all([
    client().call('runtime.status', {}),
    client().call('runtime.history', {}),
  ])
  useRuntime.setState({ status, records: history.records.slice(-mostRecords), lines: history.lines.slice(-mostLines) })
}

export function setRunStatus(status: RunStatus): void {
  useRuntime.setState({ status })
}

/** Takes over new and changed records. */
export function mergeRecords(
  known: readonly RequestRecord[],
  news: readonly RequestRecord[],
): readonly RequestRecord[] {
  if (news.length === 0) return known
  const changed = new Map(news.map((entry) => [entry.id, entry]))
  const merged = known.map((entry) => {
    const update = changed.get(entry.id)
    if (!update) return entry
    changed.delete(entry.id)
    return update
  })
  return [...merged, ...changed.values()].slice(-mostRecords)
}

/** Takes over new lines; a line that came twice (history and event) stays once. */
export function mergeLines(known: readonly LogLine[], news: readonly LogLine[]): readonly LogLine[] {
  const last = known.at(-1)?.sequence ?? -1
  const fresh = news.filter((line) => line.sequence > last)
  return fresh.length === 0 ? known : [...known, ...fresh].slice(-mostLines)
}

export function addRecords(records: readonly RequestRecord[]): void {
  useRuntime.setState((now) => ({ records: mergeRecords(now.records, records) }))
}

export function addLines(lines: readonly LogLine[]): void {
  useRuntime.setState((now) => ({ lines: mergeLines(now.lines, lines) }))
}

/** Empties the console of this window. */
export function clearRecords(): void {
  useRuntime.setState({ records: [], lines: [] })
}
