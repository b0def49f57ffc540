import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decode } from '../../src-engine/binary/decode.ts'
import { componentSummary } from '../../src-preload/contract.ts'
import { type CommandAnswer, runPatchbay } from '../../test/command-line.ts'
import { createTools, type Tools } from '../tools/tools.ts'

const samples = join(import.meta.dirname, '..', '..', 'resources', 'samples')
const sample = (name: string) => join(samples, name, `${name}.wasm`)
let folder: string
let tools: Tools

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-test-verbs-'))
  tools = createTools()
})
afterAll(async () => {
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

const patchbay = (...args: string[]): Promise<CommandAnswer> => runPatchbay(folder, ...args)
const json = (answer: CommandAnswer): Record<string, unknown> => JSON.parse(answer.stdout)

describe('the command line', () => {
  it('answers wrong use with 2 and a suggestion', async () => {
    const [verb, option, missing, number] = await Promise.all([
      patchbay('inspec', 'x.wasm'),
      patchbay('inspect', '--jsn', 'x.wasm'),
      patchbay('inspect'),
      patchbay('size', sample('adder'), '--depth', 'x'),
    ])
    expect([verb, option, missing, number].map(({ code }) => code)).toEqual([2, 2, 2, 2])
    expect(verb?.stderr).toContain('Did you mean "patchbay inspect"?')
    expect(option?.stderr).toContain('Did you mean --json?')
    expect(missing?.stderr).toContain('usage: patchbay inspect FILE')
    expect(number?.stderr).toContain('--depth needs a whole number')
  })

  it('answers unreadable input with 3, what, where and the next step', async () => {
    const hello = await readFile(sample('hello'))
    const files: Record<string, Uint8Array> = {
      'text.wasm': Buffer.from('hello there'),
      'empty.wasm': new Uint8Array(),
      'core.wasm': Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
      'short.wasm': hello.subarray(0, 5000),
    }
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
    await mkdir(join(folder, 'folder.wasm'))
    const table: Record<string, string> = {
      'text.wasm': 'input.not-wasm',
      'empty.wasm': 'input.empty',
      'short.wasm': 'input.truncated',
      'folder.wasm': 'input.directory',
      'none.wasm': 'input.not-found',
    }
    for (const [name, code] of Object.entries(table)) {
      const answer = await patchbay('inspect', '--json', name)
      expect(answer.code, name).toBe(3)
      const { error } = json(answer) as {
        error: { code: string; message: string; where: { file?: string }; hint: string }
      }
      expect(error.code).toBe(code)
      expect(error.where.file, name).toContain(name)
      expect(error.hint, name).not.toBe('')
    }
    // A core module is told as what it is, and refused where a component is needed.
    expect(json(await patchbay('inspect', '--json', 'core.wasm'))).toMatchObject({ kind: 'module' })
    expect((await patchbay('plug', 'core.wasm', '--plug', sample('hello'))).code).toBe(3)
  })

  it('opens a file of 200 MB in seconds', async () => {
    const path = join(folder, 'large.wasm')
    const file = await open(path, 'w')
    // A component whose one custom section is 200 MB of nothing, sparse on the disk.
    const size = 200 * 1024 * 1024
    const head = Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 0])
    const length = Buffer.from([
      (size & 0x7f) | 0x80,
      ((size >> 7) & 0x7f) | 0x80,
      ((size >> 14) & 0x7f) | 0x80,
      (size >> 21) & 0x7f,
    ])
    await file.write(Buffer.concat([head, length, Buffer.from([1, 0x78])]))
    await file.truncate(head.length + length.length + size)
    await file.close()
    const answer = await patchbay('inspect', '--json', path)
    expect(answer.code, answer.stderr).toBe(0)
    expect(json(answer)).toMatchObject({ kind: 'component', size: head.length + length.length + size })
  })

  it('inspects as the contract says', async () => {
    const summary = componentSummary.parse(json(await patchbay('inspect', '--json', sample('hello'))))
    expect(summary.runnable).toEqual({ http: '0.2', command: false })
    expect(summary.world.exports).toMatchObject([{ name: 'wasi:http/incoming-handler@0.2.12', kind: 'instance' }])
    expect((await patchbay('inspect', '--wit', sample('adder'))).stdout).toContain('add: func(')
    const core = await tools.componentEmbed({ witSource: 'package a:b; world w { export run: func(); }', dummy: true })
    await writeFile(join(folder, 'made-for.wasm'), core)
    expect((await patchbay('inspect', 'made-for.wasm')).stdout).toContain('made for the world a:b/w (strings in utf8)')
    expect((await patchbay('inspect', '--wit', 'made-for.wasm')).stdout).toContain('export run: func();')
  })

  it('plugs, with the reason for every import, and the result is valid', async () => {
    const answer = await patchbay('plug', sample('bridge'), '--plug', sample('mik-handler'), '-o', 'service.wasm')
    expect(answer.code, answer.stderr).toBe(0)
    expect(answer.stderr).toContain('mik:core/handler@0.1.0: plugged by')
    expect(answer.stderr).toContain('wasi:http/types@0.2.12: left to the host')
    const service = await readFile(join(folder, 'service.wasm'))
    expect(await tools.validate(service)).toEqual({ ok: true })
    expect([...decode(service).type.exports.keys()]).toEqual(['wasi:http/incoming-handler@0.2.12'])
    const refused = await patchbay('plug', sample('bridge'), '--plug', sample('adder'))
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('none of the plugs fits')
  })

  it('takes apart what it composed, as a list and as a script that composes again', async () => {
    await patchbay('plug', sample('bridge'), '--plug', sample('mik-handler'), '-o', 'whole.wasm')
    const script = await patchbay('decompose', 'whole.wasm', '--wac', '--out', 'deps')
    expect(script.code, script.stderr).toBe(0)
    await writeFile(join(folder, 'again.wac'), script.stdout)
    const again = await patchbay('compose', 'again.wac', '-o', 'again.wasm')
    expect(again.code, again.stderr).toBe(0)
    expect([...decode(await readFile(join(folder, 'again.wasm'))).type.exports.keys()]).toEqual([
      'wasi:http/incoming-handler@0.2.12',
    ])
    expect((await patchbay('decompose', sample('adder'))).code).toBe(1)
    const project = await patchbay('decompose', 'whole.wasm', '--project', 'apart')
    expect(project.code, project.stderr).toBe(0)
    const composed = await patchbay('compose', 'apart', '-o', 'apart.wasm')
    expect(composed.code, composed.stderr).toBe(0)
    expect([...decode(await readFile(join(folder, 'apart.wasm'))).type.exports.keys()]).toEqual([
      'wasi:http/incoming-handler@0.2.12',
    ])
    const fits = await patchbay('check', 'apart')
    expect(fits.code, fits.stderr).toBe(0)
    expect(fits.stdout + fits.stderr).toContain('wires fit')
    // Another build without the export that is wired: the check names wire and reason.
    await writeFile(join(folder, 'apart', 'components', 'mik-handler.wasm'), await readFile(sample('adder')))
    const broken = await patchbay('check', 'apart', '--json')
    expect(broken.code).toBe(1)
    expect(json(broken)).toMatchObject({
      ok: false,
      problems: [{ instance: 'bridge', import: 'mik:core/handler@0.1.0' }],
    })
    expect((await patchbay('check', sample('adder'))).code).toBe(2)
    const twice = await patchbay('decompose', 'whole.wasm', '--project', 'apart')
    expect(twice.stderr).toContain('already holds a project')
    expect(twice.code).not.toBe(0)
  })

  it('composes scripts with -d and --deps-dir, and says where it looked', async () => {
    await writeFile(
      join(folder, 'calc.wac'),
      'package local:calc;\nlet add = new docs:adder {};\nlet calc = new docs:calculator { add: add.add, ... };\nexport calc...;\n',
    )
    const missing = await patchbay('compose', 'calc.wac', '--json')
    expect(missing.code).toBe(1)
    const { error } = json(missing) as { error: { code: string; where: { line: number }; hint: string } }
    expect(error).toMatchObject({ code: 'wac.unknown-package', where: { line: 2 } })
    expect(error.hint).toContain(join('deps', 'docs', 'adder.wasm'))
    const answer = await patchbay(
      'compose',
      'calc.wac',
      '-d',
      `docs:adder=${sample('adder')}`,
      '-d',
      `docs:calculator=${sample('calculator')}`,
      '-o',
      'calc.wasm',
    )
    expect(answer.code, answer.stderr).toBe(0)
    const calc = await readFile(join(folder, 'calc.wasm'))
    expect(await tools.validate(calc)).toEqual({ ok: true })
    expect([...decode(calc).type.imports.keys()]).toEqual([])
  })

  it('composes the project of the first start', async () => {
    const project = join(folder, 'project')
    await mkdir(join(project, 'components'), { recursive: true })
    await writeFile(join(project, 'patchbay.json'), await readFile(join(samples, 'project', 'patchbay.json')))
    for (const name of ['bridge', 'middleware', 'mik-handler'])
      await writeFile(join(project, 'components', `${name}.wasm`), await readFile(sample(name)))
    const answer = await patchbay('compose', 'project', '-o', 'project.wasm', '--json')
    expect(answer.code, answer.stderr).toBe(0)
    const { imports } = json(answer) as { imports: { name: string; host: boolean }[] }
    expect(imports.filter(({ host }) => !host).map(({ name }) => name)).toEqual(['mik:core/handler@0.1.0'])
  })

  it('checks, with the first difference', async () => {
    const yes = await patchbay('check', sample('bridge'), sample('mik-handler'), '--json')
    expect(yes.code).toBe(0)
    expect(json(yes)).toMatchObject({ ok: true })
    const no = await patchbay('check', sample('bridge'), sample('adder'), '--json')
    expect(no.code).toBe(1)
    const { imports } = json(no) as { imports: { import: string; fits: boolean; reason?: string; from?: string }[] }
    expect(imports.find((each) => each.import.startsWith('mik:'))).toMatchObject({
      fits: false,
      reason: 'no export of this name',
    })
    expect(imports.find((each) => each.import.startsWith('wasi:'))).toMatchObject({ from: 'host' })
  })

  it('strips beside the input, which stays as it was', async () => {
    const before = await readFile(sample('hello'))
    await writeFile(join(folder, 'hello.wasm'), before)
    const answer = await patchbay('strip', 'hello.wasm', '--json')
    expect(answer.code, answer.stderr).toBe(0)
    const report = json(answer) as { output: string; before: number; after: number }
    expect(report.before).toBe(before.length)
    expect(report.after).toBeLessThan(before.length)
    expect((await readFile(join(folder, 'hello.stripped.wasm'))).length).toBe(report.after)
    expect(await readFile(join(folder, 'hello.wasm'))).toEqual(before)
    expect((await patchbay('strip', 'hello.wasm', '-a', '-d', 'x')).code).toBe(2)
    expect((await patchbay('strip', 'hello.wasm', '-d', '(')).code).toBe(2)
  })

  it('holds a component against a world, and one WIT against another', async () => {
    const fits = await patchbay('targets', sample('hello'), sample('hello'))
    expect(fits.code, fits.stdout).toBe(0)
    const misfit = await patchbay('targets', sample('hello'), sample('adder'), '--json')
    expect(misfit.code).toBe(1)
    expect(json(misfit)).toMatchObject({ fits: false })
    await writeFile(join(folder, 'old.wit'), 'package a:b@1.0.0;\ninterface i { f: func(); }\n')
    await writeFile(join(folder, 'new.wit'), 'package a:b@1.1.0;\ninterface i { f: func(); g: func(); }\n')
    const diff = await patchbay('wit', 'diff', 'old.wit', 'new.wit', '--json')
    expect(diff.code).toBe(1)
    expect(json(diff)).toMatchObject({
      breaking: true,
      changes: [{ kind: 'added', consumer: 'safe', provider: 'breaking' }],
    })
    expect((await patchbay('wit', 'diff', 'old.wit', 'old.wit')).code).toBe(0)
  })
})
