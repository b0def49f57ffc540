/** Answers before the answer: 102 and 103, the only ones that Node can send. (RFC 2518, RFC 8297) */
import type { ServerResponse } from 'node:http'
import type { ResponseHead } from './message-frames.ts'

/** `notice` hears why one could not be sent; the answer itself is none the worse for it. */
export function sendInformational(
  response: ServerResponse,
  { status, headers }: ResponseHead,
  notice: (text: string) => void,
): void {
  if (status === 102) return response.writeProcessing()
  if (status !== 103) return notice(`the informational status ${status} cannot be sent: only 102 and 103 can`)
  const isLink = ([name]: ResponseHead['headers'][number]): boolean => name.toLowerCase() === 'link'
  const others = headers.filter((header) => !isLink(header))
  const links = headers.filter(isLink).map(([, value]) => value)
  try {
    // Without a link they say nothing.
    if (links.length > 0) response.writeEarlyHints({ ...Object.fromEntries(others), link: links })
  } catch (thrown) {
    notice(`early hints cannot be sent: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
}
