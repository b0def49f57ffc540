import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { BuildEvent } from '../../src-preload/contract.ts'
import { problemOf } from '../../src-engine/error.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { createBuilder, type Builder } from './builder.ts'
import { findClang } from './c-compiler.ts'

const clang = await findClang()
let tools: Tools
let cacheFolder: string
let project: string
let builder: Builder
let events: BuildEvent[]

beforeAll(async () => {
  tools = createTools()
  cacheFolder = await mkdtemp(join(tmpdir(), 'patchbay-test-cache-'))
})
afterAll(async () => {
  await tools.dispose()
  await rm(cacheFolder, { recursive: true, force: true })
})
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'patchbay-test-project-'))
  events = []
  builder = createBuilder({ tools, cacheFolder, emit: (event) => events.push(event) })
})
afterEach(async () => {
  await builder.dispose()
  await rm(project, { recursive: true, force: true })
})

const kinds = (): string[] =>
  events.map(({ event }) => event.kind).filter((kind) => kind !== 'log' && kind !== 'progress')

async function refusal(run: () => Promise<unknown>): Promise<ReturnType<typeof problemOf>> {
  try {
    await run()
  } catch (thrown) {
    return problemOf(thrown)
  }
  throw new Error('Nothing was refused')
}

describe('templates', () => {
  it('lists what can be made here, and says what is missing where it cannot', async () => {
    const templates = await builder.templates()
    expect(templates.map(({ id }) => id)).toEqual(['http-js', 'http-ts', 'wat-library', 'http-c'])
    expect(templates.find(({ id }) => id === 'http-js')?.unavailable).toBeUndefined()
    expect(templates.find(({ id }) => id === 'http-c')?.unavailable === undefined).toBe(clang !== undefined)
  })

  it('refuses names that are none, and leaves nothing behind', async () => {
    const wrong = [
      '',
      'Upper',
      '../out',
      'a/b',
      'a--b',
      '-a',
      'a-',
      '1a',
      'a-1',
      'con',
      'ä',
      'a b',
      'a\0b',
      'x'.repeat(65),
      '.',
      '__proto__',
    ]
    for (const name of wrong) {
      const { code, hint } = await refusal(() => builder.create(project, name, 'wat-library'))
      expect([name, code, hint !== undefined]).toEqual([name, 'usage.name', true])
    }
    expect(await readdir(project)).toEqual([])
  })

  it('refuses a name that is taken, by sources or by a component', async () => {
    await builder.create(project, 'one', 'wat-library')
    expect((await refusal(() => builder.create(project, 'one', 'http-js'))).message).toContain('there is one already')
    await mkdir(join(project, 'components'))
    await writeFile(join(project, 'components', 'Two.wasm'), '')
    expect((await refusal(() => builder.create(project, 'two', 'http-js'))).code).toBe('usage.name')
    expect(await readdir(join(project, 'src'))).toEqual(['one'])
  })

  it('names the templates there are when asked for another one', async () => {
    const { code, hint } = await refusal(() => builder.create(project, 'one', '../samples'))
    expect(code).toBe('usage.template')
    expect(hint).toContain('http-js')
  })
})

describe('building', () => {
  it('makes a library from text, the same bytes every time', async () => {
    const created = await builder.create(project, 'shouter', 'wat-library')
    expect(created).toEqual({ source: 'src/shouter', path: 'components/shouter.wasm', open: 'src/library.wat' })
    const output = join(project, created.path)
    const first = await builder.build(join(project, created.source), { output })
    expect(first.problems).toEqual([])
    expect(await tools.witOf(await readFile(output))).toContain('export local:shouter/text@0.1.0')
    expect(await readdir(join(project, 'components'))).toEqual(['shouter.wasm'])
    await rm(join(cacheFolder, 'builds'), { recursive: true })
    const second = await builder.build(join(project, created.source))
    expect(second.component).toMatchObject({ hash: first.component?.hash, cached: false })

    // A damaged entry of the cache is not believed.
    for (const name of await readdir(join(cacheFolder, 'builds')))
      await writeFile(join(cacheFolder, 'builds', name, 'component.wasm'), 'x')
    const third = await builder.build(join(project, created.source))
    expect(third.component).toMatchObject({ hash: first.component?.hash, cached: false })
  })

  it('makes a TypeScript handler, and has it at once the second time', async () => {
    const { source, path } = await builder.create(project, 'greeter', 'http-ts')
    const first = await builder.build(join(project, source), { output: join(project, path) })
    expect(first.problems).toEqual([])
    expect(first.component?.cached).toBe(false)
    const bytes = await readFile(join(project, path))
    expect(bytes.length).toBeLessThan(2.5 * 1024 * 1024)
    const wit = await tools.witOf(bytes)
    expect(wit).toContain('export wasi:http/incoming-handler@0.2.12')
    expect(wit).not.toContain('wasj')
    expect(wit).not.toContain('init')
    expect(kinds()).toEqual(['started', 'succeeded'])
    const steps = events.flatMap(({ event }) => (event.kind === 'progress' ? [event.step] : []))
    expect(steps).toEqual(['Reading the world', 'Bundling the sources', 'Taking a snapshot with QuickJS', 'Done'])

    const second = await builder.build(join(project, source))
    expect(second.component).toMatchObject({ hash: first.component?.hash, cached: true })
    expect(second.duration).toBeLessThan(1000)
  })

  it.skipIf(!clang)('makes a handler in C', async () => {
    const { source } = await builder.create(project, 'small', 'http-c')
    const result = await builder.build(join(project, source))
    expect(result.problems).toEqual([])
    expect(result.component?.bytes.length).toBeLessThan(20_000)
    await writeFile(join(project, source, 'src', 'handler.c'), '#include "wasi.h"\nint x = ;\n')
    const broken = await builder.build(join(project, source))
    expect(broken.problems[0]).toMatchObject({
      code: 'build.compile',
      where: { file: 'src/handler.c', line: 2, column: 9 },
    })
  })

  it('says where the sources are wrong', async () => {
    const { source } = await builder.create(project, 'wrong', 'http-js')
    const file = join(project, source, 'src', 'handler.js')
    const problemOfText = async (text: string) => {
      await writeFile(file, text)
      const { state, problems } = await builder.build(join(project, source))
      expect(state).toBe('failed')
      return problems[0]
    }
    expect(await problemOfText('export default {\n  fetch( {\n}\n')).toMatchObject({
      code: 'build.syntax',
      where: { file: 'src/handler.js', line: 4 },
    })
    expect(await problemOfText("import { x } from './nowhere.js'\nexport default { fetch: () => x }\n")).toMatchObject({
      code: 'build.bundle',
      message: "Could not resolve './nowhere.js'",
      where: { file: 'src/handler.js', line: 1, column: 19 },
    })
    expect(await problemOfText('export default {\n  fetch() {},\n}\nnowhere.call()\n')).toMatchObject({
      code: 'build.componentize',
      message: expect.stringContaining('nowhere is not defined'),
      where: { file: 'src/handler.js', line: 4 },
    })
    expect(kinds().filter((kind) => kind === 'failed')).toHaveLength(3)
  })

  it('says where the WIT and the text are wrong', async () => {
    const { source } = await builder.create(project, 'wrong', 'wat-library')
    const folder = join(project, source)
    const wit = await readFile(join(folder, 'wit', 'world.wit'), 'utf8')
    await writeFile(join(folder, 'wit', 'world.wit'), wit.replace('-> string', '-> '))
    const first = await builder.build(folder)
    expect(first.problems[0]).toMatchObject({ where: { file: 'wit/world.wit', line: 5 } })
    await writeFile(
      join(folder, 'wit', 'world.wit'),
      wit.replace('export text;', 'export text;\n  import nobody:knows/this;'),
    )
    const second = await builder.build(folder)
    expect(second.problems[0]?.message).toContain('nobody:knows')
    await writeFile(join(folder, 'wit', 'world.wit'), wit)
    await writeFile(join(folder, 'src', 'library.wat'), '(module\n  (func (result i33)))\n')
    const third = await builder.build(folder)
    expect(third.problems[0]).toMatchObject({ code: 'input.wat', where: { file: 'src/library.wat', line: 2 } })
    await writeFile(join(folder, 'src', 'library.wat'), '(module)')
    const fourth = await builder.build(folder)
    expect(fourth.problems[0]).toMatchObject({ where: { file: 'src/library.wat' } })
    expect(fourth.problems[0]?.message).toContain('shout')
  })

  it('refuses manifests that are damaged or lead out of the folder', async () => {
    const folder = join(project, 'odd')
    await mkdir(folder)
    const manifest = async (text: string | Uint8Array) => {
      await writeFile(join(folder, 'patchbay.build.json'), text)
      const { problems } = await builder.build(folder)
      return problems[0]
    }
    expect((await builder.build(join(project, 'nowhere'))).problems[0]?.code).toBe('input.missing')
    expect((await builder.build(folder)).problems[0]).toMatchObject({ code: 'input.manifest' })
    expect(await manifest('{')).toMatchObject({ code: 'input.manifest', where: { file: 'patchbay.build.json' } })
    expect(await manifest(new Uint8Array([0xff, 0xfe, 0, 1]))).toMatchObject({ code: 'input.manifest' })
    expect(await manifest('[]')).toMatchObject({ code: 'input.manifest' })
    expect(await manifest('{"language":"cobol"}')).toMatchObject({ code: 'input.manifest' })
    for (const source of ['../../../etc/passwd', '/etc/passwd', '..', 'a\\u0000b', 'missing.wat', '.']) {
      expect(await manifest(`{"language":"wat","source":"${source}"}`)).toMatchObject({ code: 'input.manifest' })
    }
    await writeFile(
      join(folder, 'noise.wat'),
      new Uint8Array(1000).map((_, at) => (at * 37) % 256),
    )
    expect(await manifest('{"language":"wat","source":"noise.wat"}')).toBeDefined()
    await symlink('loop.wat', join(folder, 'loop.wat'))
    expect(await manifest('{"language":"wat","source":"loop.wat"}')).toMatchObject({ code: 'input.manifest' })
  })
})

describe('ending a build', () => {
  const endless = 'for (;;) {}\nexport default { fetch() {} }\n'

  it('cancels while it runs and leaves nothing', async () => {
    const { source, path } = await builder.create(project, 'slow', 'http-js')
    await writeFile(join(project, source, 'src', 'handler.js'), endless)
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('patchbay-build-'))
    const other = builder.build(join(project, source), { output: join(project, path) })
    const again = await builder.build(join(project, source))
    expect(again.problems[0]?.code).toBe('build.running')
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (!events.some(({ event }) => event.kind === 'progress' && event.step.startsWith('Taking'))) return
        clearInterval(look)
        resolve()
      }, 10)
    })
    expect(builder.cancel('slow')).toBe(true)
    expect(await other).toMatchObject({ state: 'cancelled', problems: [] })
    expect(kinds()).toEqual(['started', 'cancelled'])
    expect(existsSync(join(project, path))).toBe(false)
    const after = (await readdir(tmpdir())).filter((name) => name.startsWith('patchbay-build-'))
    expect(after.filter((name) => !before.includes(name))).toEqual([])
    expect(builder.cancel('slow')).toBe(false)
  })

  it('obeys a signal that was given before, and a time limit', async () => {
    const { source } = await builder.create(project, 'slow', 'http-js')
    const early = await builder.build(join(project, source), { signal: AbortSignal.abort() })
    expect(early.state).toBe('cancelled')
    await writeFile(join(project, source, 'src', 'handler.js'), endless)
    const late = await builder.build(join(project, source), { timeout: 400 })
    expect(late).toMatchObject({ state: 'failed', problems: [{ code: 'build.timeout' }] })
  })
})
