/** Bodies of wasi:http as streams of bytes, and back. */
import { IncomingBody, OutgoingBody } from 'wasi:http/types@0.2.12'
import { dispose, ready } from './loop.js'
import { eachChunk, ReadableStream } from './streams.js'
import { bytesOf, encode } from './text.js'

/** Handles that must go before the request does, the last one opened first. */
const cleanups = []

export function atEnd(cleanup) {
  cleanups.push(cleanup)
}

export function cleanUp() {
  while (cleanups.length > 0) cleanups.pop()()
}

/** The payload of an error result, however the engine wraps it. */
export function reasonOf(thrown) {
  return thrown?.payload ?? thrown?.val ?? thrown
}

/** True when a stream says that it has ended; any other error of it is disposed. */
function hasEnded(thrown) {
  const reason = thrown?.tag !== undefined ? thrown : reasonOf(thrown)
  if (reason?.tag === 'closed' || reason === 'closed') return true
  if (reason?.tag === 'last-operation-failed') dispose(reason.val)
  return false
}

/** The body of an incoming request or response; it is opened at the first read. */
export function readableOf(message) {
  let body
  let stream
  let open = true
  const close = () => {
    if (!open) return
    open = false
    dispose(stream)
    if (body) dispose(IncomingBody.finish(body))
  }
  atEnd(close)
  return new ReadableStream({
    async pull(controller) {
      if (!body) {
        body = message.consume()
        stream = body.stream()
      }
      for (;;) {
        let bytes
        try {
          bytes = stream.read(65536)
        } catch (thrown) {
          const ended = hasEnded(thrown)
          close()
          if (ended) return controller.close()
          throw new TypeError('The body broke off')
        }
        if (bytes.length > 0) return controller.enqueue(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))
        await ready(stream.subscribe())
        if (!open) return controller.close()
      }
    },
    cancel: close,
  })
}

/** Writes as much as there is room for without waiting; answers how many bytes. */
function writeNow(stream, bytes) {
  let at = 0
  while (at < bytes.length) {
    const room = Math.min(Number(stream.checkWrite()), 65536)
    if (room === 0) break
    const piece = at === 0 && bytes.length <= room ? bytes : bytes.subarray(at, at + room)
    stream.write(piece.length === piece.buffer.byteLength ? piece : piece.slice())
    at += piece.length
  }
  return at
}

async function writeBytes(stream, bytes) {
  for (let at = 0; at < bytes.length;) {
    const written = writeNow(stream, bytes.subarray(at))
    at += written
    if (written === 0) await ready(stream.subscribe())
  }
  stream.flush()
  await ready(stream.subscribe())
}

/**
 * Writes bytes or a stream and finishes the body; every chunk of a stream is flushed, so that it reaches the other side
 * before the next one is made. Gives true when all is written at once, as most bodies are, else a promise: of false when the
 * other side is gone. A body that breaks off is never finished: the other side sees that it is incomplete.
 */
export function writeBody(body, content) {
  if (content === null || (content instanceof Uint8Array && content.length === 0)) {
    OutgoingBody.finish(body, null)
    return true
  }
  const stream = body.write()
  let rest = content
  if (content instanceof Uint8Array) {
    let written
    try {
      // What there is room for at once needs no flush: the end of the body brings it out.
      written = writeNow(stream, content)
    } catch (thrown) {
      return brokeOff(thrown, stream, body)
    }
    if (written === content.length) return finish(stream, body)
    rest = content.subarray(written)
  }
  let open = true
  // Nobody comes back to it where the request ends before it does.
  atEnd(() => {
    if (open) drop(stream, body)
  })
  return writeLater(stream, rest).then(
    () => {
      open = false
      return finish(stream, body)
    },
    (thrown) => {
      open = false
      return brokeOff(thrown, stream, body)
    },
  )
}

function finish(stream, body) {
  dispose(stream)
  OutgoingBody.finish(body, null)
  return true
}

function drop(stream, body) {
  dispose(stream)
  dispose(body)
}

function writeLater(stream, content) {
  if (content instanceof Uint8Array) return writeBytes(stream, content)
  return eachChunk(content, (chunk) => writeBytes(stream, typeof chunk === 'string' ? encode(chunk) : bytesOf(chunk)))
}

/** The promise of a body that was not written to its end. */
function brokeOff(thrown, stream, body) {
  const gone = hasEnded(thrown) || thrown?.tag === 'last-operation-failed'
  drop(stream, body)
  return gone ? Promise.resolve(false) : Promise.reject(thrown)
}
