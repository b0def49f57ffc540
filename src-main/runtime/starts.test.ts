import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { LogLine } from '../../src-preload/contract.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { linkComponent } from './direct/link.ts'
import { sectionIds, sectionsOf } from './direct/module-sections.ts'
import { createRuntime, type Runtime } from './runtime.ts'

const guest = join(import.meta.dirname, '../../test/fixtures/guests/behaviours.wasm')

let folder: string
let tools: Tools
const running: Runtime[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-starts-test-'))
  tools = createTools()
})
afterEach(async () => {
  for (const runtime of running.splice(0)) await runtime.dispose()
})
afterAll(async () => {
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

const lines: LogLine[] = []
/** A workbench of its own; all of them have one cache. */
function workbench(given = tools): Runtime {
  const runtime = createRuntime({
    tools: given,
    cacheFolder: join(folder, 'cache'),
    onLines: (more) => void lines.push(...more),
  })
  running.push(runtime)
  return runtime
}

/** The component with a first function that adds what is not there: well formed, and not valid. */
function withInvalidFunction(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice()
  const [range] = linkComponent(bytes, () => true).modules
  const code = range && sectionsOf(bytes, range.start, range.end).find(({ id }) => id === sectionIds.code)
  if (!code) return expect.fail('it has no code')
  let at = code.start
  const number = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = changed[at++] ?? 0
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  number()
  const size = number()
  // No locals, `i32.add`, and nothing else up to the end.
  changed.fill(0x01, at, at + size)
  changed.set([0x00, 0x6a], at)
  changed[at + size - 1] = 0x0b
  return changed
}

it('refuses functions that the engine finds invalid, at every start', async () => {
  const bytes = withInvalidFunction(new Uint8Array(await readFile(guest)))
  for (const _ of ['never seen', 'prepared before', 'prepared and refused before']) {
    const { handlers } = await workbench().start({ handlers: [{ name: 'wrong', bytes }] })
    expect(handlers).toMatchObject([{ state: 'failed', problem: { code: 'runtime.compile' } }])
    expect(handlers[0]?.problem?.message).toMatch(/Compiling function #\d+.* failed: .*i32\.add/)
  }
})

it('serves nothing that the validator refuses, though the engine could run it', async () => {
  const bytes = await readFile(guest)
  const verdict = { ok: false, problem: { code: 'tools.invalid', message: 'type mismatch' } } as const
  const strict: Tools = { ...tools, validate: () => Promise.resolve(verdict) }
  for (const _ of ['never seen', 'refused before']) {
    const runtime = workbench(strict)
    const { handlers, url = '' } = await runtime.start({ handlers: [{ name: 'wrong', bytes }] })
    expect(handlers).toMatchObject([{ state: 'failed', problem: { code: 'runtime.invalid' } }])
    expect((await fetch(url)).status).toBe(500)
    expect(runtime.traffic()[0]?.workers).toBe(0)
  }
  const { handlers } = await workbench().start({ handlers: [{ name: 'right', bytes }] })
  expect(handlers).toMatchObject([{ state: 'ready' }])
})

it('asks the validator once for what it found valid', async () => {
  const bytes = await readFile(join(import.meta.dirname, '../../resources/samples/hello/hello.wasm'))
  let asked = 0
  const counting: Tools = { ...tools, validate: (...given) => (asked++, tools.validate(...given)) }
  for (const _ of [1, 2]) await workbench(counting).start({ handlers: [{ name: 'hello', bytes }] })
  expect(asked).toBe(1)
})
