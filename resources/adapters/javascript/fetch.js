/** `fetch` over wasi:http/outgoing-handler. */
import { handle } from 'wasi:http/outgoing-handler@0.2.12'
import { OutgoingRequest } from 'wasi:http/types@0.2.12'
import { Request, Response } from './http.js'
import { dispose, ready } from './loop.js'
import { needRequest } from './promise.js'
import { entriesOf, fieldsOf } from './serve.js'
import { URL } from './url.js'
import { atEnd, readableOf, reasonOf, writeBody } from './wasi-body.js'

const known = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch']

function describe(code) {
  const reason = reasonOf(code)
  const tag = reason?.tag ?? code?.tag ?? code
  return typeof tag === 'string' ? tag : 'unknown error'
}

async function send(request, redirects) {
  const url = new URL(request.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError(`fetch does not know the scheme "${url.protocol}"`)
  const outgoing = new OutgoingRequest(fieldsOf(request.headers, 'request'))
  const method = request.method.toLowerCase()
  outgoing.setMethod(known.includes(method) ? { tag: method } : { tag: 'other', val: request.method })
  outgoing.setScheme({ tag: url.protocol === 'http:' ? 'HTTP' : 'HTTPS' })
  outgoing.setAuthority(url.host)
  outgoing.setPathWithQuery(url.pathname + url.search)
  const body = outgoing.body()
  const content = request.takeContent()

  let future
  try {
    future = handle(outgoing, null)
  } catch (thrown) {
    dispose(body)
    throw new TypeError(`fetch of ${url.href} failed: ${describe(thrown)}`)
  }
  let open = true
  atEnd(() => {
    if (open) dispose(future)
  })
  const written = writeBody(body, content)
  if (written !== true) written.catch(() => {})
  await ready(future.subscribe())
  const result = reasonOfResult(future.get())
  open = false
  dispose(future)
  if (result.error !== undefined) throw new TypeError(`fetch of ${url.href} failed: ${describe(result.error)}`)

  const incoming = result.value
  atEnd(() => dispose(incoming))
  const fields = incoming.headers()
  const headers = entriesOf(fields)
  dispose(fields)
  const status = incoming.status()
  const location = headers.find(([name]) => name.toLowerCase() === 'location')?.[1]
  if (
    location !== undefined &&
    [301, 302, 303, 307, 308].includes(status) &&
    redirects.follow &&
    !(content && !(content instanceof Uint8Array))
  ) {
    if (redirects.left === 0) throw new TypeError(`fetch of ${url.href} failed: too many redirects`)
    const asGet = status === 303 || (status < 303 && request.method === 'POST')
    const next = new Request(new URL(location, url).href, {
      method: asGet ? 'GET' : request.method,
      headers: request.headers,
      body: asGet ? undefined : (content ?? undefined),
    })
    return send(next, { follow: true, left: redirects.left - 1 })
  }
  const empty = request.method === 'HEAD' || status === 204 || status === 205 || status === 304
  return new Response(empty ? null : readableOf(incoming), { status, headers, url: url.href })
}

/** option<result<result<T, E>>> as `{ value }` or `{ error }`. */
function reasonOfResult(got) {
  const outer = got?.tag === 'ok' || got?.tag === 'err' ? got : { tag: 'ok', val: got }
  if (outer.tag === 'err') return { error: 'the response was taken already' }
  return outer.val?.tag === 'err' ? { error: outer.val.val } : { value: outer.val?.val }
}

globalThis.fetch = async (input, init = {}) => {
  needRequest('fetch')
  const request = new Request(input instanceof URL ? input.href : input, init)
  return send(request, { follow: (init.redirect ?? 'follow') === 'follow', left: 20 })
}
