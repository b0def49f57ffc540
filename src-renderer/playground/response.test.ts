import { describe, expect, it } from 'vitest'
import { dataUrl, formOf, hexLine, indentJson, looksBinary, prettyOf, problemDetails, textOf } from './response.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('how a body is shown', () => {
  it('follows the media type', () => {
    expect(formOf('application/problem+json', bytes('{}'))).toMatchObject({
      language: 'json',
      views: ['pretty', 'raw', 'hex'],
    })
    expect(formOf('text/html; charset=utf-8', bytes('<p>'))).toMatchObject({ language: 'html', preview: 'page' })
    expect(formOf('image/png', bytes('x'))).toMatchObject({ preview: 'image', views: ['preview', 'hex'] })
    expect(formOf('image/svg+xml', bytes('<svg/>'))).toMatchObject({ preview: 'image', language: 'xml' })
  })
  it('looks at the bytes where the type says nothing, or lies', () => {
    expect(formOf(undefined, bytes(' {"a":1}'))).toMatchObject({ language: 'json' })
    expect(formOf(undefined, bytes('<!DOCTYPE html><p>'))).toMatchObject({ language: 'html' })
    expect(formOf('text/plain', new Uint8Array([0, 97, 115, 109]))).toMatchObject({
      binary: true,
      views: ['hex', 'raw'],
    })
    expect(looksBinary(new Uint8Array())).toBe(false)
  })
  it('decodes by the charset, and by UTF-8 when nobody knows it', () => {
    expect(textOf(new Uint8Array([0xe9]), 'text/plain; charset=ISO-8859-1')).toBe('é')
    expect(textOf(bytes('é'), 'text/plain; charset="nobody"')).toBe('é')
  })
})

describe('pretty JSON', () => {
  it('is what JSON.stringify would lay out', () => {
    const value = { a: [1, 'x, {y}: "z"', [], {}], b: { c: null, d: true } }
    expect(indentJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2))
  })
  it('keeps the spelling of numbers and strings', () => {
    expect(prettyOf('{"n":12345678901234567890,"e":1e400,"s":"\\u00e9"}', 'json')).toBe(
      '{\n  "n": 12345678901234567890,\n  "e": 1e400,\n  "s": "\\u00e9"\n}',
    )
  })
  it('leaves alone what is no JSON', () => {
    expect(prettyOf('{"a":', 'json')).toBe('{"a":')
  })
})

describe('problem details', () => {
  it('reads what, where and next step', () => {
    const text = JSON.stringify({
      title: 'Guest trapped',
      detail: 'unreachable',
      hint: 'Look at the console.',
      code: 'guest.trap',
      status: 502,
    })
    expect(problemDetails('application/problem+json', text)).toEqual({
      title: 'Guest trapped',
      detail: 'unreachable',
      hint: 'Look at the console.',
      code: 'guest.trap',
    })
  })
  it.each([
    ['application/json', '{"title":"x"}'],
    ['application/problem+json', '[1]'],
    ['application/problem+json', '{'],
    ['application/problem+json', '{"title":1}'],
    [undefined, ''],
  ])('is not there in %s %s', (type, text) => {
    expect(problemDetails(type, text)).toBeUndefined()
  })
})

describe('bytes', () => {
  it('become a hex line', () => {
    expect(hexLine(bytes('Hello, World! 0123'), 0)).toEqual({
      offset: '00000000',
      bytes: '48 65 6c 6c 6f 2c 20 57  6f 72 6c 64 21 20 30 31',
      text: 'Hello, World! 01',
    })
    expect(hexLine(bytes('Hello, World! 0123'), 1)).toMatchObject({ offset: '00000010', text: '23' })
  })
  it('become an address for pictures', () => {
    expect(dataUrl(new Uint8Array([1, 2, 255]), 'image/png')).toBe('data:image/png;base64,AQL/')
  })
})
