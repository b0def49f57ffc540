import { decode, encode } from '@msgpack/msgpack'
import type { WebSocket, WebSocketServer } from 'ws'
import { type Emit, type Handlers, type Reply, callFrame } from '../../src-preload/contract.ts'
import { problemOf } from '../../src-engine/error.ts'
import { dispatch, fitsContract } from './dispatch.ts'

/** Bytes a window may leave unread before it is cut off; it reconnects and asks for the whole state again. */
const maxUnread = 64 * 1024 * 1024

/** The contract over any number of WebSockets. Calls that come before the services are there wait for them. */
export interface Channel {
  accept(socket: WebSocket): void
  readonly emit: Emit
  ready(handlers: Handlers): void
  close(): void
}

export function createChannel(sockets: WebSocketServer): Channel {
  let ready: (handlers: Handlers) => void = () => {}
  const services = new Promise<Handlers>((resolve) => {
    ready = resolve
  })

  async function serve(socket: WebSocket, data: Uint8Array): Promise<void> {
    const frame = callFrame.safeParse(decode(data))
    if (!frame.success) return socket.close(1007, 'not a frame of the contract')
    const { id, call, input } = frame.data
    send(socket, id, await dispatch(await services, call, input))
  }

  return {
    accept(socket) {
      socket.on('error', () => socket.terminate())
      socket.on('message', (data, isBinary) => {
        if (!isBinary || !(data instanceof Uint8Array)) return socket.close(1003, 'frames are binary')
        serve(socket, data).catch(() => socket.close(1007, 'not a frame of the contract'))
      })
    },
    emit(name, payload) {
      if (!sockets.clients.size || !fitsContract(name, payload)) return
      const frame = encode({ event: name, payload }, { ignoreUndefined: true })
      for (const socket of sockets.clients) {
        if (socket.bufferedAmount > maxUnread) socket.terminate()
        else if (socket.readyState === socket.OPEN) socket.send(frame)
      }
    },
    ready: (handlers) => ready(handlers),
    close() {
      for (const socket of sockets.clients) {
        socket.close(1001, 'the workbench stops')
        // Whoever does not answer the farewell must not hold up the end.
        setTimeout(() => socket.terminate(), 500).unref()
      }
    },
  }
}

function send(socket: WebSocket, id: number, reply: Reply): void {
  if (socket.readyState !== socket.OPEN) return
  let frame: Uint8Array
  try {
    frame = encode({ id, reply }, { ignoreUndefined: true })
  } catch (thrown) {
    frame = encode({ id, reply: { ok: false, problem: problemOf(thrown) } }, { ignoreUndefined: true })
  }
  socket.send(frame)
}
