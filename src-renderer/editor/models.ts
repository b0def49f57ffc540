import type { editor } from 'monaco-editor/editor'
import { difference } from './difference.ts'
import { monaco } from './monaco.ts'

interface Kept {
  readonly model: editor.ITextModel
  view: editor.ICodeEditorViewState | null
  /** Editors that show it now. */
  users: number
}

const kept = new Map<string, Kept>()
/** Texts that nobody shows are forgotten beyond this many, oldest first. */
const most = 60

/** The model of a named text: made at the first call, kept with undo history and scroll place. */
export function modelFor(path: string, language: string, text: string): Kept {
  const found = kept.get(path)
  // Order of the map = order of use.
  kept.delete(path)
  const entry = found ?? {
    model: monaco.editor.createModel(
      text,
      language,
      monaco.Uri.from({ scheme: 'patchbay', path: `/${path.replaceAll('\n', '/')}` }),
    ),
    view: null,
    users: 0,
  }
  kept.set(path, entry)
  if (entry.model.getLanguageId() !== language) monaco.editor.setModelLanguage(entry.model, language)
  for (const [name, other] of kept) {
    if (kept.size <= most) break
    if (other.users > 0 || other === entry) continue
    kept.delete(name)
    other.model.dispose()
  }
  return entry
}

/** Replaces what differs as one step that undo takes back, so that caret and folds elsewhere stay; nothing when it is the same. */
export function replaceText(model: editor.ITextModel, text: string): void {
  const before = model.getValue()
  if (before === text) return
  const { start, end, insert } = difference(before, text)
  const from = model.getPositionAt(start)
  const to = model.getPositionAt(end)
  const range = {
    startLineNumber: from.lineNumber,
    startColumn: from.column,
    endLineNumber: to.lineNumber,
    endColumn: to.column,
  }
  model.pushStackElement()
  model.pushEditOperations([], [{ range, text: insert }], () => null)
  model.pushStackElement()
}
