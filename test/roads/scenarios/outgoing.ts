import { answered, bytes, handle, readAll, request, succeeded, type Scenario } from './stage.ts'

export const outgoing: Record<string, Scenario> = {
  'a call there and back': async (stage) => {
    const { guest } = stage
    const made = await request(stage, {
      method: { tag: 'post' },
      path: '/echo?x=1',
      headers: [
        ['x-a', bytes('1')],
        ['X-A', bytes('2')],
      ],
    })
    const body = handle(await guest.call('outgoing-request.body', made))
    const sent = await guest.call('wasi:http/outgoing-handler#handle', made, undefined)
    const stream = handle(await guest.call('outgoing-body.write', body))
    await guest.call('output-stream.blocking-write-and-flush', stream, bytes('to the server'))
    await guest.drop(stream)
    await guest.call(
      'outgoing-body.finish',
      body,
      handle(await guest.call('fields.from-list', [['x-trailer', bytes('t')]])),
    )
    const response = await answered(stage, sent)
    if (!response) throw new Error('no response came')
    await guest.call('incoming-response.status', response)
    const headers = handle(await guest.call('incoming-response.headers', response))
    await guest.call('fields.get', headers, 'x-twice')
    await guest.call('fields.has', headers, 'connection')
    await guest.call('fields.append', headers, 'a', bytes('b'))
    const answer = handle(await guest.call('incoming-response.consume', response))
    await guest.call('incoming-response.consume', response)
    const input = handle(await guest.call('incoming-body.stream', answer))
    await readAll(guest, input)
    await guest.drop(input)
    const trailers = handle(await guest.call('incoming-body.finish', answer))
    await guest.call('pollable.block', handle(await guest.call('future-trailers.subscribe', trailers)))
    const got = await guest.call('future-trailers.get', trailers)
    await guest.call('fields.entries', handle(got))
  },
  'calls that are refused': async (stage) => {
    const { guest } = stage
    const options = handle(await guest.call('new request-options'))
    for (const authority of ['elsewhere.test', '127.0.0.1:1'])
      await guest.call('wasi:http/outgoing-handler#handle', await request(stage, { authority }), undefined)
    const nowhere = handle(await guest.call('new outgoing-request', handle(await guest.call('new fields'))))
    await guest.call('wasi:http/outgoing-handler#handle', nowhere, options)
    const odd = await request(stage)
    await guest.call('outgoing-request.set-scheme', odd, { tag: 'other', val: 'ftp' })
    await guest.call('wasi:http/outgoing-handler#handle', odd, undefined)
  },
  'a server that does not answer in time': async (stage) => {
    const { guest } = stage
    const options = handle(await guest.call('new request-options'))
    await guest.call('request-options.set-first-byte-timeout', options, 20_000_000n)
    await answered(
      stage,
      await guest.call('wasi:http/outgoing-handler#handle', await request(stage, { path: '/never' }), options),
    )
  },
  'a server that stops in the middle': async (stage) => {
    const { guest } = stage
    const response = await answered(
      stage,
      await guest.call('wasi:http/outgoing-handler#handle', await request(stage, { path: '/cut' }), undefined),
    )
    if (!response) throw new Error('no response came')
    const body = handle(await guest.call('incoming-response.consume', response))
    const stream = handle(await guest.call('incoming-body.stream', body))
    let last: unknown
    do last = await guest.call('input-stream.blocking-read', stream, 1000n)
    while (succeeded(last))
    const error = handle(last)
    await guest.call('error.to-debug-string', error)
    await guest.call('http-error-code', error)
    await guest.call('filesystem-error-code', error)
    await guest.call('network-error-code', error)
    await guest.drop(stream)
    const trailers = handle(await guest.call('incoming-body.finish', body))
    await guest.call('pollable.block', handle(await guest.call('future-trailers.subscribe', trailers)))
    await guest.call('future-trailers.get', trailers)
  },
  'an answer that nobody reads': async (stage) => {
    const { guest } = stage
    const sent = handle(
      await guest.call('wasi:http/outgoing-handler#handle', await request(stage, { path: '/echo' }), undefined),
    )
    await guest.call('future-incoming-response.get', sent)
    const response = await answered(stage, sent)
    if (response) await guest.drop(response)
  },
}
