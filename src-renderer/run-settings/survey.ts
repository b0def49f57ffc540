/** What the workbench found, in words beside a field. None of it keeps settings from being saved: it may come yet. */
import type { RunSurvey } from '../../src-preload/contract.ts'

/** What is wrong with a folder now. */
export function folderRemark(survey: RunSurvey | undefined, path: string): string | undefined {
  const state = survey?.folders.find((folder) => folder.path === path.trim())?.state
  if (state === 'missing') return 'There is no such folder now: create it, or choose another'
  return state === 'file' ? 'That is a file: choose the folder it lies in' : undefined
}

/** What is wrong with the name of a handler now. */
export function handlerRemark(survey: RunSurvey | undefined, name: string): string | undefined {
  if (!survey || name.trim() === '' || survey.handlers.includes(name.trim())) return undefined
  const served = survey.handlers.length === 0 ? 'nothing is served yet' : `served are ${survey.handlers.join(', ')}`
  return `No handler is called ${name.trim()} now: ${served}`
}
