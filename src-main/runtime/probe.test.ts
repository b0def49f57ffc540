import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemOf } from '../../src-engine/error.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { probeIsolation, type ProbeOptions } from './probe.ts'

let folder: string
let tools: Tools
let bytes: Uint8Array
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-probe-test-'))
  tools = createTools()
  bytes = await readFile(join(import.meta.dirname, '../../test/fixtures/guests/behaviours.wasm'))
})
afterAll(async () => {
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

const probe = (path: string, rest: Partial<ProbeOptions> = {}): ReturnType<typeof probeIsolation> =>
  probeIsolation({ tools, cacheFolder: folder, bytes, name: 'guest', method: 'GET', path, ...rest })

describe('probing what requests share', () => {
  it('finds a counter where instances are reused, and nothing where each request gets a fresh one', async () => {
    const { engine, findings, summary } = await probe('/served')
    expect(engine).toBe('direct')
    expect(findings.map(({ isolation }) => isolation)).toEqual(['request', 'pool', 'none'])
    expect(findings[0]).toEqual({ isolation: 'request', bytes: 0, globals: 0 })
    for (const reused of findings.slice(1)) {
      expect(reused.bytes).toBeGreaterThan(0)
      expect(reused.answers).toEqual(['"200 1"', '"200 2"'])
    }
    expect(summary).toContain('State leaks when an instance is reused')
  })

  it('tells what stays in memory although the answers are the same', async () => {
    const { findings, summary } = await probe('/hello')
    expect(findings.every(({ answers }) => answers === undefined)).toBe(true)
    expect(summary).toMatch(/answers are the same .* stay changed after a request/)
  })

  it('says that the reference engine cannot tell of memory', async () => {
    const { findings, summary } = await probe('/served', { settings: { engine: 'jco' } })
    expect(findings[2]).toEqual({ isolation: 'none', answers: ['"200 1"', '"200 2"'] })
    expect(summary).toContain('cannot be told on this engine')
  })

  it('throws what keeps the handler from running', async () => {
    expect(await probe('/', { bytes: bytes.subarray(0, 1000) }).catch(problemOf)).toMatchObject({
      code: 'runtime.invalid',
    })
  })
})
