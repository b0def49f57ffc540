/** A `fetch(request)` function as the export of wasi:http/incoming-handler. */
import { Fields, OutgoingResponse, ResponseOutparam } from 'wasi:http/types@0.2.12'
import { inspect, writeEarly } from './console.js'
import { Request, Response } from './http.js'
import { dispose, forgetWaiting, runUntil } from './loop.js'
import { endLoading, takeUnhandled } from './promise.js'
import { decode, encode } from './text.js'
import { atEnd, cleanUp, readableOf, writeBody } from './wasi-body.js'

const nameOf = (variant) =>
  typeof variant === 'string' ? variant : variant.tag === 'other' ? variant.val : variant.tag

/** `[name, value]` pairs of wasi fields as text; UTF-8 where it is, else one character per byte. */
export function entriesOf(fields) {
  return fields.entries().map(([name, value]) => {
    const bytes = new Uint8Array(value)
    try {
      return [name, decode(bytes, true)]
    } catch {
      return [name, String.fromCharCode(...bytes)]
    }
  })
}

/** Wasi fields of headers; what the host refuses is named on stderr and left out. */
export function fieldsOf(headers, of) {
  const fields = new Fields()
  for (const [name, value] of headers.raw()) {
    try {
      fields.append(name, encode(value))
    } catch {
      console.warn(`The header "${name}" of the ${of} was left out: the host refuses it`)
    }
  }
  return fields
}

function requestOf(incoming) {
  let entries
  let isOver = false
  atEnd(() => (isOver = true))
  const headers = () => {
    if (entries) return entries
    if (isOver) throw new TypeError('The request is over: read its headers before it is answered')
    const fields = incoming.headers()
    entries = entriesOf(fields)
    dispose(fields)
    return entries
  }
  const scheme = incoming.scheme()
  const method = nameOf(incoming.method()).toUpperCase()
  const host = incoming.authority() ?? headers().find(([name]) => name.toLowerCase() === 'host')?.[1] ?? 'localhost'
  const path = incoming.pathWithQuery() ?? '/'
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(
    `${scheme === null || scheme === undefined ? 'http' : nameOf(scheme).toLowerCase()}://${host}${path.startsWith('/') ? path : `/${path}`}`,
    {
      method,
      headers,
      body: hasBody ? readableOf(incoming) : null,
      incoming: true,
    },
  )
}

/** Sends the head and gives the body to write. */
function sendHead(outparam, response) {
  const outgoing = new OutgoingResponse(fieldsOf(response.headers, 'response'))
  outgoing.setStatusCode(response.status)
  const body = outgoing.body()
  ResponseOutparam.set(outparam, { tag: 'ok', val: outgoing })
  return body
}

function failure(detail) {
  const problem = { type: 'about:blank', title: 'Internal Server Error', status: 500, detail }
  return new Response(JSON.stringify(problem), { status: 500, headers: { 'content-type': 'application/problem+json' } })
}

/** The `fetch` of a module's exports; throws at build time, where the message is seen. */
function handlerOf(module) {
  const handler = module.default ?? module
  if (typeof handler === 'function') return handler
  if (typeof handler.fetch === 'function') return (request) => handler.fetch(request)
  throw new TypeError(
    'The module exports no handler: write `export default { fetch(request) { return new Response("…") } }`',
  )
}

export function serve(module) {
  const handler = handlerOf(module)

  async function answer(incoming, outparam, state) {
    let response
    try {
      const request = requestOf(incoming)
      response = await handler(request)
      if (!(response instanceof Response))
        throw new TypeError(`The handler gave ${inspect(response, 1)} where a Response was expected`)
      state.content = request.method === 'HEAD' ? null : response.takeContent()
    } catch (thrown) {
      console.error('The handler failed:', thrown)
      response = failure('The handler failed. Its output says why.')
      state.content = response.takeContent()
    }
    state.sent = true
    const whole = await writeBody(sendHead(outparam, response), state.content)
    if (!whole) console.warn('The client left before the response was complete')
  }

  return {
    handle(incoming, outparam) {
      endLoading()
      writeEarly()
      const state = { sent: false }
      let done = false
      atEnd(() => dispose(incoming))
      answer(incoming, outparam, state)
        .catch((thrown) => console.error('The response broke off:', thrown))
        .then(() => {
          done = true
        })
      if (!runUntil(() => done)) {
        console.error('The handler waits for something that never happens')
        if (!state.sent) {
          writeBody(sendHead(outparam, failure('The handler waits for something that never happens.')), null)
          runUntil(() => false)
        }
      }
      for (const reason of takeUnhandled()) console.error('Nobody handled this rejection:', reason)
      forgetWaiting()
      cleanUp()
    },
  }
}
