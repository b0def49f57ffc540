import { formatDuration } from '../../src-preload/amounts.ts'
import type { LogLine, RequestRecord } from '../../src-preload/contract.ts'
import type { VerbOutput } from './verb.ts'

/** A finished request: a line for people, or, with `json`, an object of its own on stdout. */
export function tellRecord(output: VerbOutput, record: RequestRecord, json: boolean): void {
  const { method, target, status, duration, id, handler, problem } = record
  if (json) return output.object({ event: 'request', ...record })
  const failed = problem ? ` · ${problem.code}` : ''
  output.note(
    `[${whoseOf(handler, id)}] ${method} ${target} ${status ?? '-'} ${formatDuration(duration ?? 0)}${failed}`,
  )
}

/** A line that a guest wrote, or the host about it. */
export function tellLine(output: VerbOutput, line: LogLine, json: boolean): void {
  const { handler, request, source, text } = line
  if (json) return output.object({ event: 'line', ...line })
  output.note(`[${whoseOf(handler, request)}] ${source}: ${text}`)
}

const whoseOf = (handler: string, id: string | undefined): string =>
  handler === '' ? (id ?? '') : id === undefined ? handler : `${handler} ${id}`
