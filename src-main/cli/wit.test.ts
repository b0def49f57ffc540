import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { argumentKey } from '../../src-engine/compose/graph.ts'
import { runPatchbay } from '../../test/command-line.ts'
import { newDocument, printDocument } from '../project/document.ts'

const here = join(import.meta.dirname, '../..')
const sample = (name: string): string => join(here, 'resources/samples', name, `${name}.wasm`)
const add = 'docs:adder/add@0.1.0'
const root = await mkdtemp(join(tmpdir(), 'patchbay-wit-test-'))
afterAll(() => rm(root, { recursive: true, force: true }))

const diff = async (...parameters: string[]): Promise<string> => {
  const { code, stdout, stderr } = await runPatchbay(root, 'wit', 'diff', ...parameters)
  return `${code}\n${stdout}${stderr}`
}

describe('patchbay wit diff --project', () => {
  beforeAll(async () => {
    const document = newDocument('sums')
    await mkdir(join(root, 'sums/components'), { recursive: true })
    for (const name of ['adder', 'calculator']) {
      document.components[name] = { path: `components/${name}.wasm` }
      document.graph.packages[name] = { name: `local:${name}`, hash: '0'.repeat(64) }
      document.graph.instances[name] = { package: name }
      await copyFile(sample(name), join(root, 'sums/components', `${name}.wasm`))
    }
    document.graph.arguments[argumentKey('calculator', add)] = {
      instance: 'calculator',
      name: add,
      source: { kind: 'instance', instance: 'adder', path: [add] },
    }
    await writeFile(join(root, 'sums/patchbay.json'), printDocument(document, {}))
    const old = await readFile(join(here, 'wit/docs-adder/package.wit'), 'utf8')
    await writeFile(join(root, 'old.wit'), old)
    await writeFile(join(root, 'other.wit'), old.replace('x: u32', 'x: u64'))
    await writeFile(join(root, 'more.wit'), old.replace('interface add {', 'interface add { sub: func(x: u32);'))
  })

  it('names the instances that break when a package changes, and those that do not', async () => {
    const [other, more] = await Promise.all([
      diff('old.wit', 'other.wit', '--project', 'sums'),
      diff('old.wit', 'more.wit', '--project', 'sums', '--json'),
    ])
    expect(other).toMatch(/^1\n~ interface "add" › "add" {2}\[breaking\]/)
    expect(other).toContain(`breaks in the project:
  adder exports ${add}: "add" › parameter "x": expected u64, found u32
  calculator imports ${add}: "add" › parameter "x": expected u32, found u64
`)
    // What calls the interface goes on, what implements it has to follow.
    const { impacts } = JSON.parse(more.split('\n')[1] ?? '') as { impacts: { instance: string; wires: string[] }[] }
    expect(impacts.map(({ instance, wires }) => [instance, wires])).toEqual([
      ['adder', [argumentKey('calculator', add)]],
    ])
  })

  it('names what breaks when one component takes the place of another', async () => {
    const [gone, same, stranger] = await Promise.all([
      diff(sample('adder'), sample('mik-handler'), '--project', 'sums'),
      diff(sample('calculator'), sample('calculator'), '--project', 'sums'),
      diff(sample('hello'), sample('adder'), '--project', 'sums'),
    ])
    expect(gone).toContain(`breaks in the project:\n  calculator › ${add}: "adder" has no export "${add}"\n`)
    expect(same).toBe('0\nno change\n\nnothing in the project breaks\n')
    expect(stranger).toMatch(/^2\n.*error: no component of the project has the content of .*hello\.wasm/s)
  })
})
