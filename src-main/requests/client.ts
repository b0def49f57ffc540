import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as httpRequest } from '../node-http.ts'
import { request as httpsRequest } from 'node:https'
import { fail, type PatchbayError } from '../../src-engine/error.ts'
import { formatBytes } from '../../src-preload/amounts.ts'
import type { IncomingResponse, OutgoingRequest } from '../../src-preload/contract.ts'

/** Bytes of a response body that are kept. */
export const bodyLimit = 16 * 1024 * 1024

/** Longer than handlers have by default: what comes is then their own answer, which says why, and not the end of patience here. */
const defaultTimeout = 300_000
/** Milliseconds between two parts of a response that is told while it comes; a quick one is told as a whole only. */
const pace = 100
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Sends one request exactly as it is written: any method, headers in order and as often as given, no redirect followed, no
 * body unpacked. Every request uses a connection of its own, so that the times are comparable. Throws `request.*`; an
 * aborted `signal` throws `request.cancelled`. Once there were headers nothing is thrown: what came is answered, with the
 * problem in it. `onPart` hears of a response that takes its time while it comes, each with what was added to the body.
 */
export async function sendRequest(
  outgoing: OutgoingRequest,
  signal?: AbortSignal,
  onPart?: (part: IncomingResponse) => void,
): Promise<IncomingResponse> {
  const url = checkUrl(outgoing.url)
  const headers = checkHeaders(outgoing, url)
  if (!token.test(outgoing.method)) {
    throw fail('request.method', `"${outgoing.method}" is no HTTP method`, { hint: 'Write a word such as GET or POST' })
  }
  const timeout = outgoing.timeout ?? defaultTimeout
  return new Promise((resolve, reject) => {
    const began = performance.now()
    let settled = false
    const target = targetOf(outgoing.url)
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
      agent: false,
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: target,
      method: outgoing.method,
      headers,
      setDefaultHeaders: false,
      insecureHTTPParser: false,
    })
    /** What came so far, once there are headers. */
    let cut: ((problem: PatchbayError) => IncomingResponse) | undefined
    let partTimer: NodeJS.Timeout | undefined
    const settle = (finish: () => void): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      clearTimeout(partTimer)
      signal?.removeEventListener('abort', cancel)
      finish()
      request.destroy()
    }
    const refuse = (error: PatchbayError): void => settle(() => (cut ? resolve(cut(error)) : reject(error)))
    const cancel = (): void => refuse(fail('request.cancelled', 'The request was cancelled'))
    const timer = setTimeout(() => refuse(timeoutError(url, timeout)), timeout)
    request.on('error', (error) => refuse(connectionError(error, url)))
    if (signal?.aborted) return cancel()
    signal?.addEventListener('abort', cancel)

    // Without a listener Node would treat these as ordinary answers or drop the connection silently.
    request.on('upgrade', (message, socket) => {
      socket.destroy()
      settle(() =>
        resolve(
          responseOf(message, [], 0, { headersAt: performance.now() - began, duration: performance.now() - began }),
        ),
      )
    })
    request.on('connect', (message, socket) => {
      socket.destroy()
      settle(() =>
        resolve(
          responseOf(message, [], 0, { headersAt: performance.now() - began, duration: performance.now() - began }),
        ),
      )
    })
    request.on('response', (message) => {
      const headersAt = performance.now() - began
      const chunks: Buffer[] = []
      let total = 0
      let kept = 0
      let told = 0
      const soFar = (from = 0): IncomingResponse => ({
        ...responseOf(message, chunks.slice(from), total, { headersAt, duration: performance.now() - began }),
        truncated: total > kept,
      })
      const tell = (): void => {
        partTimer = undefined
        onPart?.(soFar(told))
        told = chunks.length
      }
      cut = ({ problem }) => ({ ...soFar(), problem })
      if (onPart) partTimer = setTimeout(tell, pace)
      message.on('data', (chunk: Buffer) => {
        total += chunk.length
        if (onPart) partTimer ??= setTimeout(tell, pace)
        if (kept >= bodyLimit) return
        const part = kept + chunk.length > bodyLimit ? chunk.subarray(0, bodyLimit - kept) : chunk
        chunks.push(part)
        kept += part.length
      })
      message.on('end', () => settle(() => resolve(soFar())))
      message.on('error', (error) => refuse(brokenOff(error, total)))
    })
    write(request, outgoing)
  })
}

function write(request: ClientRequest, outgoing: OutgoingRequest): void {
  if (outgoing.body && outgoing.body.length > 0) request.end(outgoing.body)
  else request.end()
}

function checkUrl(text: string): URL {
  if (!URL.canParse(text)) {
    throw fail('request.url', `"${text}" is no URL`, { hint: 'Write it in full, such as http://127.0.0.1:3000/path' })
  }
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw fail('request.url', `${url.protocol}// is not supported`, { hint: 'Use http:// or https://' })
  }
  return url
}

/** Path and query as typed: a URL object would resolve `..` and encode, and hide what a handler does with them. */
function targetOf(text: string): string {
  const match = /^[a-z]+:\/\/[^/?#]*([^#]*)/i.exec(text.trim())
  const target = match?.[1] ?? ''
  const slashed = target.startsWith('/') ? target : `/${target}`
  // Only what a request line cannot carry at all is encoded.
  return slashed.replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character))
}

function checkHeaders(outgoing: OutgoingRequest, url: URL): string[] {
  const flat: string[] = []
  const names = new Set<string>()
  for (const [name, value] of outgoing.headers) {
    if (!token.test(name)) {
      throw fail('request.header', `"${name}" is no header name`, { hint: 'Use letters, digits and - only' })
    }
    // Text beyond latin1 has no place in a header; Node would refuse it with a message about something else.
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw fail('request.header', `The value of ${name} has characters that no header can carry`, {
        hint: 'Encode it, or send it in the body',
      })
    }
    names.add(name.toLowerCase())
    flat.push(name, value)
  }
  if (!names.has('host')) flat.unshift('Host', url.host)
  const length = outgoing.body?.length ?? 0
  const expectsBody = length > 0 || /^(POST|PUT|PATCH)$/.test(outgoing.method)
  if (expectsBody && !names.has('content-length') && !names.has('transfer-encoding'))
    flat.push('Content-Length', String(length))
  if (!names.has('connection')) flat.push('Connection', 'close')
  return flat
}

function responseOf(
  message: IncomingMessage,
  chunks: readonly Buffer[],
  total: number,
  times: { readonly headersAt: number; readonly duration: number },
): IncomingResponse {
  const headers: [string, string][] = []
  let headerBytes = `HTTP/1.1 ${message.statusCode} ${message.statusMessage}\r\n\r\n`.length
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    const name = message.rawHeaders[at] ?? ''
    const value = message.rawHeaders[at + 1] ?? ''
    headers.push([name, value])
    headerBytes += name.length + value.length + 4
  }
  const body = new Uint8Array(Buffer.concat(chunks))
  const requestId = headers.find(([name]) => name.toLowerCase() === 'x-request-id')?.[1]
  return {
    status: message.statusCode ?? 0,
    statusText: message.statusMessage ?? '',
    headers,
    body,
    truncated: total > body.length,
    timeToHeaders: times.headersAt,
    duration: times.duration,
    headerBytes,
    bodyBytes: total,
    ...(requestId === undefined ? {} : { requestId }),
  }
}

const placeOf = (url: URL): string =>
  `${url.hostname}:${url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port}`

const timeoutError = (url: URL, timeout: number): PatchbayError =>
  fail('request.timeout', `${placeOf(url)} did not answer completely within ${timeout / 1000} s`, {
    hint: 'Raise the time limit of the request, or look in the console for what the handler is doing',
  })

function brokenOff(error: Error, total: number): PatchbayError {
  return fail('request.incomplete', `The answer broke off after ${formatBytes(total)}`, {
    hint: 'The handler failed after its headers were sent; the console tells why',
    cause: error,
  })
}

function connectionError(error: Error, url: URL): PatchbayError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const place = placeOf(url)
  switch (code) {
    case 'ECONNREFUSED':
      return fail('request.connection-refused', `Nothing listens at ${place}`, {
        hint: 'Run the composition first, or check the port',
        cause: error,
      })
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail('request.unknown-host', `The host ${url.hostname} is not known`, {
        hint: 'Check its spelling and your network',
        cause: error,
      })
    case 'ECONNRESET':
    case 'EPIPE':
      return fail('request.connection-reset', `${place} closed the connection without an answer`, {
        hint: 'The console may tell why',
        cause: error,
      })
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return fail('request.unreachable', `${place} cannot be reached`, { hint: 'Check your network', cause: error })
    default:
      if (code.startsWith('HPE_')) {
        return fail('request.not-http', `${place} answered with something that is not HTTP: ${error.message}`, {
          hint: 'Check the port and whether it speaks https',
          cause: error,
        })
      }
      return fail('request.failed', `The request to ${place} failed: ${error.message}`, { cause: error })
  }
}
