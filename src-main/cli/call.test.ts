import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { problemOf } from '../../src-engine/error.ts'
import { parseWave } from '../../src-engine/wave/parse.ts'
import { printWave } from '../../src-engine/wave/print.ts'
import type { ValueType } from '../../src-engine/types/graph.ts'
import { runPatchbay } from '../../test/command-line.ts'
import { callFunction } from '../runtime/call.ts'
import { packValue, unpackValue } from '../runtime/plain-values.ts'
import { fromGuest, toGuest } from '../runtime/wave-values.ts'
import { createTools } from '../tools/tools.ts'

const toolchains = join(import.meta.dirname, '../../test/fixtures/toolchains')
const folder = await mkdtemp(join(tmpdir(), 'patchbay-call-test-'))
const tools = createTools()
afterAll(async () => {
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})
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

  it('is refused with a reason and the exit code, before anything is started', async () => {
    const [wrong, negative] = await Promise.all([
      patchbay('call', '--json', 'zig/adder.wasm', 'ad', '1', '2'),
      patchbay('call', '--json', 'zig/adder.wasm', 'add', '1', '-2'),
    ])
    expect([wrong.code, negative.code]).toEqual([1, 2])
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      error: { code: 'call.unknown-function', hint: 'Did you mean "add"?' },
    })
    expect(JSON.parse(negative.stdout)).toMatchObject({ error: { code: 'usage.option' } })
  })

  it.each([
    ['zig/adder', 'ad', ['1', '2'], 'call.unknown-function', 'Did you mean "add"?'],
    ['zig/adder', 'docs:adder/ad#add', ['1', '2'], 'call.unknown-function', 'docs:adder/add@0.1.0#add'],
    ['zig/adder', 'add', ['1'], 'call.arguments', 'add: func(x: u32, y: u32) -> u32'],
    ['zig/adder', 'add(1, 2)', ['3'], 'usage.arguments', 'Leave one of them away'],
    ['zig/adder', 'add(1, 2', [], 'wave.unexpected', ''],
    ['zig/adder', 'add', ['1', 'two'], 'wave.unexpected', ''],
    ['zig/adder', 'add', ['1', '-2'], 'wave.range', ''],
    ['wat/stack', '[method]stack.pop', ['1'], 'call.type', 'live only inside a call'],
    ['rust/command', 'run', [], 'runtime.unresolved-import', 'Compose it'],
    ['none', 'run', [], 'input.not-found', ''],
  ] as const)('%s: %s %j is refused with %s', async (name, wanted, values, code, hint) => {
    const path = join(toolchains, `${name}.wasm`)
    const call = callFunction({ tools, cacheFolder: folder, path, export: wanted, values, onOutput: () => {} })
    const problem = await call.then(
      () => undefined,
      (thrown: unknown) => problemOf(thrown),
    )
    expect(problem?.code).toBe(code)
    expect(problem?.hint ?? '').toContain(hint)
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
