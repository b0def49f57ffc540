import { create } from 'zustand'
import { problemOf } from '../../src-engine/error.ts'
import type { IncomingResponse, Problem } from '../../src-preload/contract.ts'
import type { Client } from '../state/client.ts'
import { type RequestDraft, addressOf, bodyBytes, draftProblem, emptyDraft, headerList, queryRows } from './request.ts'

/** One request that was sent in this session, and what came of it. */
export interface Exchange {
  readonly id: string
  readonly draft: RequestDraft
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly outcome:
    | { readonly kind: 'waiting' }
    | {
        readonly kind: 'response'
        readonly response: IncomingResponse
        /** More of it is on its way. */
        readonly arriving?: true
      }
    | { readonly kind: 'problem'; readonly problem: Problem }
    | { readonly kind: 'cancelled' }
}

interface Playground {
  readonly draft: RequestDraft
  /** The runtime's address that {@link draft} was last filled with, so that a typed address is never overwritten. */
  readonly origin: string | undefined
  /** Newest first, at most {@link mostExchanges}. */
  readonly history: readonly Exchange[]
  /** The exchange on the right. */
  readonly shown: string | undefined
  /** What of a pasted curl command, or of a request sent again, the draft lacks. */
  readonly notes: readonly string[]
  edit(change: Partial<RequestDraft>): void
  setUrl(url: string): void
  setDraft(draft: RequestDraft, notes?: readonly string[]): void
  /**
   * Follows the runtime to its address: replaces origin, keeps path and query. `home`: where a handler answers, which is not
   * the root when there are several.
   */
  follow(url: string, home?: string): void
  show(id: string): void
  /** Puts a former request back into the editor. */
  reopen(id: string): void
  send(client: Client): Promise<void>
  /** Takes over what came of a response that is not whole yet. */
  receive(id: string, part: IncomingResponse): void
  cancel(client: Client): Promise<void>
  clearHistory(): void
}

/** Exchanges kept; bodies beyond {@link keptBytes} in total are forgotten from the oldest on. */
const mostExchanges = 100
const keptBytes = 64 * 1024 * 1024

export const usePlayground = create<Playground>()((set, get) => ({
  draft: emptyDraft(''),
  origin: undefined,
  history: [],
  shown: undefined,
  notes: [],

  edit: (change) => set(({ draft }) => ({ draft: { ...draft, ...change } })),
  setUrl: (url) => set(({ draft }) => ({ draft: { ...draft, url, query: queryRows(url, draft.query) } })),
  setDraft: (draft, notes = []) => set({ draft, notes }),

  follow: (url, home = url) => {
    const { draft, origin } = get()
    const moved = movedTo(draft.url, origin, url)
    const next = moved === url ? home : moved
    set({
      origin: url,
      ...(next === draft.url ? {} : { draft: { ...draft, url: next, query: queryRows(next, draft.query) } }),
    })
  },

  show: (id) => set({ shown: id }),
  reopen: (id) => {
    const found = get().history.find((exchange) => exchange.id === id)
    if (found) set({ draft: found.draft, shown: id, notes: [] })
  },

  send: async (client) => {
    const { draft } = get()
    if (isWaiting(get()) || draftProblem(draft) !== undefined) return
    const id = crypto.randomUUID()
    const exchange: Exchange = { id, draft, time: Date.now(), outcome: { kind: 'waiting' } }
    set(({ history }) => ({ history: bounded([exchange, ...history]), shown: id }))
    const body = bodyBytes(draft.body)
    const settle = (outcome: Exchange['outcome']): void =>
      set(({ history }) => ({
        history: bounded(history.map((one) => (one.id === id && isOpen(one) ? { ...one, outcome } : one))),
      }))
    try {
      const response = await client.call('requests.send', {
        id,
        method: draft.method,
        url: addressOf(draft.url),
        headers: headerList(draft),
        ...(body ? { body: body.bytes } : {}),
        ...(draft.timeout === undefined ? {} : { timeout: draft.timeout }),
      })
      settle({ kind: 'response', response })
    } catch (thrown) {
      settle({ kind: 'problem', problem: problemOf(thrown) })
    }
  },

  receive: (id, part) =>
    set(({ history }) => ({
      history: bounded(
        history.map((one) =>
          one.id === id && isOpen(one)
            ? { ...one, outcome: { kind: 'response', response: joined(one.outcome, part), arriving: true } }
            : one,
        ),
      ),
    })),

  cancel: async (client) => {
    const waiting = get().history.find(isOpen)
    if (!waiting) return
    set(({ history }) => ({
      history: history.map((one) => (one.id === waiting.id ? { ...one, outcome: cancelled(one.outcome) } : one)),
    }))
    await client.call('requests.cancel', { id: waiting.id })
  },

  clearHistory: () => set(({ history }) => ({ history: history.filter(isOpen), shown: undefined })),
}))

export function isWaiting(state: Pick<Playground, 'history'>): boolean {
  return state.history.some(isOpen)
}

/** Is it under way, with or without something of the response? */
const isOpen = ({ outcome }: Exchange): boolean =>
  outcome.kind === 'waiting' || (outcome.kind === 'response' && outcome.arriving === true)

function joined(before: Exchange['outcome'], part: IncomingResponse): IncomingResponse {
  if (before.kind !== 'response') return part
  const body = new Uint8Array(before.response.body.length + part.body.length)
  body.set(before.response.body)
  body.set(part.body, before.response.body.length)
  return { ...part, body }
}

/** What came before it was cancelled stays. */
function cancelled(outcome: Exchange['outcome']): Exchange['outcome'] {
  if (outcome.kind !== 'response') return { kind: 'cancelled' }
  const problem: Problem = { code: 'request.cancelled', message: 'Cancelled: this is what had come' }
  return { kind: 'response', response: { ...outcome.response, problem } }
}

/** The exchange that is shown: the chosen one, else the newest. */
export function shownExchange(state: Pick<Playground, 'history' | 'shown'>): Exchange | undefined {
  return state.history.find((exchange) => exchange.id === state.shown) ?? state.history[0]
}

/**
 * The address after the runtime moved from `before` to `after` (both end with `/`).
 * Filled when empty, moved when it pointed at the old address, otherwise left as the user typed it.
 */
export function movedTo(url: string, before: string | undefined, after: string): string {
  if (url.trim() === '') return after
  if (before === undefined) return url
  if (url === before.replace(/\/$/, '')) return after
  return url.startsWith(before) ? after + url.slice(before.length) : url
}

function bounded(history: readonly Exchange[]): readonly Exchange[] {
  let bytes = 0
  return history.slice(0, mostExchanges).filter((exchange, index) => {
    bytes += exchange.outcome.kind === 'response' ? exchange.outcome.response.body.length : 0
    return index === 0 || isOpen(exchange) || bytes <= keptBytes
  })
}
