import { describe, expect, it } from 'vitest'
import { loopbackUrl } from './host.ts'

describe('loopbackUrl', () => {
  it.each(['http://127.0.0.1:8080/run/hello', 'http://localhost:3000/', 'https://[::1]:8443/'])('passes %s', (url) => {
    expect(loopbackUrl(url)).toBe(url)
  })

  it.each([
    'https://example.com/',
    'http://127.0.0.1.example.com/',
    'http://localhost@example.com/',
    'http://user:password@localhost/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'vscode://x',
    'app://workbench/index.html',
    '/run/hello',
    '--help',
    '',
  ])('refuses %j', (url) => {
    expect(() => loopbackUrl(url)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'window.refused-url' }) }),
    )
  })
})
