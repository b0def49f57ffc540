import { IncomingRequest, ResponseOutparam } from '../../../src-main/runtime/wasi/http-types.ts'
import { bytes, exchangeOf, fatal, handle, readAll, type Scenario } from './stage.ts'

export const httpTypes: Record<string, Scenario> = {
  'fields: made, changed and looked at': async ({ guest }) => {
    const fields = handle(await guest.call('new fields'))
    await guest.call('fields.append', fields, 'X-One', bytes('1'))
    await guest.call('fields.append', fields, 'x-one', bytes('2'))
    await guest.call('fields.append', fields, 'Other', new Uint8Array([0xff, 0x09]))
    await guest.call('fields.get', fields, 'X-ONE')
    await guest.call('fields.has', fields, 'other')
    await guest.call('fields.has', fields, 'a b')
    await guest.call('fields.get', fields, '')
    const copy = handle(await guest.call('fields.clone', fields))
    await guest.call('fields.set', fields, 'X-one', [bytes('3'), bytes('4')])
    await guest.call('fields.set', fields, 'other', [])
    await guest.call('fields.entries', fields)
    await guest.call('fields.delete', copy, 'x-one')
    await guest.call('fields.delete', copy, 'not-there')
    await guest.call('fields.entries', copy)
    await guest.drop(copy)
    await guest.drop(fields)
  },
  'fields: names and values that no message may have': async ({ guest }) => {
    const fields = handle(await guest.call('new fields'))
    for (const name of [
      '',
      'a b',
      'a:b',
      'ä',
      'a\r\nb',
      'Host',
      'connection',
      'Transfer-Encoding',
      'keep-alive',
      'upgrade',
      'TE',
      'proxy-connection',
      'http2-settings',
    ])
      await guest.call('fields.append', fields, name, bytes('x'))
    for (const value of ['a\r\nb', 'a\nb', '\0', '\x7f']) await guest.call('fields.append', fields, 'a', bytes(value))
    await guest.call('fields.set', fields, 'b', [bytes('fine'), bytes('a\rb')])
    await guest.call('fields.set', fields, 'b c', [])
    await guest.call('fields.delete', fields, 'b c')
    await guest.call('fields.from-list', [
      ['a', bytes('1')],
      ['b c', bytes('2')],
    ])
    await guest.call('fields.from-list', [['host', bytes('1')]])
    await guest.call('fields.from-list', [])
    await guest.call('fields.entries', fields)
  },
  'fields: as large as one likes, up to the limit': async ({ guest }) => {
    const fields = handle(await guest.call('new fields'))
    await guest.call('fields.append', fields, 'a', bytes('x'.repeat(100_000)))
    await guest.call('fields.append', fields, 'b'.repeat(100_000), bytes('x'))
    await guest.call('fields.append', fields, 'c', bytes('x'.repeat(700_000)))
    await guest.call('fields.delete', fields, 'c')
    await guest.call('fields.append', fields, 'd', bytes('x'.repeat(700_000)))
    await fatal(() => guest.call('fields.append', fields, 'e', bytes('x'.repeat(700_000))))
  },
  'a request as the guest sees it': async (stage) => {
    const { guest, session } = stage
    const exchange = exchangeOf(
      stage.note,
      [
        ['X-A', '1'],
        ['x-a', 'ü'],
        ['Host', 'h'],
        ['Connection', 'close'],
        ['Upgrade', 'u'],
      ],
      'the body',
      [['x-trailer', 't']],
    )
    const [incoming, out] = await guest.handle(new IncomingRequest(session, exchange), new ResponseOutparam(exchange))
    for (const what of ['method', 'path-with-query', 'scheme', 'authority'])
      await guest.call(`incoming-request.${what}`, incoming)
    const headers = handle(await guest.call('incoming-request.headers', incoming))
    await guest.call('fields.entries', headers)
    await guest.call('fields.append', headers, 'a', bytes('b'))
    await guest.call('fields.set', headers, 'a', [])
    await guest.call('fields.delete', headers, 'x-a')
    await guest.call('fields.append', handle(await guest.call('fields.clone', headers)), 'a', bytes('b'))
    const body = handle(await guest.call('incoming-request.consume', incoming))
    await guest.call('incoming-request.consume', incoming)
    const stream = handle(await guest.call('incoming-body.stream', body))
    await guest.call('incoming-body.stream', body)
    await guest.call('input-stream.read', stream, 3n)
    await guest.call('input-stream.skip', stream, 2n)
    await readAll(guest, stream)
    await guest.drop(stream)
    const trailers = handle(await guest.call('incoming-body.finish', body))
    const ready = handle(await guest.call('future-trailers.subscribe', trailers))
    await guest.call('pollable.ready', ready)
    await guest.drop(ready)
    const got = await guest.call('future-trailers.get', trailers)
    await guest.call('fields.entries', handle(got))
    await guest.call('future-trailers.get', trailers)
    await guest.drop(trailers)
    await guest.drop(incoming)
    await guest.drop(out)
  },
  'a whole answer, with information before and trailers after': async (stage) => {
    const { guest, session } = stage
    const exchange = exchangeOf(stage.note, [], '')
    const [, out] = await guest.handle(new IncomingRequest(session, exchange), new ResponseOutparam(exchange))
    const early = handle(await guest.call('fields.from-list', [['link', bytes('</a>')]]))
    await guest.call('response-outparam.send-informational', out, 103, early)
    const late = handle(await guest.call('new fields'))
    await guest.call('response-outparam.send-informational', out, 200, late)
    const response = handle(
      await guest.call(
        'new outgoing-response',
        handle(
          await guest.call('fields.from-list', [
            ['a', bytes('1')],
            ['A', bytes('2')],
          ]),
        ),
      ),
    )
    await guest.call('outgoing-response.status-code', response)
    for (const status of [201, 99, 0, 1000, 65535, 999])
      await guest.call('outgoing-response.set-status-code', response, status)
    await guest.call('outgoing-response.set-status-code', response, 201)
    const headers = handle(await guest.call('outgoing-response.headers', response))
    await guest.call('fields.append', headers, 'b', bytes('c'))
    await guest.drop(headers)
    const body = handle(await guest.call('outgoing-response.body', response))
    await guest.call('outgoing-response.body', response)
    await guest.call('response-outparam.set', out, { tag: 'ok', val: response })
    const stream = handle(await guest.call('outgoing-body.write', body))
    await guest.call('outgoing-body.write', body)
    await guest.call('output-stream.check-write', stream)
    await guest.call('output-stream.write', stream, bytes('hello'))
    await guest.call('output-stream.blocking-write-and-flush', stream, bytes(' there'))
    await guest.drop(stream)
    await guest.call(
      'outgoing-body.finish',
      body,
      handle(await guest.call('fields.from-list', [['x-sum', bytes('11')]])),
    )
  },
  'an answer that is an error': async (stage) => {
    const { guest, session } = stage
    const exchange = exchangeOf(stage.note, [], '')
    const [, out] = await guest.handle(new IncomingRequest(session, exchange), new ResponseOutparam(exchange))
    await guest.call('response-outparam.set', out, {
      tag: 'err',
      val: { tag: 'HTTP-response-header-size', val: { fieldName: 'a', fieldSize: 3 } },
    })
    // The parameter is used up by the first answer.
    await fatal(() => guest.call('response-outparam.set', out, { tag: 'err', val: { tag: 'connection-refused' } }))
  },
  'bodies that are not as long as promised': async (stage) => {
    const { guest } = stage
    for (const [promised, written] of [
      ['5', 'abc'],
      ['2', 'abc'],
      ['3', 'abc'],
      ['0', ''],
    ] as const) {
      const response = handle(
        await guest.call(
          'new outgoing-response',
          handle(await guest.call('fields.from-list', [['content-length', bytes(promised)]])),
        ),
      )
      const body = handle(await guest.call('outgoing-response.body', response))
      const stream = handle(await guest.call('outgoing-body.write', body))
      await guest.call('output-stream.write', stream, bytes(written))
      await guest.drop(stream)
      await guest.call('outgoing-body.finish', body, undefined)
    }
  },
  'a body that is finished while its stream is open': async ({ guest }) => {
    const response = handle(await guest.call('new outgoing-response', handle(await guest.call('new fields'))))
    const body = handle(await guest.call('outgoing-response.body', response))
    const stream = handle(await guest.call('outgoing-body.write', body))
    await guest.call('output-stream.write', stream, bytes('abc'))
    await fatal(() => guest.call('outgoing-body.finish', body, undefined))
  },
  'a body that is dropped while its stream is open': async ({ guest }) => {
    const response = handle(await guest.call('new outgoing-response', handle(await guest.call('new fields'))))
    const body = handle(await guest.call('outgoing-response.body', response))
    const stream = handle(await guest.call('outgoing-body.write', body))
    await guest.call('output-stream.write', stream, bytes('abc'))
    await fatal(() => guest.drop(body))
  },
  'a body that is read and finished while its stream is open': async (stage) => {
    const { guest, session } = stage
    const exchange = exchangeOf(stage.note, [], 'the body')
    const [incoming] = await guest.handle(new IncomingRequest(session, exchange), new ResponseOutparam(exchange))
    const body = handle(await guest.call('incoming-request.consume', incoming))
    await guest.call('incoming-body.stream', body)
    await fatal(() => guest.call('incoming-body.finish', body))
  },
  'a body that is dropped before it is read': async (stage) => {
    const { guest, session } = stage
    const exchange = exchangeOf(stage.note, [], 'the body')
    const [incoming] = await guest.handle(new IncomingRequest(session, exchange), new ResponseOutparam(exchange))
    const body = handle(await guest.call('incoming-request.consume', incoming))
    await guest.call('incoming-body.stream', body)
    await fatal(() => guest.drop(body))
  },
  'a request that is put together': async ({ guest }) => {
    const made = handle(
      await guest.call('new outgoing-request', handle(await guest.call('fields.from-list', [['a', bytes('b')]]))),
    )
    for (const what of ['method', 'path-with-query', 'scheme', 'authority'])
      await guest.call(`outgoing-request.${what}`, made)
    for (const method of [
      { tag: 'patch' },
      { tag: 'other', val: 'PURGE' },
      { tag: 'other', val: 'a b' },
      { tag: 'other', val: '' },
    ])
      await guest.call('outgoing-request.set-method', made, method)
    await guest.call('outgoing-request.method', made)
    for (const path of ['/a?b', '/ä', '', 'a b', '/a\r\nb', '/a#b', undefined, '/last'])
      await guest.call('outgoing-request.set-path-with-query', made, path)
    await guest.call('outgoing-request.path-with-query', made)
    for (const scheme of [
      { tag: 'HTTPS' },
      { tag: 'other', val: 'ftp' },
      { tag: 'other', val: '1x' },
      { tag: 'other', val: 'a b' },
      undefined,
      { tag: 'HTTP' },
    ])
      await guest.call('outgoing-request.set-scheme', made, scheme)
    await guest.call('outgoing-request.scheme', made)
    for (const authority of [
      'host:1',
      '[::1]:80',
      '',
      'a b',
      'user@host',
      'host/path',
      'host:port',
      'host:99999',
      undefined,
      'last',
    ])
      await guest.call('outgoing-request.set-authority', made, authority)
    await guest.call('outgoing-request.authority', made)
    const headers = handle(await guest.call('outgoing-request.headers', made))
    await guest.call('fields.set', headers, 'a', [])
    await guest.call('outgoing-request.body', made)
    await guest.call('outgoing-request.body', made)
  },
  'the options of a request': async ({ guest }) => {
    const options = handle(await guest.call('new request-options'))
    for (const what of ['connect', 'first-byte', 'between-bytes']) {
      await guest.call(`request-options.${what}-timeout`, options)
      await guest.call(`request-options.set-${what}-timeout`, options, 5n)
      await guest.call(`request-options.${what}-timeout`, options)
      await guest.call(`request-options.set-${what}-timeout`, options, undefined)
      await guest.call(`request-options.${what}-timeout`, options)
    }
  },
}
