/** What the guest's side of a request was like, as spans of its record. */
import { formatDuration, formatMemory } from '../../src-preload/amounts.ts'
import type { RequestRecord } from '../../src-preload/contract.ts'
import type { Outcome } from './frames.ts'

/** `offset`: when the guest began, milliseconds from the request's arrival. */
export function addSpans(spans: RequestRecord['spans'], outcome: Outcome, offset: number): void {
  const { instantiate, guest, memory, waited, calls } = outcome
  spans.push({ name: 'queue', start: 0, duration: offset })
  spans.push({ name: 'instantiate', start: offset, duration: instantiate })
  let detail = memoryText(memory)
  if (waited > 0) detail += `, ${formatDuration(waited)} of it waiting`
  for (const name in calls) detail += `, ${name} × ${calls[name]}`
  spans.push({ name: 'guest', start: offset + instantiate, duration: guest, detail })
  const parent = spans.length - 1
  for (const span of outcome.spans) spans.push({ ...span, start: span.start + offset, parent })
}

let last = { bytes: -1, text: '' }

/** The text for the instance before mostly fits the next one too. */
function memoryText(bytes: number): string {
  if (last.bytes !== bytes) last = { bytes, text: formatMemory(bytes) }
  return last.text
}
