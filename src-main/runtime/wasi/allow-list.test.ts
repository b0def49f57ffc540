import { describe, expect, it } from 'vitest'
import { parsePattern } from '../../../src-preload/run-words.ts'
import { allows } from './allow-list.ts'

/** As the host asks: name and port out of a URL. */
function may(pattern: string, url: string): boolean {
  const { hostname, port, protocol } = new URL(url)
  return allows([pattern], hostname, port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port))
}

describe('the list of hosts a guest may call', () => {
  it.each([
    ['*', 'http://anything:1234/', true],
    ['*:443', 'https://anything/', true],
    ['*:443', 'http://anything/', false],
    ['example.org', 'https://EXAMPLE.org/', true],
    ['Example.ORG', 'https://example.org./', true],
    ['example.org', 'https://www.example.org/', false],
    ['example.org', 'https://example.org.evil.test/', false],
    ['example.org', 'https://notexample.org/', false],
    ['example.org:8080', 'http://example.org:8080/', true],
    ['example.org:8080', 'http://example.org/', false],
    ['*.example.org', 'https://a.b.example.org/', true],
    ['*.example.org', 'https://example.org/', true],
    ['*.example.org', 'https://notexample.org/', false],
    ['example.org.', 'https://example.org/', true],
    ['[::1]', 'http://[::1]:9/', true],
    ['[0:0:0:0:0:0:0:1]:9', 'http://[::1]:9/', true],
    ['[::1]:9', 'http://[::1]:8/', false],
    ['[::1]', 'http://127.0.0.1/', false],
    ['127.0.0.1', 'http://127.1/', true],
    ['127.1', 'http://127.0.0.1/', true],
    ['127.0.0.1', 'http://0x7f000001/', true],
    ['example.org', 'http://example.org@evil.test/', false],
  ])('%s, %s: %s', (pattern, url, allowed) => expect(may(pattern, url)).toBe(allowed))

  it('refuses what is no pattern', () => {
    for (const text of ['', 'http://x', 'a b', 'x:0', 'x:70000', 'x:', '*x', 'a.*.b', '[zz]', '::1', '[:::]'])
      expect([text, parsePattern(text)]).toEqual([text, undefined])
  })
})
