import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { decode } from '../../src-engine/binary/decode.ts'
import type { HostImports } from '../../src-main/runtime/wasi/host.ts'
import { IncomingRequest, ResponseOutparam } from '../../src-main/runtime/wasi/http-types.ts'
import { Session } from '../../src-main/runtime/wasi/session.ts'
import { createTools, type Tools } from '../../src-main/tools/tools.ts'
import { show } from './guest.ts'
import { bothRoads, roads, type Roads } from './roads.ts'
import { exchangeOf } from './scenarios/stage.ts'

/** Every call that reached the host, in order. */
let calls: string[] = []
let isInside = false

// The real host, which also writes down who called what.
vi.mock('../../src-main/runtime/wasi/host.ts', async (original) => {
  const real = await original<typeof import('../../src-main/runtime/wasi/host.ts')>()
  return { ...real, createHost: (...given: Parameters<typeof real.createHost>) => overheard(real.createHost(...given)) }
})

const heard = new WeakSet<object>()

function overheard(host: HostImports): HostImports {
  const faces = Object.entries(host).map(([face, items]): [string, Record<string, unknown>] => [
    face,
    Object.fromEntries(
      Object.entries(items).map(([name, item]): [string, unknown] => {
        if (typeof item !== 'function') return [name, item]
        if (!isClass(item)) return [name, noting(`${face}#${name}`, item)]
        noteMethods(`${face}#${name}`, item)
        return [name, item]
      }),
    ),
  ])
  return Object.fromEntries(faces)
}

const isClass = (item: object): boolean => /^class\b/.test(Function.prototype.toString.call(item))

/** Methods are shared by all instances of the host: once is enough. A class for one session has those of another below it. */
function noteMethods(name: string, found: unknown): void {
  for (
    let level = found;
    typeof level === 'function' && level !== Function.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const holder of [level, level.prototype as unknown]) {
      if (typeof holder !== 'object' && typeof holder !== 'function') continue
      if (holder === null || heard.has(holder)) continue
      heard.add(holder)
      for (const [key, { value, writable }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
        if (key === 'constructor' || key === 'prototype' || typeof value !== 'function' || !writable) continue
        Object.defineProperty(holder, key, {
          value: noting(`${name}.${key}`, value),
          writable: true,
          configurable: true,
        })
      }
    }
  }
}

/** What the host calls of its own while it answers is its business. */
function noting(name: string, run: object): (...given: unknown[]) => unknown {
  return function (this: unknown, ...given) {
    const outer = isInside
    if (!outer) calls.push(`${name}(${given.map(told).join(', ')})`)
    isInside = true
    try {
      return Reflect.apply(run as () => unknown, this, given) as unknown
    } finally {
      isInside = outer
    }
  }
}

/** Resources by their class; numbers of the clock are never the same. */
function told(value: unknown): string {
  if (typeof value === 'bigint') return value > 1_000_000n ? 'large' : String(value)
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && !Array.isArray(value)) {
    const maker: unknown = Reflect.get(value, 'constructor')
    if (typeof maker === 'function' && maker !== Object) return '‹resource›'
    if ('tag' in value && 'val' in value) return `${String(value.tag)}(${told(value.val)})`
  }
  return Array.isArray(value) ? `[${value.map(told).join(', ')}]` : show(value)
}

const root = join(import.meta.dirname, '../..')

/** Every sample that serves HTTP by itself, and the guest that does everything. */
function handlers(): [string, string][] {
  const found: [string, string][] = [['behaviours', join(root, 'test/fixtures/guests/behaviours.wasm')]]
  for (const name of readdirSync(join(root, 'resources/samples'))) {
    const path = join(root, 'resources/samples', name, `${name}.wasm`)
    if (!existsSync(path)) continue
    const { imports, exports } = decode(readFileSync(path)).type
    const serves = [...exports.keys()].some((exported) => exported.startsWith('wasi:http/incoming-handler'))
    if (serves && [...imports.keys()].every((imported) => /^wasi:(?!http\/incoming)/.test(imported)))
      found.push([name, path])
  }
  return found
}

/** What a guest does with a handle that it gave away is told apart elsewhere: jco makes an empty thing of it first. */
const targets = [
  '/',
  '/hello',
  '/echo',
  '/headers',
  '/trailers',
  '/log',
  '/chunks=2',
  '/pollables=3',
  '/file/x',
  '/trap',
  '/twice',
]

let tools: Tools
let folder: string
beforeAll(() => {
  tools = createTools()
  folder = mkdtempSync(join(tmpdir(), 'patchbay-order-'))
})
afterAll(async () => {
  await tools.dispose()
  rmSync(folder, { recursive: true, force: true })
})

async function listen(engines: Roads, road: (typeof roads)[number], target: string): Promise<readonly string[]> {
  const slot = {
    current: new Session(
      { environment: { A: 'b' }, arguments: [], directories: {}, allowHosts: [], allowNet: [] },
      { output() {}, notice() {} },
    ),
  }
  const instance = await engines[road].make(slot)
  calls = []
  const seen = calls
  const exchange = { ...exchangeOf((text) => void seen.push(`  ${text}`), [['x-a', '1']], 'the body'), target }
  try {
    await instance.handle?.(new IncomingRequest(slot.current, exchange), new ResponseOutparam(exchange))
    seen.push('  returned')
  } catch {
    seen.push('  trap')
  }
  slot.current.close()
  return seen
}

describe('what guests ask of the host', () => {
  it.each(handlers())('comes in the same order on both roads: %s', async (name, path) => {
    const engines = await bothRoads(tools, readFileSync(path), join(folder, name))
    for (const target of name === 'behaviours' ? targets : targets.slice(0, 3)) {
      const direct = await listen(engines, 'direct', target)
      expect(direct.length).toBeGreaterThan(2)
      expect([target, ...(await listen(engines, 'jco', target))]).toEqual([target, ...direct])
    }
  })
})
