import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandAnswer, runPatchbay } from '../../test/command-line.ts'

const root = join(import.meta.dirname, '..', '..')
const sample = (name: string) => join(root, 'resources', 'samples', name, `${name}.wasm`)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-test-draw-'))
  await writeFile(
    join(folder, 'two.wac'),
    'package a:two;\nlet back = new s:mik-handler {};\nlet front = new s:bridge { "mik:core/handler@0.1.0": back.handler, ... };\nexport front.incoming-handler;\n',
  )
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

const patchbay = (...args: string[]): Promise<CommandAnswer> => runPatchbay(folder, ...args)

describe('patchbay draw', () => {
  it('draws a composed file and a project, in every format, and says what it cannot', async () => {
    const deps = ['mik-handler', 'bridge'].flatMap((name) => ['-d', `s:${name}=${sample(name)}`])
    const composed = await patchbay('compose', 'two.wac', ...deps, '-o', 'two.wasm')
    expect(composed.code, composed.stderr).toBe(0)
    const [svg, mermaid, apart, format, text] = await Promise.all([
      patchbay('draw', 'two.wasm', '--dark'),
      patchbay('draw', 'two.wasm', '-o', 'two.mmd', '--json'),
      patchbay('decompose', 'two.wasm', '--project', 'apart'),
      patchbay('draw', 'two.wasm', '-f', 'gif'),
      patchbay('draw', 'two.wac'),
    ])
    expect(svg.stdout).toMatch(/^<svg [^]*<\/svg>\n$/)
    expect(svg.stdout.match(/<path /g)).toHaveLength(2)
    expect(svg.stdout).toContain('#111116')
    const written = await readFile(join(folder, 'two.mmd'), 'utf8')
    expect(written).toContain('-- "handler" -->')
    expect(JSON.parse(mermaid.stdout)).toEqual({ format: 'mermaid', text: written })
    expect([format.code, text.code]).toEqual([2, 3])
    expect(format.stderr).toContain('svg, mermaid, wac')

    expect(apart.code, apart.stderr).toBe(0)
    const project = await patchbay('draw', 'apart', '-o', 'apart.svg')
    expect(project.code, project.stderr).toBe(0)
    expect(await readFile(join(folder, 'apart.svg'), 'utf8')).toContain('World exports')
  })
})
