/** A request that came in, as one to send again. */
import type { RequestRecord } from '../../src-preload/contract.ts'
import { type RequestDraft, emptyDraft, row } from '../playground/request.ts'
import { formatBytes } from '../ui/format.ts'

/** Said anew with every request: of the connection, of the body, and what tells requests apart. */
const ownOfEach =
  /^(host|connection|keep-alive|content-length|transfer-encoding|expect|x-request-id|traceparent|tracestate)$/i

/** The draft, and what of the request it lacks. `origin`: where it came in, `http://127.0.0.1:PORT/`. */
export function draftOf(
  { method, target, requestHeaders = [], requestBytes }: RequestRecord,
  origin: string,
): { readonly draft: RequestDraft; readonly notes: readonly string[] } {
  const headers = requestHeaders.flatMap((name, at) =>
    at % 2 === 0 && !ownOfEach.test(name) ? [row(name, requestHeaders[at + 1])] : [],
  )
  return {
    draft: { ...emptyDraft(addressIn(origin, target)), method, headers },
    notes: requestBytes > 0 ? [`The body of ${formatBytes(requestBytes)} was not kept: add it before you send.`] : [],
  }
}

/** The address that was asked for: the target as it came, nothing of it resolved. */
export const addressIn = (origin: string, target: string): string =>
  target.startsWith('/') ? `${origin.replace(/\/$/, '')}${target}` : target
