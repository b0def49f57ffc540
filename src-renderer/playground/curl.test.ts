import { describe, expect, it } from 'vitest'
import { isCurl, parseCurl } from './curl.ts'
import { printCurl } from './curl-print.ts'
import { type RequestDraft, emptyBody, emptyDraft, headerList, row } from './request.ts'
import { shellWords } from './shell.ts'

const read = (text: string) => {
  const { draft, notes } = parseCurl(text)
  return {
    method: draft.method,
    url: draft.url,
    headers: draft.headers.map(({ name, value }) => `${name}: ${value}`),
    kind: draft.body.kind,
    text: draft.body.text,
    form: draft.body.form.map(({ name, value }) => `${name}=${value}`),
    notes,
  }
}

describe('shell words', () => {
  it.each([
    [`a 'b c' "d \\"e\\" $x" f\\ g`, ['a', 'b c', 'd "e" $x', 'f g']],
    [`a''b "" c`, ['ab', '', 'c']],
    [`a \\\n  b \\\r\n c`, ['a', 'b', 'c']],
    [`$'x\\ny\\u00e9\\x41\\''`, ["x\nyéA'"]],
    [`curl ^"http://h/^" ^\r\n  -H ^"a: b^"`, ['curl', 'http://h/', '-H', 'a: b']],
    [`curl http://h/ | jq .`, ['curl', 'http://h/']],
    [`curl http://h/?a=1&b=2`, ['curl', 'http://h/?a=1&b=2']],
  ])('cuts %j', (text, words) => {
    expect(shellWords(text)).toEqual(words)
  })
  it.each([`'a`, `"a`, `$'a`])('says that %s is not closed', (text) => {
    expect(() => shellWords(text)).toThrow(/ends inside a quotation/)
  })
})

describe('reading curl', () => {
  it('knows one when it sees one', () => {
    expect([`curl http://h`, ` $ curl -X GET h`, `curl.exe h`, `curly h`, `http://h/curl`, 'curl'].map(isCurl)).toEqual(
      [true, true, true, false, false, false],
    )
  })
  it('takes method, address and headers', () => {
    expect(
      read(`$ curl -sSLX PUT 'http://h/p?a=1' -H 'Accept: text/plain' --header "X-E;" -u me:pä -A agent`),
    ).toMatchObject({
      method: 'PUT',
      url: 'http://h/p?a=1',
      headers: ['Accept: text/plain', 'X-E: ', 'authorization: Basic bWU6cMOk', 'user-agent: agent'],
      kind: 'none',
      notes: [],
    })
  })
  it('supposes what curl supposes', () => {
    expect(read('curl localhost:8080/x')).toMatchObject({ method: 'GET', url: 'http://localhost:8080/x' })
    expect(read('curl -I h')).toMatchObject({ method: 'HEAD' })
    expect(read(`curl h -d a=1 -d 'b=x y'`)).toMatchObject({
      method: 'POST',
      kind: 'text',
      text: 'a=1&b=x y',
      headers: ['content-type: application/x-www-form-urlencoded'],
    })
    expect(read(`curl h -da=1 --data-urlencode 'b=x y'`)).toMatchObject({
      method: 'POST',
      kind: 'form',
      form: ['a=1', 'b=x y'],
    })
    expect(read(`curl -G h?z=0 -d a=1`)).toMatchObject({ method: 'GET', url: 'http://h?z=0&a=1', kind: 'none' })
    expect(read(`curl h --json '{"a":1}'`)).toMatchObject({
      method: 'POST',
      kind: 'json',
      text: '{"a":1}',
      headers: ['content-type: application/json', 'accept: application/json'],
    })
    expect(read(`curl h -H 'content-type: application/json' --data-raw '@x'`)).toMatchObject({
      kind: 'json',
      text: '@x',
    })
    expect(read(`curl h -F a=1 -F 'b=2'`)).toMatchObject({ method: 'POST', kind: 'form', form: ['a=1', 'b=2'] })
  })
  it('tells what it leaves out, and never drops an unknown option silently', () => {
    const { notes, url } = read(
      `curl --frobnicate -k -d @body.json --proxy http://p http://h http://second -F f=@x.png -b jar.txt`,
    )
    expect(url).toBe('http://h')
    expect(notes.join('\n')).toMatch(
      /--frobnicate is not known[^]*insecure[^]*body\.json[^]*--proxy http:\/\/p[^]*second[^]*x\.png[^]*jar\.txt/,
    )
  })
  it.each([
    ['wget h', /does not start with curl/],
    ['curl -X', /needs a value/],
    ['curl -s', /names no address/],
    [`curl 'h`, /quotation/],
  ])('refuses %s', (text, message) => {
    expect(() => parseCurl(text)).toThrow(message)
  })
})

describe('printing curl', () => {
  const requests: RequestDraft[] = [
    emptyDraft('http://127.0.0.1:1234/a?b=c%20d'),
    {
      ...emptyDraft("http://h/it's"),
      method: 'DELETE',
      headers: [row('x-a', "o'clock"), row('x-e', ''), row('x-off', '1', false)],
    },
    { ...emptyDraft('http://h/'), method: 'HEAD' },
    { ...emptyDraft('http://h/'), method: 'POST', body: { ...emptyBody, kind: 'json', text: '{\n  "a": "ü\'"\n}' } },
    {
      ...emptyDraft('http://h/'),
      method: 'POST',
      headers: [row('content-type', 'text/csv')],
      body: { ...emptyBody, kind: 'text', text: '@a;b\n1;2' },
    },
    {
      ...emptyDraft('http://h/'),
      method: 'PATCH',
      body: { ...emptyBody, kind: 'form', form: [row('a', '1 & 2'), row('b', '')] },
    },
  ]
  it.each(requests.map((draft) => [printCurl(draft), draft] as const))(
    '%s reads back as the same request',
    (text, draft) => {
      const again = parseCurl(text).draft
      expect(again.method).toBe(draft.method)
      expect(again.url).toBe(draft.url)
      expect(headerList(again)).toEqual(headerList(draft))
      expect([again.body.text, again.body.form.map(({ name, value }) => [name, value])]).toEqual([
        draft.body.text,
        draft.body.form.map(({ name, value }) => [name, value]),
      ])
    },
  )
})
