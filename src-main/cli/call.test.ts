import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseWave } from '../../src-engine/wave/parse.ts'
import { printWave } from '../../src-engine/wave/print.ts'
import type { ValueType } from '../../src-engine/types/graph.ts'
import { runPatchbay } from '../../test/command-line.ts'
import { packValue, unpackValue } from '../runtime/plain-values.ts'
import { fromGuest, toGuest } from '../runtime/wave-values.ts'

const toolchains = join(import.meta.dirname, '../../test/fixtures/toolchains')
const patchbay = (...args: string[]) => runPatchbay(toolchains, ...args)

describe('patchbay call', () => {
  it('calls with WAVE and answers in WAVE', async () => {
    const [plain, told, inline] = await Promise.all([
      patchbay('call', 'zig/adder.wasm', 'add', '40', '2'),
      patchbay('call', '--json', 'assemblyscript/text.wasm', 'reverse', '"a\\"b"'),
      patchbay('call', 'zig/adder.wasm', 'docs:adder/add@0.1.0#add(1, 2)'),
    ])
    expect([plain.code, plain.stdout], plain.stderr).toEqual([0, '42\n'])
    expect(JSON.parse(told.stdout)).toEqual({ refused: false, result: '"b\\"a"' })
    expect(inline.stdout).toBe('3\n')
  })

  it.each([
    [['zig/adder.wasm', 'ad', '1', '2'], 1, 'call.unknown-function', 'Did you mean "add"?'],
    [['zig/adder.wasm', 'add', '1'], 1, 'call.arguments', 'add: func(x: u32, y: u32) -> u32'],
    [['zig/adder.wasm', 'add(1, 2)', '3'], 2, 'usage.arguments', 'Leave one of them away'],
    [['zig/adder.wasm', 'add', '1', 'two'], 1, 'wave.unexpected', undefined],
    [['zig/adder.wasm', 'add', '1', '-2'], 2, 'usage.option', ''],
    [['zig/adder.wasm', 'add', '--', '1', '-2'], 1, 'wave.range', undefined],
    [['wat/stack.wasm', '[method]stack.pop', '1'], 1, 'call.type', 'live only inside a call'],
    [['rust/command.wasm', 'run'], 1, 'runtime.unresolved-import', 'Compose it'],
    [['none.wasm', 'run'], 3, 'input.not-found', ''],
  ])('%j is refused with a reason', async (args, code, error, hint) => {
    const answer = await patchbay('call', '--json', ...args)
    expect(JSON.parse(answer.stdout)).toMatchObject({ error: { code: error } })
    expect(answer.code).toBe(code)
    if (hint !== undefined) expect(answer.stderr).toContain(hint)
  })
})

describe('values on their way to a guest and back', () => {
  const u8: ValueType = { kind: 'u8' }
  const text: ValueType = { kind: 'string' }
  const point: ValueType = {
    kind: 'record',
    fields: [
      { name: 'at-x', type: { kind: 's64' } },
      { name: 'y', type: { kind: 'option', some: text } },
    ],
  }
  const shape: ValueType = {
    kind: 'variant',
    cases: [{ name: 'dot' }, { name: 'path', type: { kind: 'list', element: point } }],
  }
  const cases: readonly (readonly [string, ValueType])[] = [
    ['true', { kind: 'bool' }],
    ['-5', { kind: 's8' }],
    ['18446744073709551615', { kind: 'u64' }],
    ['-inf', { kind: 'f32' }],
    ['nan', { kind: 'f64' }],
    ['-0', { kind: 'f64' }],
    ["'水'", { kind: 'char' }],
    ['"a\\nb"', text],
    ['[1, 2, 255]', { kind: 'list', element: u8 }],
    ['[-1, 9223372036854775807]', { kind: 'list', element: { kind: 's64' } }],
    ['[1.5, nan]', { kind: 'list', element: { kind: 'f32' } }],
    ['["a", ""]', { kind: 'list', element: text }],
    ['[1, 2]', { kind: 'list', element: u8, length: 2 }],
    ['(1, "two")', { kind: 'tuple', items: [u8, text] }],
    ['{at-x: -3, y: some("z")}', point],
    ['path([{at-x: 1}])', shape],
    ['dot', shape],
    ['read-only', { kind: 'enum', names: ['read-write', 'read-only'] }],
    ['{a-b, c}', { kind: 'flags', names: ['a-b', 'x', 'c'] }],
    ['some(some(1))', { kind: 'option', some: { kind: 'option', some: u8 } }],
    ['some(none)', { kind: 'option', some: { kind: 'option', some: u8 } }],
    ['none', { kind: 'option', some: { kind: 'option', some: u8 } }],
    ['ok', { kind: 'result', error: text }],
    ['err("no")', { kind: 'result', ok: u8, error: text }],
  ]
  it.each(cases)('%s stays the same', (wave, type) => {
    const there = unpackValue(packValue(toGuest(parseWave(wave, type), type)))
    expect(printWave(fromGuest(there, type), type)).toBe(wave)
  })

  it('handles stay where they are', () => {
    class Handle {}
    expect(() => packValue([new Handle()])).toThrow(TypeError)
    expect(() => toGuest(1, { kind: 'stream' })).toThrow('cannot be written as text')
  })
})
