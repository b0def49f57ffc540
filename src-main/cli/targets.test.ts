import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProjectDocument } from '../../src-preload/contract.ts'
import { runPatchbay } from '../../test/command-line.ts'
import { newDocument, printDocument } from '../project/document.ts'

const samples = join(import.meta.dirname, '../../resources/samples')
const handler = 'wasi:http/incoming-handler@0.2.12'
const root = await mkdtemp(join(tmpdir(), 'patchbay-targets-test-'))
afterAll(() => rm(root, { recursive: true, force: true }))

/** A project with the handler `hello` on its canvas, exported. */
async function projectWith(name: string, more: (document: ProjectDocument) => ProjectDocument): Promise<void> {
  const document = newDocument(name)
  document.components['hello'] = { path: 'components/hello.wasm' }
  document.graph.packages['hello'] = { name: 'local:hello', hash: '0'.repeat(64) }
  document.graph.instances['hello'] = { package: 'hello' }
  document.graph.exports[handler] = { source: { kind: 'instance', instance: 'hello', path: [handler] } }
  await mkdir(join(root, name, 'components'), { recursive: true })
  await copyFile(join(samples, 'hello/hello.wasm'), join(root, name, 'components/hello.wasm'))
  await writeFile(join(root, name, 'patchbay.json'), printDocument(more(document), {}))
}

const answer = async (...parameters: string[]): Promise<string> => {
  const { code, stdout, stderr } = await runPatchbay(root, 'targets', ...parameters)
  return `${code}\n${stdout}${stderr}`
}

describe('patchbay targets for a project', () => {
  beforeAll(() =>
    Promise.all([
      projectWith('service', (document) => ({
        ...document,
        target: { place: 'builtin:wasi-0.2.12', world: 'wasi:http/proxy@0.2.12' },
      })),
      projectWith('like-itself', (document) => ({ ...document, target: { place: 'component:hello', exact: true } })),
      projectWith('no-target', (document) => document),
      projectWith('lost-target', (document) => ({ ...document, target: { place: 'component:gone' } })),
      projectWith('broken', (document) => {
        document.graph.exports['more'] = { source: { kind: 'instance', instance: 'hello', path: ['not-there'] } }
        return { ...document, target: { place: 'wit' } }
      }).then(async () => {
        await mkdir(join(root, 'broken/wit'))
        await writeFile(join(root, 'broken/wit/world.wit'), 'package a:b; world w { export stop: func(); }')
      }),
    ]),
  )

  it('holds the composition against its own target world, or another one', async () => {
    const [own, file, named, itself] = await Promise.all([
      answer('service'),
      answer('service/patchbay.json', '-w', 'wasi:cli/command'),
      answer('no-target', 'builtin:wasi-0.2.12', '--world', 'proxy', '--json'),
      answer('like-itself', '--exact'),
    ])
    expect(own).toBe('0\nservice fits wasi:http/proxy@0.2.12\n')
    expect(file).toContain('1\n2 things keep service/patchbay.json out of wasi:cli/command\n')
    expect(file).toContain('import wasi:http/types@0.2.12: The world does not offer it.\n')
    expect(file).toContain(
      'export wasi:cli/run@0.2.12: The world asks for it, and nothing is exported under this name.\n',
    )
    expect(named).toBe('0\n{"fits":true,"world":"proxy","failures":[]}\nno-target fits proxy\n')
    expect(itself).toBe('0\nlike-itself fits the world of hello\n')
  })

  it('says what is wrong: no target, one that is gone, a composition that has problems itself', async () => {
    const [none, lost, broken, component, unknown] = await Promise.all([
      answer('no-target'),
      answer('lost-target'),
      answer('broken'),
      answer('service/components/hello.wasm'),
      answer('no-target', 'builtin:wasi-9'),
    ])
    expect(none).toMatch(/^2\nerror: .*patchbay\.json names no target world\n/)
    expect(lost).toMatch(/^3\nerror: the target world is that of "gone", which the project does not have\n/)
    expect(broken).toMatch(/^1\n/)
    expect(broken).toContain('error: "hello" has no export "not-there"')
    expect(broken).toContain('export stop: The world asks for it')
    expect(component).toMatch(/^2\nerror: there is no world to hold "service\/components\/hello.wasm" against\n/)
    expect(unknown).toMatch(/^1\nerror: Patchbay brings no WIT called "wasi-9"\n.*It brings wasi-0\.2\.12/s)
  })
})
