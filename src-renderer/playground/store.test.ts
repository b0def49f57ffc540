import { beforeEach, describe, expect, it } from 'vitest'
import { type Client, clientOf } from '../state/client.ts'
import { emptyDraft } from './request.ts'
import { isWaiting, movedTo, shownExchange, usePlayground } from './store.ts'

const initial = usePlayground.getInitialState()
beforeEach(() => usePlayground.setState(initial, true))

/** A workbench that answers a request when told to. */
function workbench() {
  const asked: {
    name: string
    input: unknown
    answer: (reply: Awaited<ReturnType<Parameters<typeof clientOf>[0]['invoke']>>) => void
  }[] = []
  const client: Client = clientOf(
    {
      invoke: (name, input) => new Promise((answer) => asked.push({ name, input, answer })),
      subscribe: () => () => {},
      pathOf: () => undefined,
    },
    'browser',
    { current: () => 'open', subscribe: () => () => {} },
  )
  return { client, asked }
}
const response = {
  status: 200,
  statusText: 'OK',
  headers: [],
  body: new Uint8Array([1]),
  truncated: false,
  timeToHeaders: 1,
  duration: 2,
  headerBytes: 3,
  bodyBytes: 1,
}

describe('the playground', () => {
  it('sends the draft, shows the answer and keeps both', async () => {
    const { client, asked } = workbench()
    usePlayground.getState().setUrl('127.0.0.1:9/a?b=1')
    const sent = usePlayground.getState().send(client)
    expect(isWaiting(usePlayground.getState())).toBe(true)
    expect(asked[0]).toMatchObject({
      name: 'requests.send',
      input: { method: 'GET', url: 'http://127.0.0.1:9/a?b=1', headers: [] },
    })
    await usePlayground.getState().send(client)
    expect(asked).toHaveLength(1)
    asked[0]?.answer({ ok: true, output: response })
    await sent
    expect(shownExchange(usePlayground.getState())?.outcome).toMatchObject({
      kind: 'response',
      response: { status: 200 },
    })
  })
  it('shows a refusal as a problem', async () => {
    const { client, asked } = workbench()
    usePlayground.getState().setUrl('http://127.0.0.1:9/')
    const sent = usePlayground.getState().send(client)
    asked[0]?.answer({ ok: false, problem: { code: 'request.refused', message: 'nobody listens' } })
    await sent
    expect(shownExchange(usePlayground.getState())?.outcome).toEqual({
      kind: 'problem',
      problem: { code: 'request.refused', message: 'nobody listens' },
    })
  })
  it('stays cancelled when the answer comes late', async () => {
    const { client, asked } = workbench()
    usePlayground.getState().setUrl('http://127.0.0.1:9/')
    const sent = usePlayground.getState().send(client)
    const cancelled = usePlayground.getState().cancel(client)
    expect(isWaiting(usePlayground.getState())).toBe(false)
    asked[1]?.answer({ ok: true, output: {} })
    asked[0]?.answer({ ok: true, output: response })
    await Promise.all([sent, cancelled])
    expect(asked[1]?.name).toBe('requests.cancel')
    expect(shownExchange(usePlayground.getState())?.outcome.kind).toBe('cancelled')
  })
  it('shows what came of a response while more is coming, and keeps it when it is cancelled', async () => {
    const { client, asked } = workbench()
    usePlayground.getState().setUrl('http://127.0.0.1:9/')
    const sent = usePlayground.getState().send(client)
    const id = usePlayground.getState().history[0]?.id ?? ''
    usePlayground.getState().receive(id, { ...response, body: new Uint8Array([1, 2]) })
    usePlayground.getState().receive(id, { ...response, body: new Uint8Array([3]), bodyBytes: 3 })
    const outcome = { kind: 'response', response: { body: new Uint8Array([1, 2, 3]), bodyBytes: 3 } }
    expect(shownExchange(usePlayground.getState())?.outcome).toMatchObject({ ...outcome, arriving: true })
    expect(isWaiting(usePlayground.getState())).toBe(true)
    const cancelled = usePlayground.getState().cancel(client)
    asked[1]?.answer({ ok: true, output: {} })
    asked[0]?.answer({ ok: true, output: response })
    await Promise.all([sent, cancelled])
    usePlayground.getState().receive(id, response)
    expect(isWaiting(usePlayground.getState())).toBe(false)
    expect(shownExchange(usePlayground.getState())?.outcome).toMatchObject({
      kind: 'response',
      response: { body: new Uint8Array([1, 2, 3]), problem: { code: 'request.cancelled' } },
    })
  })
  it('begins where a handler answers when none has the root', () => {
    usePlayground.getState().follow('http://127.0.0.1:2/', 'http://127.0.0.1:2/run/a/')
    expect(usePlayground.getState().draft.url).toBe('http://127.0.0.1:2/run/a/')
    usePlayground.getState().follow('http://127.0.0.1:3/', 'http://127.0.0.1:3/run/b/')
    expect(usePlayground.getState().draft.url).toBe('http://127.0.0.1:3/run/a/')
  })
  it('sends nothing that cannot be sent', async () => {
    const { client, asked } = workbench()
    await usePlayground.getState().send(client)
    expect(asked).toHaveLength(0)
  })
  it('brings a former request back', async () => {
    const { client, asked } = workbench()
    usePlayground.getState().setDraft({ ...emptyDraft('http://h/1'), method: 'DELETE' })
    const sent = usePlayground.getState().send(client)
    asked[0]?.answer({ ok: true, output: response })
    await sent
    usePlayground.getState().setDraft(emptyDraft('http://h/2'))
    usePlayground.getState().reopen(usePlayground.getState().history[0]?.id ?? '')
    expect(usePlayground.getState().draft).toMatchObject({ method: 'DELETE', url: 'http://h/1' })
  })
})

describe('the address', () => {
  it('follows the runtime, and never what a person typed', () => {
    expect(movedTo('', undefined, 'http://127.0.0.1:2/')).toBe('http://127.0.0.1:2/')
    expect(movedTo('http://127.0.0.1:1/a?b', 'http://127.0.0.1:1/', 'http://127.0.0.1:2/')).toBe(
      'http://127.0.0.1:2/a?b',
    )
    expect(movedTo('http://127.0.0.1:1', 'http://127.0.0.1:1/', 'http://127.0.0.1:2/')).toBe('http://127.0.0.1:2/')
    expect(movedTo('http://example.test/', 'http://127.0.0.1:1/', 'http://127.0.0.1:2/')).toBe('http://example.test/')
    expect(movedTo('http://127.0.0.1:11/', 'http://127.0.0.1:1/', 'http://127.0.0.1:2/')).toBe('http://127.0.0.1:11/')
  })
})
