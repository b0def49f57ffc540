import { readdirSync } from 'node:fs'
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { componentOf, componentOfWat, validate } from '../../test/components.ts'
import { decode } from '../../src-engine/binary/decode.ts'
import { printWorld } from '../../src-engine/wit/print.ts'
import { compose } from './compose.ts'
import { problemOf, type Problem } from '../../src-engine/error.ts'

const samples = join(import.meta.dirname, '..', '..', 'resources', 'samples')
const fixtures = join(import.meta.dirname, '..', '..', 'test', 'fixtures', 'wac')
const wit = join(import.meta.dirname, '..', '..', 'wit')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-test-compose-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), content)
}

async function putSample(name: string, path: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await copyFile(join(samples, name, `${name}.wasm`), join(folder, path))
}

interface Answer {
  readonly code: number
  readonly problems: readonly Problem[]
}

/** The verb in this process, with the folder as the working directory. */
async function run(
  script: string,
  text: string,
  options: { dep?: string[]; 'deps-dir'?: string; flags?: string[] } = {},
): Promise<Answer> {
  await put(script, text)
  let told: unknown
  const texts: Record<string, string | undefined> = { output: 'out.wasm', 'deps-dir': options['deps-dir'] }
  try {
    const code = await compose.run({
      arguments: {
        positionals: [script],
        text: (name) => texts[name],
        list: (name) => (name === 'dep' ? (options.dep ?? []) : []),
        flag: (name) => options.flags?.includes(name) ?? false,
        number: () => undefined,
      },
      output: {
        json: true,
        terminal: false,
        object: (value) => void (told = value),
        line: () => undefined,
        note: () => undefined,
        bytes: () => Promise.resolve(),
      },
      cwd: folder,
      signal: new AbortController().signal,
    })
    const { problems } = told as { problems?: readonly Problem[] }
    return { code, problems: problems ?? [] }
  } catch (thrown) {
    return { code: -1, problems: [problemOf(thrown)] }
  }
}

const importsOf = async () => [...decode(await readFile(join(folder, 'out.wasm'))).type.imports.keys()]

describe('compose', () => {
  it('takes WIT packages as dependencies: file, folder, binary; by -d and from the folder of dependencies', async () => {
    await putSample('calculator', 'calculator.wasm')
    const text = `package local:calc;
import add: docs:adder/add@0.1.0;
let calc = new docs:calculator { add, ... };
export calc...;
`
    const adderText = await readFile(join(wit, 'docs-adder', 'package.wit'), 'utf8')
    const calculator = 'docs:calculator=calculator.wasm'
    await put('flat/adder.wit', adderText)
    await put('deps-a/docs/adder/0.1.0.wit', adderText)
    await put('deps-b/docs/adder/0.1.0/any.wit', adderText)
    await put('deps-c/docs/adder/package.wit', adderText)
    await put('deps-d/docs/adder.wit', adderText)
    for (const options of [
      { dep: [calculator, 'docs:adder=flat/adder.wit'] },
      { dep: [calculator, 'docs:adder@0.1.0=flat'] },
      { dep: [calculator], 'deps-dir': 'deps-a' },
      { dep: [calculator], 'deps-dir': 'deps-b' },
      { dep: [calculator], 'deps-dir': 'deps-c' },
      { dep: [calculator], 'deps-dir': 'deps-d' },
    ]) {
      expect(await run('calc.wac', text, options), JSON.stringify(options)).toEqual({ code: 0, problems: [] })
      expect(await importsOf()).toEqual(['docs:adder/add@0.1.0'])
    }
  })

  it('finds the packages that WIT packages use, and lists every place for one that is nowhere', async () => {
    await put(
      'use/test/outer.wit',
      'package test:outer;\ninterface face { use test:inner/types.{thing}; make: func() -> thing; }\n',
    )
    await put(
      'use/test/inner/types.wit',
      'package test:inner;\ninterface types { resource thing { name: func() -> string; } }\n',
    )
    const text = 'package local:c;\nimport face: test:outer/face;\n'
    expect(await run('use.wac', text, { 'deps-dir': 'use' })).toEqual({ code: 0, problems: [] })
    expect(await importsOf()).toEqual(['test:inner/types', 'test:outer/face'])
    const missing = await run('use.wac', 'package local:c;\nimport face: test:gone/face@1.0.0;\n', {
      'deps-dir': 'use',
    })
    expect(missing.code).toBe(1)
    expect(missing.problems).toEqual([
      expect.objectContaining({
        code: 'wac.unknown-package',
        message: 'no WIT package `test:gone@1.0.0` was found',
        where: { file: 'use.wac', line: 2, column: 14 },
      }),
    ])
    const base = join(folder, 'use', 'test', 'gone')
    const places = ['1.0.0.wasm', '1.0.0.wat', '1.0.0.wit', '1.0.0'].map((each) => join(base, each))
    expect(missing.problems[0]?.hint).toBe(
      `Looked, in this order, at: ${['-d test:gone@1.0.0=…', ...places, ...['.wasm', '.wat', '.wit', ''].map((each) => base + each)].join('; ')}. Give its file with -d test:gone=PATH.`,
    )
  })

  it('enforces the world that a script targets, line by line', async () => {
    await putSample('adder', 'adder.wasm')
    await put(
      'world.wit',
      'package test:world;\ninterface other { f: func(); }\nworld sum { export sum: func(x: u32, y: u32) -> u32; export other; }\n',
    )
    const body = 'let adder = new docs:adder {};\nexport adder.add as sum;\n'
    const dep = ['docs:adder=adder.wasm', 'test:world=world.wit']
    const answer = await run('target.wac', `package local:c targets test:world/sum;\n${body}`, { dep })
    expect(answer.code).toBe(1)
    expect(answer.problems.map(({ message, where }) => `${where?.line}:${where?.column} ${message}`)).toEqual([
      '1:25 the world asks for the export "test:world/other", and nothing exports it',
      '3:1 the export "sum" does not fit the world: expected a function, found an interface',
    ])
  })

  it('tells core modules and WIT without code apart from components', async () => {
    const world = 'package test:w;\ninterface face { f: func(); }\nworld user { import face; }\n'
    await put('w.wit', world)
    await put('user.wasm', await componentOf(world, 'user'))
    await put('module.wasm', new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
    const text = 'package local:c;\nlet a = new test:w {};\n'
    const wit = await run('kind.wac', text, { dep: ['test:w=w.wit'] })
    expect(wit.problems).toEqual([expect.objectContaining({ code: 'wac.no-component' })])
    const module = await run('kind.wac', text, { dep: ['test:w=module.wasm'] })
    expect(module.problems).toEqual([
      expect.objectContaining({ code: 'input.core-module', where: expect.objectContaining({ file: 'module.wasm' }) }),
    ])
    const component = await run('kind.wac', 'package local:c;\nimport face: test:w/face;\n', {
      dep: ['test:w=user.wasm'],
    })
    expect(component.problems).toEqual([expect.objectContaining({ code: 'wac.no-wit' })])
  })
})

/** Each folder has a script and what becomes of it; see the README there. */
describe('scripts', () => {
  beforeAll(async () => {
    await cp(join(fixtures, 'deps'), join(folder, 'deps'), { recursive: true })
    const components = join(folder, 'deps', 'test')
    for (const name of readdirSync(components).filter((each) => each.endsWith('.wat'))) {
      const text = await readFile(join(components, name), 'utf8')
      await writeFile(join(components, name.replace('.wat', '.wasm')), await componentOfWat(text))
    }
  })

  for (const name of readdirSync(fixtures).filter((each) => each !== 'deps' && !each.endsWith('.md'))) {
    it(`${name}`, async () => {
      const script = await readFile(join(fixtures, name, 'script.wac'), 'utf8')
      const { code, problems } = await run(`${name}.wac`, script, { flags: ['no-validate'] })
      const bytes = code === 0 ? await readFile(join(folder, 'out.wasm')) : undefined
      if (bytes) await validate(bytes)
      const told = bytes
        ? printWorld(decode(bytes).type)
        : problems
            .map(({ where, code: kind, message }) => `${where?.line}:${where?.column} ${kind} ${message}\n`)
            .join('')
      const file = join(fixtures, name, code === 0 ? 'expected.wit' : 'expected.txt')
      await expect(told).toMatchFileSnapshot(file)
    })
  }
})
