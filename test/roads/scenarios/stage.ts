/** What scenarios have to work with, and what several of them do. */
import type { HeaderPair } from '../../../src-main/runtime/wasi/fields.ts'
import {
  TrailersToCome,
  type ErrorCode,
  type Exchange,
  type OutgoingBody,
} from '../../../src-main/runtime/wasi/http-types.ts'
import type { Session } from '../../../src-main/runtime/wasi/session.ts'
import { ByteQueue } from '../../../src-main/runtime/wasi/streams.ts'
import type { Handle, MirrorGuest } from '../guest.ts'

export interface Stage {
  readonly guest: MirrorGuest
  readonly session: Session
  /** `host:port` of a server that answers what it is asked for. */
  readonly upstream: string
  /** Ports on this machine: of a server that sends back what it gets, by TCP and by UDP, and one where nobody listens. */
  readonly echo: number
  readonly datagrams: number
  readonly closed: number
  /** The directory that is granted as `/data`, empty at first. */
  readonly folder: string
  /** Writes down what the world outside saw. */
  note(text: string): void
}

export type Scenario = (stage: Stage) => Promise<void>

export const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))

/** A resource, or the only one in what was answered. Fails when there is none. */
export function handle(value: unknown, at = 0): Handle {
  if (typeof value === 'object' && value !== null) {
    if ('resource' in value && 'number' in value) return value as Handle
    if ('val' in value) return handle(value.val, at)
    if (Array.isArray(value)) return handle(value[at])
  }
  throw new Error('no handle was answered')
}

export const succeeded = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'tag' in value && value.tag === 'ok'

/** Runs what must end the guest. */
export async function fatal(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'Trapped') return
    throw thrown
  }
}

export const preopened = async (guest: MirrorGuest): Promise<Handle> => {
  const list = await guest.call('get-directories')
  return handle(Array.isArray(list) ? list[0] : undefined)
}

export const open = (
  guest: MirrorGuest,
  root: Handle,
  path: string,
  flags: object,
  mode: object,
  follow = true,
): Promise<unknown> => guest.call('descriptor.open-at', root, { symlinkFollow: follow }, path, flags, mode)

/** A client's request, whose answer is written down. */
export function exchangeOf(
  note: (text: string) => void,
  headers: readonly HeaderPair[],
  body: string,
  trailers?: readonly HeaderPair[],
): Exchange {
  const queue = new ByteQueue()
  const later = new TrailersToCome()
  queue.push(bytes(body))
  queue.end()
  later.settle({ tag: 'ok', val: trailers })
  return {
    method: 'POST',
    target: '/a%20b?c=%2F',
    scheme: 'HTTP',
    authority: 'example.test:81',
    headers,
    body: { queue, trailers: later },
    respond(status: number, given: readonly HeaderPair[], answer: OutgoingBody | undefined) {
      note(`responded ${status} ${JSON.stringify(given)}${answer ? '' : ' without a body'}`)
      answer?.sink.attach((chunk) => {
        note(`body ${Buffer.from(chunk).toString('latin1')}`)
        return true
      })
      answer?.whenEnded((end) => note(`ended ${JSON.stringify(end)}`))
    },
    refuse: (code: ErrorCode) => note(`refused ${code.tag}`),
    inform: (status: number, given: readonly HeaderPair[]) => note(`informed ${status} ${JSON.stringify(given)}`),
  }
}

export async function request(
  stage: Stage,
  {
    path = '/',
    method = { tag: 'get' },
    headers = [] as readonly (readonly [string, Uint8Array])[],
    authority = stage.upstream,
  }: {
    readonly path?: string
    readonly method?: object
    readonly headers?: readonly (readonly [string, Uint8Array])[]
    readonly authority?: string
  } = {},
): Promise<Handle> {
  const { guest } = stage
  const made = handle(await guest.call('new outgoing-request', handle(await guest.call('fields.from-list', headers))))
  await guest.call('outgoing-request.set-method', made, method)
  await guest.call('outgoing-request.set-scheme', made, { tag: 'HTTP' })
  await guest.call('outgoing-request.set-authority', made, authority)
  await guest.call('outgoing-request.set-path-with-query', made, path)
  return made
}

/** Waits for the answer to a request; nothing when it failed. */
export async function answered({ guest }: Stage, sent: unknown): Promise<Handle | undefined> {
  const future = handle(sent)
  const ready = handle(await guest.call('future-incoming-response.subscribe', future))
  await guest.call('pollable.block', ready)
  const got = await guest.call('future-incoming-response.get', future)
  await guest.call('future-incoming-response.get', future)
  await guest.drop(ready)
  await guest.drop(future)
  try {
    return handle(got)
  } catch {
    return undefined
  }
}

export async function readAll(guest: MirrorGuest, stream: Handle): Promise<void> {
  while (succeeded(await guest.call('input-stream.blocking-read', stream, 1000n)));
}
