import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { componentOf } from '../../test/components.ts'
import { decode, type DecodedComponent } from '../binary/decode.ts'
import type { ComponentType } from '../types/graph.ts'
import { WitPackages } from '../wit/packages.ts'
import { worldOfPackage } from '../wit/resolve.ts'
import { addInstance, connect, setPackage } from './edit.ts'
import { emptyGraph, type CompositionGraph } from './graph.ts'
import { impactOf, impactOfReplacing } from './impact.ts'

const old = `package test:shop@1.2.0;
interface types { resource item { name: func() -> string; price: func() -> u32; } }
interface store { use types.{item}; find: func(name: string) -> option<item>; all: func() -> list<item>; }
interface spare { f: func(); }
`
const worlds = `
world finder { import store; export spare; }
world seller { import types; export store; }
`
/** Imports only what it calls, as toolchains trim it. */
const narrow = `package test:shop@1.2.0;
interface types { resource item { name: func() -> string; } }
interface store { use types.{item}; find: func(name: string) -> option<item>; }
world narrow { import store; }
`

const decoded = new Map<string, DecodedComponent>()
const decodedOf = (hash: string) => decoded.get(hash)
let graph: CompositionGraph
let hashes: readonly string[]

async function add(text: string, world: string): Promise<string> {
  const bytes = await componentOf(text, world)
  const hash = createHash('sha256').update(bytes).digest('hex')
  decoded.set(hash, decode(bytes))
  return hash
}

function whole(text: string): ComponentType {
  const packages = new WitPackages()
  const main = packages.addFolder([{ path: 'shop.wit', text }])
  if (!main) throw new Error('no package')
  return worldOfPackage(packages, main)
}

beforeAll(async () => {
  hashes = [await add(old + worlds, 'finder'), await add(old + worlds, 'seller'), await add(narrow, 'narrow')]
  graph = emptyGraph
  const names = ['finder', 'seller', 'narrow']
  names.forEach((name, index) => {
    graph = setPackage(graph, name, { name: `test:${name}`, hash: hashes[index] ?? '' })
    graph = addInstance(graph, name, name).graph
  })
  graph = connect(graph, 'finder', 'test:shop/store@1.2.0', {
    kind: 'instance',
    instance: 'seller',
    path: ['test:shop/store@1.2.0'],
  })
})

const impacts = (text: string) =>
  impactOf(whole(old), whole(text), graph, decodedOf).map(
    ({ instance, side, name, reason, wires }) => `${instance} ${side} ${name}: ${reason} [${wires.join(', ')}]`,
  )
const wire = 'finder test:shop/store@1.2.0'

describe('impactOf', () => {
  it('is nothing when nothing changes, or only grows where nobody implements it', () => {
    expect(impacts(old)).toEqual([])
    expect(impacts(old.replace('package test:shop@1.2.0', 'package test:shop@1.3.0'))).toEqual([])
    expect(impacts(old.replace('price: func() -> u32;', 'price: func() -> u32; weight: func() -> u32;'))).toEqual([])
  })

  it('names those who call what is gone or different, and those who would have to implement more', () => {
    expect(impacts(old.replace(' all: func() -> list<item>;', ''))).toEqual([
      `finder consumer test:shop/store@1.2.0: function "all" (func() -> list<item>) is missing [${wire}]`,
    ])
    expect(impacts(old.replace('find: func(name: string)', 'find: func(name: list<u8>)'))).toEqual([
      `finder consumer test:shop/store@1.2.0: "find" › parameter "name": expected string, found list<u8> [${wire}]`,
      'narrow consumer test:shop/store@1.2.0: "find" › parameter "name": expected string, found list<u8> []',
      `seller provider test:shop/store@1.2.0: "find" › parameter "name": expected list<u8>, found string [${wire}]`,
    ])
    expect(impacts(old.replace('all: func()', 'count: func() -> u32; all: func()'))).toEqual([
      `seller provider test:shop/store@1.2.0: function "count" (func() -> u32) is missing [${wire}]`,
    ])
  })

  it('names those whose interface is gone, or of a version that promises nothing', () => {
    expect(impacts(old.replace(/interface spare.*\n/, ''))).toEqual([
      'finder provider test:shop/spare@1.2.0: "test:shop/spare" is gone []',
    ])
    const next = impacts(old.replace('@1.2.0', '@2.0.0'))
    expect(next).toContain(
      `finder consumer test:shop/store@1.2.0: it is test:shop/store@2.0.0 now, which promises no compatibility [${wire}]`,
    )
    expect(next).toContain(
      `seller provider test:shop/store@1.2.0: it is test:shop/store@2.0.0 now, which promises no compatibility [${wire}]`,
    )
  })

  it('tells what a new build of a component breaks', async () => {
    const [, seller = ''] = hashes
    const less = await add(old.replace(' all: func() -> list<item>;', '') + worlds, 'seller')
    const { breaks: problems } = impactOfReplacing(seller, less, graph, decodedOf)
    expect(problems.map(({ instance, import: name, message }) => [instance, name, message])).toEqual([
      ['finder', 'test:shop/store@1.2.0', expect.stringContaining('function "all" (func() -> list<item>) is missing')],
    ])
    expect(impactOfReplacing(seller, seller, graph, decodedOf).breaks).toEqual([])
  })
})
