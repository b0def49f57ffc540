/**
 * Every edit of a document is a list of changes that know both sides, so it can be undone, redone and sent.
 * A document is a record of tables, a table a record of rows (see {@link CompositionGraph}); other values stay out of deltas.
 */

/** One row before and after: no `before` = added, no `after` = removed. */
export interface Change {
  readonly table: string
  readonly key: string
  readonly before?: unknown
  readonly after?: unknown
}

/** One gesture of the user. */
export interface Delta {
  /** For the undo menu, in the imperative: `Connect handler`. */
  readonly label: string
  readonly changes: readonly Change[]
}

/** The delta that takes back `delta`. */
export function invert(delta: Delta): Delta {
  const changes = delta.changes.map(({ table, key, before, after }): Change => ({
    table,
    key,
    before: after,
    after: before,
  }))
  return { label: delta.label, changes: changes.reverse() }
}

type Tables = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Applies a delta to a record of tables and returns a new record; untouched tables are the same objects. */
export function applyDelta<Document extends Tables>(document: Document, delta: Delta): Document {
  const next: Record<string, Record<string, unknown>> = {}
  for (const change of delta.changes) {
    const rows = (next[change.table] ??= { ...document[change.table] })
    if (change.after === undefined) delete rows[change.key]
    else rows[change.key] = change.after
  }
  return { ...document, ...next }
}

/** The smallest delta that turns one document into another; rows are compared by identity, then by JSON. */
export function deltaBetween(label: string, from: Tables, to: Tables): Delta {
  const changes: Change[] = []
  for (const table of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const before = from[table] ?? {}
    const after = to[table] ?? {}
    if (before === after) continue
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (before[key] === after[key] || JSON.stringify(before[key]) === JSON.stringify(after[key])) continue
      changes.push({ table, key, before: before[key], after: after[key] })
    }
  }
  return { label, changes }
}
