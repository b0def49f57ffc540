import { CircleStop, Terminal } from 'lucide-react'
import { fail } from '../../src-engine/error.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import type { Context } from '../commands/context.ts'
import type { Command } from '../commands/registry.ts'
import { graphOf, mutable } from '../state/document.ts'
import { showDrawer } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { client } from '../state/session.ts'
import { inputOf } from './form.ts'
import { adoptRun, beginRun, useCommand } from './store.ts'

/** Something that can be run: a component of the library, or what is on the canvas. */
export interface Runnable {
  readonly id: string
  readonly name: string
}

export const canvasId = 'canvas'

const runs = (item: LibraryItem): boolean => item.status === 'ready' && item.summary?.runnable.command === true

/** Components that export wasi:cli/run, the composition first when it does. */
export function runnables(library: readonly LibraryItem[], exports: readonly string[]): Runnable[] {
  const found = library.filter(runs).map(({ id, name }) => ({ id, name }))
  return exports.some((name) => /^wasi:cli\/run(@|$)/.test(name))
    ? [{ id: canvasId, name: 'The composition on the canvas' }, ...found]
    : found
}

function chosenNow({ project, selection }: Context): Runnable | undefined {
  const all = runnables(project.library, canvasExports())
  const { chosen } = useCommand.getState()
  const selected = all.find(({ id }) => id === selection.libraryItem)
  return all.find(({ id }) => id === chosen) ?? selected ?? all[0]
}

const canvasExports = (): string[] => Object.keys(useProject.getState().tables.exports)

/** Running components that are commands. */
export const commandCommands: readonly Command[] = [
  {
    id: 'command.open',
    label: 'Run as a command…',
    icon: Terminal,
    keywords: 'exec cli arguments stdin exit code wasi:cli/run',
    when: ({ project, selection }) => {
      const item = project.library.find(({ id }) => id === selection.libraryItem)
      if (item && !runs(item)) return `${item.name} does not export wasi:cli/run.`
      return runnables(project.library, canvasExports()).length > 0 || 'No component here exports wasi:cli/run.'
    },
    run: (context) => {
      const selected = runnables(context.project.library, []).find(({ id }) => id === context.selection.libraryItem)
      if (selected) useCommand.setState({ chosen: selected.id })
      showDrawer('command')
    },
  },
  {
    id: 'command.start',
    label: (context) => `Run ${chosenNow(context)?.name ?? 'the command'} with these arguments`,
    icon: Terminal,
    palette: false,
    when: (context) => {
      const { run, starting } = useCommand.getState()
      if (run !== undefined || starting) return 'It is running.'
      return chosenNow(context) !== undefined || 'No component here exports wasi:cli/run.'
    },
    run: start,
  },
  {
    id: 'command.stop',
    label: 'Stop the command',
    icon: CircleStop,
    when: () => useCommand.getState().run !== undefined || 'No command is running.',
    run: async () => {
      const { run } = useCommand.getState()
      if (run !== undefined) await client().call('command.stop', { run })
    },
  },
]

async function start(context: Context): Promise<void> {
  const target = chosenNow(context)
  const { input, errors } = inputOf(useCommand.getState().form)
  const [wrong] = Object.values(errors)
  if (wrong !== undefined) throw fail('usage.field', 'The command cannot be started like this', { hint: wrong })
  const item = context.project.library.find(({ id }) => id === target?.id)
  const isCanvas = target?.id === canvasId
  if (!target || (!isCanvas && item?.hash === undefined))
    throw fail('usage.no-command', 'No component here exports wasi:cli/run', { hint: 'Open one, or build one.' })
  beginRun()
  try {
    const { run } = await client().call('command.start', {
      source: isCanvas ? { graph: mutable(graphOf(useProject.getState().tables)) } : { hash: item?.hash ?? '' },
      name: isCanvas ? 'composition' : target.name,
      ...input,
    })
    adoptRun(run)
  } catch (thrown) {
    useCommand.setState({ starting: false })
    throw thrown
  }
}
