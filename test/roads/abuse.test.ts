import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Session } from '../../src-main/runtime/wasi/session.ts'
import { createTools, type Tools } from '../../src-main/tools/tools.ts'
import { abusesOf, badText, type Abuse } from './abuse.ts'
import { MirrorGuest } from './guest.ts'
import { mirrorOf, type Mirror } from './mirror.ts'
import { bothRoads, roads, type Roads } from './roads.ts'
import { handle, preopened } from './scenarios/stage.ts'

let tools: Tools
let folder: string
let mirror: Mirror
let engines: Roads
let session: Session

beforeAll(async () => {
  tools = createTools()
  folder = mkdtempSync(join(tmpdir(), 'patchbay-abuse-'))
  mkdirSync(join(folder, 'data'))
  session = new Session(
    {
      environment: {},
      arguments: [],
      directories: { '/': join(folder, 'data') },
      allowHosts: [],
      allowNet: ['127.0.0.1:1'],
    },
    { output() {}, notice() {} },
  )
  mirror = await mirrorOf(tools, '0.2.12')
  const waiting = [...mirror.functions.values()].map(({ exported }) => exported)
  engines = await bothRoads(tools, mirror.bytes, join(folder, 'code'), waiting)
})
afterAll(async () => {
  session.close()
  await tools.dispose()
  rmSync(folder, { recursive: true, force: true })
})

/** How a guest comes by a resource in one step or two. */
const makers: Readonly<Record<string, (guest: MirrorGuest) => Promise<unknown>>> = {
  fields: (guest) => guest.call('new fields'),
  'outgoing-request': async (guest) => guest.call('new outgoing-request', handle(await guest.call('new fields'))),
  'outgoing-response': async (guest) => guest.call('new outgoing-response', handle(await guest.call('new fields'))),
  'request-options': (guest) => guest.call('new request-options'),
  pollable: (guest) => guest.call('subscribe-instant', 0n),
  'input-stream': (guest) => guest.call('get-stdin'),
  'output-stream': (guest) => guest.call('get-stdout'),
  descriptor: preopened,
  'directory-entry-stream': async (guest) => guest.call('descriptor.read-directory', await preopened(guest)),
  network: (guest) => guest.call('instance-network'),
  'tcp-socket': (guest) => guest.call('create-tcp-socket', 'ipv4'),
  'udp-socket': (guest) => guest.call('create-udp-socket', 'ipv4'),
}

/** Core values with handles in them; nothing when one of the resources is not to be had so easily. */
async function arranged(guest: MirrorGuest, { kind, flat }: Abuse): Promise<(number | bigint)[] | undefined> {
  const values: (number | bigint)[] = []
  for (const value of flat) {
    if (typeof value !== 'string') values.push(value)
    else {
      const make = makers[value.replace(/.*#/, '')]
      if (!make && kind !== 'unknown handle') return undefined
      values.push(make ? handle(await make(guest)).number : 0)
    }
  }
  return values
}

/** Function and abuse → whether it ended the guest. */
async function outcomes(
  road: (typeof roads)[number],
  kinds: (kind: Abuse['kind']) => boolean,
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  let guest: MirrorGuest | undefined
  for (const one of mirror.functions.values()) {
    for (const [at, abuse] of abusesOf(one).entries()) {
      if (!kinds(abuse.kind)) continue
      guest ??= new MirrorGuest(mirror, await engines[road].make({ current: session }))
      const flat = await arranged(guest, abuse)
      if (!flat) continue
      await guest.poke(badText.at, badText.bytes)
      const how = await guest.raw(one.name, flat).then(
        () => 'answered',
        () => 'trap',
      )
      if (how === 'trap') guest = undefined
      found.set(`${one.name}, ${abuse.kind} (${at})`, how)
    }
  }
  return found
}

const answered = (all: ReadonlyMap<string, string>): string[] =>
  [...all].flatMap(([name, how]) => (how === 'answered' ? [name] : []))

/** What the generated code of the reference road looks at; it takes a view of what is left, or writes next to it, for the rest. */
const checkedByBoth: ReadonlySet<Abuse['kind']> = new Set(['no such case', 'pointer unaligned'])

describe('a guest that breaks the rules of the Canonical ABI', () => {
  it('is ended on the direct road, whatever function it calls', async () => {
    const found = await outcomes('direct', () => true)
    expect(found.size).toBeGreaterThan(300)
    expect(answered(found)).toEqual([])
  })

  it('is ended on the reference road where that one looks', async () => {
    const found = await outcomes('jco', (kind) => checkedByBoth.has(kind))
    expect(found.size).toBeGreaterThan(15)
    expect(answered(found)).toEqual([])
  })
})
