import { describe, expect, it } from 'vitest'
import { chooseEncoding, encodedHeaders, isEncodable } from './negotiation.ts'

describe('the choice of an encoding', () => {
  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['GZIP ; Q=0.8', 'gzip'],
    ['*', 'br'],
    ['*;q=0.1, br;q=0', 'gzip'],
    ['gzip;q=0', undefined],
    ['*;q=0', undefined],
    ['deflate, zstd', undefined],
    ['identity', undefined],
    ['identity;q=1, gzip;q=0.5', undefined],
    ['gzip;q=much', undefined],
    ['gzip;q=1.1', undefined],
    [', ,', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s → %s', (accepted, encoding) => expect(chooseEncoding(accepted)).toBe(encoding))
})

describe('what is worth encoding', () => {
  const worth = (type: string, rest: Partial<Parameters<typeof isEncodable>[0]> = {}): boolean =>
    isEncodable({ status: 200, headers: [['Content-Type', type]], size: 5000, ...rest })
  it('goes by type, size and status', () => {
    for (const type of [
      'text/html; charset=utf-8',
      'application/json',
      'application/problem+json',
      'image/svg+xml',
      'TEXT/CSS',
    ])
      expect(worth(type)).toBe(true)
    for (const type of ['', 'image/png', 'application/octet-stream', 'video/mp4', 'application/jsonish'])
      expect(worth(type)).toBe(false)
    expect([worth('text/plain', { size: 1023 }), worth('text/plain', { size: 1024 })]).toEqual([false, true])
    expect(worth('text/plain', { size: undefined })).toBe(true)
    for (const status of [101, 204, 206, 304]) expect(worth('text/plain', { status })).toBe(false)
  })
  it('respects what the handler says', () => {
    const said = (name: string, value: string): boolean =>
      isEncodable({
        status: 200,
        headers: [
          ['content-type', 'text/plain'],
          [name, value],
        ],
        size: undefined,
      })
    expect([said('Content-Encoding', 'gzip'), said('content-encoding', 'identity')]).toEqual([false, true])
    expect([said('Cache-Control', 'public, No-Transform'), said('Cache-Control', 'no-transformer')]).toEqual([
      false,
      true,
    ])
    expect(said('Content-Range', 'bytes 0-1/2')).toBe(false)
  })
})

describe('the head of an encoded answer', () => {
  it('has no length, a weak tag, no ranges, and varies', () => {
    expect(
      encodedHeaders(
        [
          ['content-length', '9'],
          ['ETag', '"x"'],
          ['Accept-Ranges', 'bytes'],
          ['X', '1'],
          ['vary', 'Origin'],
          ['Vary', 'Cookie'],
        ],
        'br',
      ),
    ).toEqual([
      ['ETag', 'W/"x"'],
      ['X', '1'],
      ['Vary', 'Origin, Cookie, Accept-Encoding'],
      ['Content-Encoding', 'br'],
    ])
  })
  it('varies also when this client gets it as it is', () => {
    expect(
      encodedHeaders(
        [
          ['content-length', '9'],
          ['vary', 'accept-ENCODING'],
        ],
        undefined,
      ),
    ).toEqual([
      ['content-length', '9'],
      ['Vary', 'accept-ENCODING'],
    ])
    expect(encodedHeaders([['vary', '*']], 'gzip')).toContainEqual(['Vary', '*'])
  })
})
