import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PatchbayError, type Problem } from '../../src-engine/error.ts'
import { createTools, type Tools } from './tools.ts'

let tools: Tools
beforeAll(() => {
  tools = createTools()
})
afterAll(() => tools.dispose())

async function problemFrom(work: Promise<unknown>): Promise<Problem> {
  try {
    await work
  } catch (thrown) {
    if (thrown instanceof PatchbayError) return thrown.problem
    throw thrown
  }
  throw new Error('nothing was thrown')
}

describe('the tools worker', () => {
  it('turns text into a component, prints it and writes its world', async () => {
    const bytes = await tools.parseWat('(component (import "greet" (func (param "name" string))))')
    expect(await tools.witOf(bytes)).toContain('import greet: func(name: string);')
    expect(await tools.printWat(bytes)).toContain('(component')
    expect(await tools.validate(bytes)).toEqual({ ok: true })
  })

  it('names line and column of a text error', async () => {
    const problem = await problemFrom(tools.parseWat('(component\n  (foo))'))
    expect(problem).toMatchObject({
      code: 'input.wat',
      message: 'expected valid component field',
      where: { line: 2, column: 4 },
    })
  })

  it('refuses invalid components with the offset, each input on its own', async () => {
    const bytes = await tools.parseWat('(component (import "greet" (func)))')
    const cut = await tools.validate(bytes.subarray(0, bytes.length - 3))
    expect(cut).toMatchObject({ ok: false, problem: { code: 'tools.invalid', where: { offset: 17 } } })
    for (const other of [new Uint8Array(), new Uint8Array(64), await tools.parseWat('(module)')])
      expect(await tools.validate(other)).toMatchObject({ ok: false, problem: { code: 'input.not-component' } })
    for (let at = 8; at < bytes.length; at++) {
      const mutated = bytes.slice()
      mutated[at] = 0xff
      expect(typeof (await tools.validate(mutated)).ok).toBe('boolean')
    }
  })

  it('survives a panic: the caller is told, the next caller is served', async () => {
    // A function under an interface name is valid to the parser and unreachable code to the WIT decoder.
    const poison = await tools.parseWat('(component (import "a:b/c" (func)))')
    const after = await tools.parseWat('(component (import "other" (func)))')
    const [first, second] = await Promise.all([problemFrom(tools.witOf(poison)), tools.validate(after)])
    expect(first.code).toBe('tools.crashed')
    expect(second).toEqual({ ok: true })
  })

  it('judges the format alone where the world breaks the printer down', async () => {
    expect(await tools.validate(await tools.parseWat('(component (import "a:b/c" (func)))'))).toEqual({ ok: true })
    // An interface that comes in and goes out again, with a resource.
    const again = await tools.parseWat(`(component
      (import "a:b/c" (instance $i (export "r" (type (sub resource)))))
      (export "a:b/c" (instance $i)))`)
    expect(await tools.validate(again)).toEqual({ ok: true })
  })

  it('never hands URL and dependency names to the validator', async () => {
    const bytes = await tools.parseWat('(component (component (import "url=<https://a.example/b>" (func))))')
    expect(await tools.validate(bytes)).toMatchObject({
      ok: false,
      problem: { code: 'tools.unsupported-name', message: expect.stringContaining('url=<https://a.example/b>') },
    })
  })

  it('replaces a worker that takes too long', async () => {
    const hasty = createTools({ timeout: 1 })
    const problem = await problemFrom(hasty.parseWat('(component)'))
    expect(problem.code).toBe('tools.timeout')
    await hasty.dispose()
    expect((await problemFrom(hasty.parseWat('(component)'))).code).toBe('internal.tools')
  })

  it('transpiles', async () => {
    const bytes = await tools.parseWat('(component)')
    const { files } = await tools.transpile(bytes, 'empty', { instantiation: 'async' })
    expect(Object.keys(files)).toContain('empty.js')
  })
})
