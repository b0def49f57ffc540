import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PatchbayError } from '../../src-engine/error.ts'
import { documentVersion, newDocument, parseDocument, printDocument } from './document.ts'
import { findJsonError } from './json-error.ts'

const samples = join(import.meta.dirname, '..', '..', 'test', 'fixtures', 'projects')
const sampleNames = readdirSync(samples).filter((name) => name.startsWith('version-'))

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('the place of a mistake in JSON', () => {
  it.each([
    ['', 0, 'a value'],
    ['{"a": x}', 6, 'a value'],
    ['{"a":tru}', 5, 'a value'],
    ['{"a":1,}', 7, 'a name in double quotes'],
    ['{\n"a":1\n"b":2}', 8, 'a comma or }'],
    ['[1', 2, 'a comma or ]'],
    ['{"a" 1}', 5, 'a colon'],
    ['{"a":"\n"}', 5, 'a string that ends'],
    ['{} {}', 3, 'the end of the file'],
    ['[01]', 1, 'a value'],
  ])('%j at %i', (text, offset, expected) => {
    expect(findJsonError(text)).toEqual({ offset, expected })
  })

  it('agrees with JSON.parse on what is JSON, whole or damaged', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', 'x', '\u0001', '1'), (text, place, put) => {
        expect(findJsonError(text)).toBeUndefined()
        const at = place % (text.length + 1)
        const damaged = text.slice(0, at) + put + text.slice(at + 1)
        expect(findJsonError(damaged) === undefined, damaged).toBe(parses(damaged))
      }),
      { numRuns: 500, seed: 7 },
    )
  })

  it('goes deeper than any call stack', () => {
    expect(findJsonError('['.repeat(1_000_000))).toEqual({ offset: 1_000_000, expected: 'a value' })
    expect(findJsonError(`"${'x\\n'.repeat(1_000_000)}"`)).toBeUndefined()
  })
})

describe('the project file', () => {
  it('keeps keys that it does not know at every depth, and lets deleted rows go', () => {
    const text = JSON.stringify({
      ...newDocument('mine'),
      team: { owner: 'me' },
      components: { a: { path: 'a.wasm', note: 'keep' }, b: { path: 'b.wasm', note: 'gone' } },
      view: { positions: { one: { x: 1, y: 2, pinned: true } }, colours: { one: 'red' } },
      run: { port: 80, later: [1] },
    })
    const { document, raw } = parseDocument(text, 'patchbay.json')
    const { b: _removed, ...components } = document.components
    const printed = JSON.parse(printDocument({ ...document, components, name: 'renamed' }, raw))
    expect(printed).toMatchObject({
      name: 'renamed',
      team: { owner: 'me' },
      components: { a: { path: 'a.wasm', note: 'keep' } },
      view: { positions: { one: { x: 1, y: 2, pinned: true } }, colours: { one: 'red' } },
      run: { port: 80, later: [1] },
    })
    expect(printed.components).not.toHaveProperty('b')
    // Settings that were emptied leave nothing behind but what is somebody else's.
    expect(JSON.parse(printDocument({ ...document, run: {} }, raw)).run).toEqual({ later: [1] })
    expect(JSON.parse(printDocument({ ...document, run: {} }))).not.toHaveProperty('run')
  })

  it('opens a file that begins with a byte order mark', () => {
    expect(parseDocument(`\ufeff${JSON.stringify(newDocument('x'))}`, 'p').document.name).toBe('x')
  })

  it.each(sampleNames)('opens what earlier versions wrote: %s', (name) => {
    const text = readFileSync(join(samples, name, 'patchbay.json'), 'utf8')
    const { document, raw } = parseDocument(text, name)
    const expected: unknown = JSON.parse(readFileSync(join(samples, name, 'expected.json'), 'utf8'))
    expect(JSON.parse(printDocument(document, raw))).toEqual(expected)
  })

  it('has a sample of every version', () => {
    const versions = sampleNames.map((name) => Number(/^version-(\d+)$/.exec(name)?.[1]))
    expect(versions.sort()).toEqual(Array.from({ length: documentVersion + 1 }, (_, version) => version))
  })

  it('refuses hostile text with a typed error and touches no prototype', () => {
    const whole = printDocument({
      ...newDocument('whole'),
      components: { a: { path: 'a.wasm' } },
      view: { positions: { a: { x: 1, y: 2 } } },
    })
    fc.assert(
      fc.property(fc.nat(whole.length), fc.string({ maxLength: 3 }), fc.nat(5), (at, put, cut) => {
        try {
          parseDocument(whole.slice(0, at) + put + whole.slice(at + cut), 'patchbay.json')
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(PatchbayError)
        }
      }),
      { numRuns: 500, seed: 7 },
    )
    const text = whole.replace(
      '"components": {',
      '"__proto__": {"polluted": 1}, "components": {"__proto__": {"path": "x"},',
    )
    const { document, raw } = parseDocument(text, 'patchbay.json')
    printDocument(document, raw)
    expect({}).not.toHaveProperty('polluted')
    expect({}).not.toHaveProperty('path')
  })
})
