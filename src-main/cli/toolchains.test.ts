import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decode, type DecodedComponent } from '../../src-engine/binary/decode.ts'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { decompose } from '../../src-engine/compose/decompose.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { plugGraph, type PlugDecision } from '../../src-engine/compose/plug.ts'
import { summarize } from '../../src-engine/inspect.ts'
import { strip } from '../../src-engine/size/strip.ts'
import { sizeTree, type SizeNode } from '../../src-engine/size/tree.ts'
import { checkTarget } from '../../src-engine/subtype/targets.ts'
import { parseWit } from '../../src-engine/wit/parse.ts'
import { printWorld } from '../../src-engine/wit/print.ts'
import type { Road } from '../runtime/artifact.ts'
import { callFunction } from '../runtime/call.ts'
import { runCommand } from '../runtime/command.ts'
import { createRuntime } from '../runtime/runtime.ts'
import { createTools, type Tools } from '../tools/tools.ts'

const fixtures = join(import.meta.dirname, '../../test/fixtures/toolchains')
const samples = join(import.meta.dirname, '../../resources/samples')
const roads: readonly Road[] = ['direct', 'jco']

/** Everything in the folder: a toolchain that is added is tested without another word. */
const components = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    readdirSync(join(fixtures, name))
      .filter((file) => file.endsWith('.wasm'))
      .map((file) => `${name}/${file.slice(0, -5)}`),
  )

const load = (name: string): Uint8Array => new Uint8Array(readFileSync(join(fixtures, `${name}.wasm`)))
const sample = (name: string): Uint8Array => new Uint8Array(readFileSync(join(samples, name, `${name}.wasm`)))
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

let folder: string
let tools: Tools
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-toolchains-test-'))
  tools = createTools()
})
afterAll(async () => {
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

interface Pool {
  readonly bytes: ReadonlyMap<string, Uint8Array>
  readonly decodedOf: (hash: string) => DecodedComponent | undefined
}

function poolOf(all: readonly Uint8Array[]): Pool {
  const bytes = new Map(all.map((each) => [hashOf(each), each]))
  const decoded = new Map([...bytes].map(([hash, each]) => [hash, decode(each)]))
  return { bytes, decodedOf: (hash) => decoded.get(hash) }
}

function encode(graph: CompositionGraph, pool: Pool): Uint8Array {
  const plan = planComposition(graph, pool.decodedOf)
  expect(plan.problems).toEqual([])
  return encodeComposition(plan, (hash) => pool.bytes.get(hash) ?? new Uint8Array())
}

/** The socket with the plug in it, and what was decided for each import. */
function plug(socket: Uint8Array, other: Uint8Array): { bytes: Uint8Array; decisions: Record<string, PlugDecision> } {
  const pool = poolOf([socket, other])
  const part = (id: string, bytes: Uint8Array) => ({ id, package: { name: `test:${id}`, hash: hashOf(bytes) } })
  const { graph, decisions } = plugGraph(part('socket', socket), [part('plug', other)], pool.decodedOf)
  return {
    bytes: encode(graph, pool),
    decisions: Object.fromEntries(decisions.map(({ import: name, decision }) => [name, decision])),
  }
}

/** Bytes of the leaves. */
function sum({ children, size }: SizeNode): number {
  return children === undefined || children.length === 0 ? size : children.reduce((all, each) => all + sum(each), 0)
}

async function exec(
  path: string,
  args: readonly string[],
  engine: Road,
  input = '',
  allowNet: readonly string[] = [],
): Promise<unknown> {
  const said = { stdout: '', stderr: '' }
  const { exitCode, problem } = await runCommand({
    tools,
    cacheFolder: folder,
    path,
    arguments: args,
    engine,
    allowNet,
    stdin: (async function* () {
      yield Buffer.from(input)
    })(),
    onOutput: (source, bytes) => void (said[source] += Buffer.from(bytes).toString()),
  })
  return { exitCode, ...said, ...(problem ? { problem } : {}) }
}

describe('components of real toolchains', () => {
  it.each(components)('%s is read, printed as WIT, weighed and stripped', async (name) => {
    const bytes = load(name)
    expect(await tools.validate(bytes)).toEqual({ ok: true })
    expect(summarize(bytes).kind).toBe('component')
    const { type } = decode(bytes)
    const text = printWorld(type)
    expect(() => parseWit(text)).not.toThrow()
    for (const path of [...type.imports.keys(), ...type.exports.keys()])
      expect(text).toContain(path.replace(/^.*\//, ''))
    expect(sum(sizeTree(bytes))).toBe(bytes.length)
    const { bytes: stripped } = strip(bytes)
    expect(await tools.validate(stripped)).toEqual({ ok: true })
    expect(sum(sizeTree(stripped))).toBe(stripped.length)
    // What it is does not depend on what was stripped, and it fits its own world.
    expect(printWorld(decode(stripped).type)).toBe(text)
    expect(checkTarget(decode(stripped).type, type)).toEqual([])
  })

  const adders = { C: sample('adder'), Rust: load('rust/adder'), Zig: load('zig/adder') }
  const users = {
    'C library': sample('calculator'),
    'Rust handler': load('rust/handler'),
    'Rust command': load('rust/command'),
  }
  const pairs = Object.entries(users).flatMap(([user, socket]) =>
    Object.entries(adders).map(([adder, other]) => ({ user, socket, adder, other })),
  )
  it.each(pairs)('$user takes the adder of $adder, and is taken apart again', async ({ socket, other }) => {
    const { bytes, decisions } = plug(socket, other)
    expect(decisions['docs:adder/add@0.1.0']).toMatchObject({ kind: 'plugged' })
    expect(await tools.validate(bytes)).toEqual({ ok: true })
    expect([...decode(bytes).type.exports.keys()]).toEqual([...decode(socket).type.exports.keys()])
    expect(decode(bytes).type.imports.has('docs:adder/add@0.1.0')).toBe(false)
    const { graph, packages, problems } = decompose(bytes, hashOf)
    expect(problems).toEqual([])
    expect([...packages.keys()].sort()).toEqual([hashOf(socket), hashOf(other)].sort())
    expect(Object.values(graph.arguments).map(({ name, source }) => [name, source.path])).toEqual([
      ['docs:adder/add@0.1.0', ['docs:adder/add@0.1.0']],
    ])
    const again = encode(graph, poolOf([...packages.values()]))
    expect(printWorld(decode(again).type)).toBe(printWorld(decode(bytes).type))
  })

  it('a plug without the interface is left alone, with the reason', () => {
    const { decisions } = plug(load('rust/handler'), load('assemblyscript/text'))
    expect(decisions['docs:adder/add@0.1.0']).toEqual({ kind: 'left', host: false })
    expect(decisions['wasi:cli/stdout@0.2.6']).toEqual({ kind: 'left', host: true })
  })
})

describe.each(roads)('on the %s road', (engine) => {
  it('a Rust handler serves with the adder of C', async () => {
    const runtime = createRuntime({ tools, cacheFolder: folder, onLines: () => {} })
    try {
      const { bytes } = plug(load('rust/handler'), sample('adder'))
      const { url, handlers } = await runtime.start({ handlers: [{ name: 'sum', bytes }], settings: { engine } })
      expect(handlers).toMatchObject([{ state: 'ready', engine }])
      const ask = async (target: string): Promise<readonly [number, string]> => {
        const answer = await fetch(new URL(target, url))
        return [answer.status, await answer.text()]
      }
      expect(await ask('/?x=40&y=2')).toEqual([200, '42\n'])
      expect(await ask('/?x=4294967295&y=2')).toEqual([200, '1\n'])
      expect(await ask('/?x=one')).toEqual([400, 'no sum in /?x=one\n'])
    } finally {
      await runtime.dispose()
    }
  })

  it('a Rust program runs with the adder of Zig', async () => {
    const path = join(folder, `rust-command-${engine}.wasm`)
    await writeFile(path, plug(load('rust/command'), load('zig/adder')).bytes)
    expect(await exec(path, ['sum', '19', '23'], engine)).toEqual({ exitCode: 0, stdout: '19 + 23 = 42\n', stderr: '' })
    // wasi:cli/exit of 0.2.6 only knows success and failure.
    expect(await exec(path, ['sum'], engine)).toEqual({ exitCode: 1, stdout: '', stderr: 'usage: command X Y\n' })
  })

  it('a Rust program reaches by TCP what it was granted', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('data', (text) => socket.write(text.toString().toUpperCase()))
      socket.on('end', () => socket.end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const path = join(fixtures, 'rust/dial.wasm')
    const dial = (target: string, granted: string): Promise<unknown> =>
      exec(path, ['dial', target, 'hello'], engine, '', [granted])
    const answer = { exitCode: 0, stdout: 'HELLO\n', stderr: '' }
    expect(await dial(`127.0.0.1:${port}`, `127.0.0.1:${port}`)).toEqual(answer)
    expect(await dial(`localhost:${port}`, 'localhost')).toEqual(answer)
    expect(await dial(`127.0.0.1:${port}`, `127.0.0.1:${port === 1 ? 2 : 1}`)).toMatchObject({
      exitCode: 1,
      stdout: '',
    })
    await new Promise((resolve) => server.close(resolve))
  })

  it('a C program runs through the adapter from preview 1', async () => {
    const path = join(fixtures, 'c-libc/command.wasm')
    expect(await exec(path, ['sort', 'b', 'c', 'a'], engine, '1\n2\n')).toEqual({
      exitCode: 0,
      stdout: 'a\nb\nc\n2 lines of input\n',
      stderr: '',
    })
  })

  it.each([
    ['zig/adder', 'docs:adder/add#add(3, 4)', [], '7'],
    ['assemblyscript/text', 'reverse', ['"häß 水"'], '"水 ßäh"'],
    // jco writes no JavaScript for a destructor that calls another component.
    ...(engine === 'direct' ? ([['wat/stack', '[static]stack.alive', [], '0']] as const) : []),
  ] as const)('%s: %s is called', async (name, wanted, values, result) => {
    const answer = await callFunction({
      tools,
      cacheFolder: folder,
      path: join(fixtures, `${name}.wasm`),
      export: wanted,
      values,
      engine,
      onOutput: () => {},
    })
    expect(answer).toMatchObject({ refused: false, result })
  })
})
