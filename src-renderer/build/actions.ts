import { fail } from '../../src-engine/error.ts'
import { mergeItems } from '../library/place-item.ts'
import { runCommand } from '../commands/registry.ts'
import { graphOf, withGraph } from '../state/document.ts'
import { edit, undo, useProject } from '../state/project.ts'
import { useRuntime } from '../state/runtime.ts'
import { servingBuilt } from './run-built.ts'
import { usePlayground } from '../playground/store.ts'
import { revealInstance } from '../state/selection.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { showSource } from '../state/build.ts'
import { ensureInstanceOf } from '../state/composition.ts'
import { showDrawer } from '../state/layout.ts'
import { client } from '../state/session.ts'
import { notify } from '../ui/notify.tsx'
import { showPlace } from './BuildOutput.tsx'
import { useSources } from './sources.ts'

/**
 * Writes what is unsaved, builds the component and puts it on the canvas when it has no instance there yet.
 * Returns whether it was built. Throws `source.unsaved` when a file could not be written.
 */
export async function buildComponent(component: string): Promise<boolean> {
  showSource(component)
  showDrawer('build')
  if (!(await useSources.getState().saveAll(client(), component))) {
    throw fail('source.unsaved', `The sources of ${component} are not all saved, so nothing was built.`, {
      hint: 'Settle what the editor says about the file, then build again.',
    })
  }
  const { item, problems } = await client().call('build.start', { component })
  const placed = problems.find((problem) => problem.where?.line !== undefined)
  if (placed) await showPlace(component, placed)
  if (!item || problems.length > 0) return false
  mergeItems([item])
  if (item.status === 'ready' && item.summary?.kind === 'component') show(item)
  return true
}

/**
 * Builds the component and runs the composition. When the component takes no part in what is exported, its handler is
 * exported instead, as a step of its own that undo takes back.
 */
export async function buildAndRun(component: string): Promise<void> {
  if (!(await buildComponent(component))) return
  const item = useProject.getState().library.find((one) => one.id === component)
  const exports = item?.summary?.world.exports.map(({ name }) => name) ?? []
  const changed = edit(`Export ${component}`, (tables) =>
    withGraph(tables, servingBuilt(graphOf(tables), component, exports)),
  )
  if (changed) {
    notify(`The composition now exports ${component}`, {
      detail: 'Nothing exported made use of it, so its handler is what answers.',
      action: { label: 'Undo', run: () => void undo() },
    })
  }
  const started = await runCommand(useRuntime.getState().status.state === 'running' ? 'run.restart' : 'run.start')
  if (started) await askForAnswer()
}

/** Sends the request of the playground when that changes nothing anywhere, so that the new answer is there to be seen. */
async function askForAnswer(): Promise<void> {
  const { url } = useRuntime.getState().status
  if (url === undefined) return
  const { follow, send } = usePlayground.getState()
  follow(url)
  const { method, url: address } = usePlayground.getState().draft
  if (['GET', 'HEAD', 'OPTIONS'].includes(method) && address.startsWith(url)) await send(client())
}

/** Puts the component on the canvas when it has no instance there yet. */
function show(item: LibraryItem): void {
  const before = useProject.getState().tables.instances
  const instance = ensureInstanceOf(item)
  if (!Object.hasOwn(before, instance)) revealInstance(instance)
}

/** Writes the file that the Build tab shows. */
export async function saveSource(): Promise<void> {
  const { path, save } = useSources.getState()
  if (await save(client())) notify(`Saved ${path ?? ''}`)
}
