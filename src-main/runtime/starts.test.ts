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
function workbench(): Runtime {
  const runtime = createRuntime({
    tools,
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
