/** Text of a source file in the window against the file on disk. Nothing here ever drops what a person typed. */
export interface FileDraft {
  /** What the disk held when it was last read or written. */
  readonly base: string
  /** What stands in the editor. */
  readonly text: string
  /** Set in a conflict: what the disk holds now, while `text` was edited from `base`. */
  readonly disk?: string
}

export type DraftState = 'clean' | 'edited' | 'conflict'

export function stateOf(draft: FileDraft): DraftState {
  if (draft.disk !== undefined) return 'conflict'
  return draft.text === draft.base ? 'clean' : 'edited'
}

/** The draft after the disk was read: a clean one follows it, an edited one stays, and conflicts when both changed. */
export function meetDisk(draft: FileDraft | undefined, disk: string): FileDraft {
  if (!draft || draft.text === disk || stateOf(draft) === 'clean') return { base: disk, text: disk }
  if (disk === draft.base) return { base: draft.base, text: draft.text }
  return { base: draft.base, text: draft.text, disk }
}

export function withText(draft: FileDraft, text: string): FileDraft {
  return draft.disk !== undefined && text === draft.disk ? { base: text, text } : { ...draft, text }
}

/** The draft once `written` is on disk; what was typed meanwhile stays. */
export function afterWrite(draft: FileDraft, written: string): FileDraft {
  return { base: written, text: draft.text }
}

/** Settles a conflict for the text in the editor: the next save writes over the disk. */
export function keepMine(draft: FileDraft): FileDraft {
  return { base: draft.disk ?? draft.base, text: draft.text }
}

/** Settles a conflict for the disk. */
export function takeDisk(draft: FileDraft): FileDraft {
  const disk = draft.disk ?? draft.base
  return { base: disk, text: disk }
}

/** Key of a file among all drafts. */
export function draftKey(component: string, path: string): string {
  return `${component}\n${path}`
}

/** The drafts as text to keep over a reload: only what is not on disk. */
export function storeDrafts(drafts: Readonly<Record<string, FileDraft>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(drafts).filter(([, draft]) => stateOf(draft) !== 'clean')))
}

/** Reads {@link storeDrafts}; anything that is not that gives no drafts. */
export function restoreDrafts(stored: string | null): Record<string, FileDraft> {
  let value: unknown
  try {
    value = JSON.parse(stored ?? '{}')
  } catch {
    return {}
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const drafts: Record<string, FileDraft> = {}
  for (const [key, entry] of Object.entries(value)) {
    if (typeof entry !== 'object' || entry === null) continue
    const { base, text } = entry
    if (typeof base === 'string' && typeof text === 'string') drafts[key] = { base, text }
  }
  return drafts
}
