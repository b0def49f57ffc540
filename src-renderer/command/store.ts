import { create } from 'zustand'
import type { CommandEvent } from '../../src-preload/contract.ts'
import { emptyForm, type CommandForm } from './form.ts'

export type CommandOutput = CommandEvent['output'][number]

interface CommandView {
  /** Id of the library item that is run; `canvas` for the composition. */
  readonly chosen: string | undefined
  readonly form: CommandForm
  /** The run under way. */
  readonly run: string | undefined
  /** Asked for and not answered yet. */
  readonly starting: boolean
  /** What the last run wrote, pieces of one source joined. */
  readonly output: readonly CommandOutput[]
  readonly ended: CommandEvent['ended']
}

export const useCommand = create<CommandView>()(() => ({
  chosen: undefined,
  form: emptyForm,
  run: undefined,
  starting: false,
  output: [],
  ended: undefined,
}))

/** Events that came before the answer told which run they are of. */
let early: CommandEvent[] = []

export function beginRun(): void {
  early = []
  useCommand.setState({ starting: true, run: undefined, output: [], ended: undefined })
}

export function adoptRun(run: string): void {
  useCommand.setState({ starting: false, run })
  for (const event of early.splice(0)) addCommandEvent(event)
}

export function addCommandEvent(event: CommandEvent): void {
  const { run, starting, output } = useCommand.getState()
  if (starting) return void early.push(event)
  if (event.run !== run) return
  useCommand.setState({
    output: joined(output, event.output),
    ...(event.ended ? { ended: event.ended, run: undefined } : {}),
  })
}

function joined(known: readonly CommandOutput[], news: readonly CommandOutput[]): readonly CommandOutput[] {
  if (news.length === 0) return known
  const all = [...known]
  for (const piece of news) {
    const last = all.at(-1)
    if (last?.source === piece.source) all[all.length - 1] = { source: piece.source, text: last.text + piece.text }
    else all.push(piece)
  }
  return all
}
