import { describe, expect, it } from 'vitest'
import {
  addressOf,
  bodyBytes,
  draftProblem,
  emptyBody,
  emptyDraft,
  headerList,
  headerProblem,
  queryRows,
  row,
  urlProblem,
  urlWithQuery,
} from './request.ts'

describe('the query table', () => {
  it('shows what the address says, decoded', () => {
    const rows = queryRows('http://h/p?a=1&b=x%20y+z&flag&=v#end', [])
    expect(rows.map(({ name, value }) => [name, value])).toEqual([
      ['a', '1'],
      ['b', 'x y z'],
      ['flag', ''],
      ['', 'v'],
    ])
  })
  it('keeps rows that are switched off, and the identity of rows that did not change', () => {
    const off = row('later', '1', false)
    const first = queryRows('http://h/?a=1&b=2', [off])
    const second = queryRows('http://h/?a=1&b=3', first)
    expect(second[0]).toBe(first[0])
    expect(second[1]).toMatchObject({ id: first[1]?.id, value: '3' })
    expect(second[2]).toBe(off)
  })
  it('writes the address back, and keeps the spelling of what nobody touched', () => {
    const url = 'http://h/p?a=%7e&b=x+y&c#end'
    const rows = queryRows(url, [])
    expect(urlWithQuery(url, rows)).toBe(url)
    expect(urlWithQuery(url, [...rows, row('new name', 'ü&=')])).toBe(
      'http://h/p?a=%7e&b=x+y&c&new%20name=%C3%BC%26%3D#end',
    )
    expect(
      urlWithQuery(
        url,
        rows.map((one) => ({ ...one, enabled: false })),
      ),
    ).toBe('http://h/p#end')
  })
  it('survives an escape that is none', () => {
    expect(queryRows('http://h/?a=%zz', [])).toMatchObject([{ name: 'a', value: '%zz' }])
    expect(urlWithQuery('http://h/?a=%zz', queryRows('http://h/?a=%zz', []))).toBe('http://h/?a=%zz')
  })
})

describe('what is sent', () => {
  it('is the enabled headers in order, doubles kept, and the media type of the body', () => {
    const draft = {
      ...emptyDraft('http://h/'),
      method: 'POST',
      headers: [row('x-a', '1'), row('x-a', '2'), row('x-b', '3', false), row()],
      body: { ...emptyBody, kind: 'json' as const, text: '{}' },
    }
    expect(headerList(draft)).toEqual([
      ['x-a', '1'],
      ['x-a', '2'],
      ['content-type', 'application/json'],
    ])
    expect(headerList({ ...draft, headers: [row('Content-Type', 'text/x')] })).toEqual([['Content-Type', 'text/x']])
  })
  it('is the form, encoded', () => {
    const body = bodyBytes({
      ...emptyBody,
      kind: 'form',
      form: [row('a b', 'ü'), row('off', '1', false), row('', 'x')],
    })
    expect(new TextDecoder().decode(body?.bytes)).toBe('a+b=%C3%BC')
  })
})

describe('what keeps a request from being sent', () => {
  it('is said in words', () => {
    expect(urlProblem('')).toContain('address is needed')
    expect(urlProblem('127.0.0.1:8080/')).toBeUndefined()
    expect(addressOf(' h:1/x ')).toBe('http://h:1/x')
    expect(urlProblem('http://')).toContain('names a host')
    expect(urlProblem('ftp://h/')).toContain('ftp:// cannot be sent to')
    expect(urlProblem('http://[::1]:80/')).toBeUndefined()
    expect(headerProblem('a b', '')).toContain('no header name')
    expect(headerProblem('a', 'x\r\ny: z')).toContain('line break')
    expect(headerProblem('a', '☃')).toContain('Latin-1')
    expect(headerProblem('a', 'é\t')).toBeUndefined()
    expect(draftProblem({ ...emptyDraft('http://h/'), method: 'GE T' })).toContain('no method')
    expect(draftProblem({ ...emptyDraft('http://h/'), headers: [row('bad name', '1', false)] })).toBeUndefined()
    expect(draftProblem({ ...emptyDraft('http://h/'), body: { ...emptyBody, kind: 'file' } })).toContain('No file')
  })
})
