/** A `fetch(request)` function as the export of wasi:http/incoming-handler. */
import { Fields, OutgoingResponse, ResponseOutparam } from 'wasi:http/types@0.2.12'
import { inspect, writeEarly } from './console.js'
import { formText, incomingRequest, plainText, Response } from './http.js'
import { dispose, forgetWaiting, runUntil } from './loop.js'
import { endLoading, outcomeOf, runJobs, takeUnhandled } from './promise.js'
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
  const pairs = headers.raw()
  if (pairs.length === 0) return new Fields()
  const entries = pairs.map(([name, value]) => [name, encode(value)])
  try {
    return Fields.fromList(entries)
  } catch {
    return fieldsOneByOne(entries, of)
  }
}

function fieldsOneByOne(entries, of) {
  const fields = new Fields()
  for (const [name, value] of entries) {
    try {
      fields.append(name, value)
    } catch {
      console.warn(`The header "${name}" of the ${of} was left out: the host refuses it`)
    }
  }
  return fields
}

/** The headers of most responses, ready for the host. */
const readyEntries = new Map()
for (const type of [plainText, formText]) readyEntries.set(type, [['content-type', encode(type)]])

function responseFields(response) {
  const type = response.onlyType
  if (type === '') return new Fields()
  const entries = type === undefined ? undefined : readyEntries.get(type)
  return entries ? Fields.fromList(entries) : fieldsOf(response.headers, 'response')
}

/** What a request has to do with the host. */
class Incoming {
  constructor(resource) {
    this.resource = resource
  }
  entries() {
    if (!this.resource) throw new TypeError('The request is over: read its headers before it is answered')
    const fields = this.resource.headers()
    const entries = entriesOf(fields)
    dispose(fields)
    return entries
  }
  end() {
    dispose(this.resource)
    this.resource = undefined
  }
}

function requestOf(incoming) {
  const { resource } = incoming
  const method = nameOf(resource.method()).toUpperCase()
  const scheme = resource.scheme()
  const host =
    resource.authority() ?? incoming.entries().find(([name]) => name.toLowerCase() === 'host')?.[1] ?? 'localhost'
  const path = resource.pathWithQuery() ?? '/'
  const address = `${host}${path.startsWith('/') ? path : `/${path}`}`
  const url = `${scheme === null || scheme === undefined ? 'http' : nameOf(scheme).toLowerCase()}://${address}`
  return incomingRequest(method, url, incoming, method === 'GET' || method === 'HEAD' ? null : readableOf(resource))
}

/** Sends the head and gives the body to write. */
function sendHead(outparam, response) {
  const outgoing = new OutgoingResponse(responseFields(response))
  if (response.status !== 200) outgoing.setStatusCode(response.status)
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

const handlerFailed = 'The handler failed. Its output says why.'
const waitsForEver = 'The handler waits for something that never happens'

export function serve(module) {
  const handler = handlerOf(module)

  /** Answers with what the handler gave. True when the answer is out, else a promise. */
  function answer({ outparam, request }, given) {
    let response = given
    let content
    try {
      if (!(response instanceof Response))
        throw new TypeError(`The handler gave ${inspect(response, 1)} where a Response was expected`)
      content = request.method === 'HEAD' ? null : response.takeContent()
    } catch (thrown) {
      return apologize(outparam, thrown)
    }
    return send(outparam, response, content)
  }

  function apologize(outparam, thrown) {
    console.error('The handler failed:', thrown)
    return sendFailure(outparam, handlerFailed)
  }

  function sendFailure(outparam, detail) {
    const response = failure(detail)
    return send(outparam, response, response.takeContent())
  }

  function send(outparam, response, content) {
    try {
      const whole = writeBody(sendHead(outparam, response), content)
      return whole === true ? true : told(whole)
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  async function told(whole) {
    if (!(await whole)) console.warn('The client left before the response was complete')
  }

  /** Runs the handler. True when its answer is out; most are, without ever waiting. */
  function begin(work) {
    let given
    try {
      work.request = requestOf(work.incoming)
      given = handler(work.request)
    } catch (thrown) {
      work.sent = true
      return apologize(work.outparam, thrown)
    }
    // What it started comes as far as it can before the answer is sent.
    runJobs()
    const { state, value } = outcomeOf(given)
    if (state === 'pending') return later(work, given)
    work.sent = true
    return state === 'fulfilled' ? answer(work, value) : apologize(work.outparam, value)
  }

  async function later(work, given) {
    let response
    try {
      response = await given
    } catch (thrown) {
      work.sent = true
      return apologize(work.outparam, thrown)
    }
    work.sent = true
    return answer(work, response)
  }

  /** Waits until the answer is out. */
  function finish(work, answering) {
    let done = false
    answering
      .catch((thrown) => console.error('The response broke off:', thrown))
      .then(() => {
        done = true
      })
    if (runUntil(() => done)) return
    console.error(waitsForEver)
    if (work.sent) return
    work.sent = true
    const sending = sendFailure(work.outparam, `${waitsForEver}.`)
    if (sending !== true) finish(work, sending)
  }

  return {
    handle(incoming, outparam) {
      endLoading()
      writeEarly()
      const work = { incoming: new Incoming(incoming), outparam, request: undefined, sent: false }
      const answering = begin(work)
      runJobs()
      if (answering !== true) finish(work, answering)
      for (const reason of takeUnhandled()) console.error('Nobody handled this rejection:', reason)
      forgetWaiting()
      cleanUp()
      work.incoming.end()
    },
  }
}
