import { decode, encode } from '@msgpack/msgpack'
import { type Bridge, type EventName, type Reply, answerFrame, socketPath } from '../../src-preload/contract.ts'
import type { Connection, ConnectionState } from './client.ts'

/** Milliseconds between attempts to reach a stopped workbench; the last one repeats. */
const retryDelays = [250, 500, 1000, 2000]

const lost: Reply = {
  ok: false,
  problem: {
    code: 'connection.lost',
    message: 'The workbench stopped.',
    hint: 'Start it again in the terminal; this window reconnects by itself.',
  },
}
const refused: Reply = {
  ok: false,
  problem: {
    code: 'connection.refused',
    message: 'The workbench was started again and does not know this window.',
    hint: 'Open the new link that it printed in the terminal.',
  },
}

/**
 * A bridge over a WebSocket to the server of this page. Resolves when the first connection stands or has failed;
 * reconnects for as long as the page lives. Calls that were under way when the connection broke are answered with
 * `connection.lost`: whether they took effect is not known, so they are not repeated.
 */
export function connectSocket(location: {
  readonly protocol: string
  readonly host: string
}): Promise<{ bridge: Bridge; connection: Connection }> {
  const url = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${socketPath}`
  const waiting = new Map<number, (reply: Reply) => void>()
  const listeners = new Map<string, Set<(payload: unknown) => void>>()
  const watchers = new Set<(state: ConnectionState) => void>()
  let state: ConnectionState = 'lost'
  let socket: WebSocket | undefined
  let nextId = 1
  let attempt = 0

  function change(next: ConnectionState): void {
    if (next === state) return
    state = next
    for (const watcher of watchers) watcher(next)
  }

  function receive(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) return
    const frame = answerFrame.safeParse(decode(new Uint8Array(data)))
    if (!frame.success) {
      console.error('a frame of the workbench does not fit the contract', frame.error.message)
    } else if ('id' in frame.data) {
      waiting.get(frame.data.id)?.(frame.data.reply)
      waiting.delete(frame.data.id)
    } else {
      for (const listener of listeners.get(frame.data.event) ?? []) listener(frame.data.payload)
    }
  }

  function open(settled: () => void): void {
    const connecting = new WebSocket(url)
    connecting.binaryType = 'arraybuffer'
    connecting.addEventListener('open', () => {
      socket = connecting
      attempt = 0
      change('open')
      settled()
    })
    connecting.addEventListener('message', (event) => receive(event.data))
    connecting.addEventListener('close', () => {
      socket = undefined
      for (const answer of waiting.values()) answer(lost)
      waiting.clear()
      void whyClosed(location).then((reason) => {
        change(reason)
        settled()
        setTimeout(() => open(() => {}), retryDelays[Math.min(attempt++, retryDelays.length - 1)])
      })
    })
  }

  const bridge: Bridge = {
    invoke(call, input) {
      if (!socket) return Promise.resolve(state === 'refused' ? refused : lost)
      const id = nextId++
      // Encoding may throw (a value no frame can carry); then nothing must stay waiting.
      const frame = encode({ id, call, input }, { ignoreUndefined: true })
      const answer = new Promise<Reply>((resolve) => waiting.set(id, resolve))
      socket.send(frame)
      return answer
    },
    subscribe(name: EventName, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      return () => {
        set.delete(listener)
      }
    },
    pathOf: () => undefined,
  }
  const connection: Connection = {
    current: () => state,
    subscribe(watcher) {
      watchers.add(watcher)
      return () => {
        watchers.delete(watcher)
      }
    },
  }
  return new Promise((resolve) => open(() => resolve({ bridge, connection })))
}

/** A page cannot see why its WebSocket closed; an ordinary request tells a stopped workbench from one that refuses us. */
async function whyClosed(location: { readonly protocol: string; readonly host: string }): Promise<'lost' | 'refused'> {
  try {
    const response = await fetch(`${location.protocol}//${location.host}${socketPath}`, { cache: 'no-store' })
    return response.status === 403 ? 'refused' : 'lost'
  } catch {
    return 'lost'
  }
}
