import { type Change, type Delta, invert } from '../../src-engine/compose/delta.ts'

/** What was done and can be taken back, and what was taken back and can be done again. Newest last. */
export interface History {
  readonly past: readonly Delta[]
  readonly future: readonly Delta[]
  /** Names the gesture that the newest entry is part of, while it may go on: steps of a nudge are one entry. */
  readonly open?: string | undefined
}

export const emptyHistory: History = { past: [], future: [] }

/** Gestures kept. */
const most = 500

/**
 * After a gesture: it can be taken back, and what was taken back before is gone. A gesture that changed nothing is none.
 * One that goes on (`open` is what the entry before was recorded with) becomes part of that entry.
 */
export function record(history: History, delta: Delta, open?: string): History {
  if (delta.changes.length === 0) return history
  const last = history.past.at(-1)
  if (open !== undefined && open === history.open && last)
    return { past: [...history.past.slice(0, -1), joined(last, delta)], future: [], open }
  return { past: [...history.past, delta].slice(-most), future: [], open }
}

/** Two deltas, one after the other, as one. */
function joined(first: Delta, second: Delta): Delta {
  const changes = new Map<string, Change>()
  for (const change of [...first.changes, ...second.changes]) {
    const key = `${change.table} ${change.key}`
    const known = changes.get(key)
    changes.set(key, known ? { ...change, before: known.before } : change)
  }
  return { label: first.label, changes: [...changes.values()] }
}

/** The delta to apply to take back the last gesture, and the history after it. */
export function stepBack(history: History): { readonly delta: Delta; readonly history: History } | undefined {
  const last = history.past.at(-1)
  if (!last) return undefined
  return { delta: invert(last), history: { past: history.past.slice(0, -1), future: [...history.future, last] } }
}

/** The delta to apply to do the last taken-back gesture again, and the history after it. */
export function stepForward(history: History): { readonly delta: Delta; readonly history: History } | undefined {
  const next = history.future.at(-1)
  if (!next) return undefined
  return { delta: next, history: { past: [...history.past, next], future: history.future.slice(0, -1) } }
}
