import { create } from 'zustand'
import type { FileKind } from '../../src-preload/contract.ts'
import { client } from '../state/session.ts'

/** What the picker inside the window is asked for; a browser has no dialog that gives paths of the workbench's machine. */
export interface Question {
  /** `component` takes several files, `wit` one. */
  readonly mode: FileKind | 'folder' | 'save'
  readonly title: string
  /** Suggested file name, for `save`. */
  readonly name: string
  /** With the chosen paths; empty when cancelled. */
  readonly answer: (paths: readonly string[]) => void
}

export const useQuestion = create<{ readonly question: Question | undefined }>()(() => ({ question: undefined }))

/** Ends the question with these paths. */
export function answerQuestion(paths: readonly string[]): void {
  const { question } = useQuestion.getState()
  useQuestion.setState({ question: undefined })
  question?.answer(paths)
}

function ask(mode: Question['mode'], title: string, name = ''): Promise<readonly string[]> {
  return new Promise((resolve) => useQuestion.setState({ question: { mode, title, name, answer: resolve } }))
}

/** Paths of components to add: the native dialog, else the picker. Empty when cancelled. */
export function askComponents(): Promise<readonly string[]> {
  return askFiles('Add components', 'component')
}

/** A file with WIT; undefined when cancelled. */
export async function askWit(title: string): Promise<string | undefined> {
  return (await askFiles(title, 'wit'))[0]
}

async function askFiles(title: string, kind: FileKind): Promise<readonly string[]> {
  const native = await client().call('dialogs.openFiles', { title, kind })
  return native.available ? native.paths : ask(kind, title)
}

/** A folder; undefined when cancelled. */
export async function askFolder(title: string): Promise<string | undefined> {
  const native = await client().call('dialogs.openFolder', { title })
  return (native.available ? native.paths : await ask('folder', title))[0]
}

/** Where to write a file; undefined when cancelled. */
export async function askSave(title: string, name: string): Promise<string | undefined> {
  const native = await client().call('dialogs.saveFile', { title, name })
  return (native.available ? native.paths : await ask('save', title, name))[0]
}
