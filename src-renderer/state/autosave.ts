import { deltaBetween } from '../../src-engine/compose/delta.ts'
import { problemOf } from '../../src-engine/error.ts'
import { currentDocument, useProject } from './project.ts'
import { client } from './session.ts'

/** Milliseconds of calm before the workbench is told of edits. */
const calm = 300

/**
 * Tells the workbench of every edit shortly after it, and at once when the window goes away, so that its journal can
 * restore unsaved work. `onProblem` hears why the journal could not be written; edits stay in the window.
 */
export function startAutosave(onProblem: (problem: ReturnType<typeof problemOf>) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined

  function send(): void {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    const document = currentDocument()
    if (document)
      client()
        .call('project.update', { document, folder: useProject.getState().folder })
        .catch((thrown: unknown) => onProblem(problemOf(thrown)))
  }

  const stop = useProject.subscribe((now, before) => {
    if (now.generation !== before.generation) {
      clearTimeout(timer)
      timer = undefined
    } else if (now.tables !== before.tables && deltaBetween('', before.tables, now.tables).changes.length > 0) {
      clearTimeout(timer)
      timer = setTimeout(send, calm)
    }
  })
  const leaving = (): void => {
    if (document.visibilityState === 'hidden') send()
  }
  document.addEventListener('visibilitychange', leaving)
  window.addEventListener('pagehide', send)
  return () => {
    stop()
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', leaving)
    window.removeEventListener('pagehide', send)
  }
}
