import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createSocket, type Socket as UdpServer } from 'node:dgram'
import { createServer as createNetServer, type AddressInfo, type Server as NetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Session, type SessionSlot } from '../../src-main/runtime/wasi/session.ts'
import { createTools, type Tools } from '../../src-main/tools/tools.ts'
import { MirrorGuest } from './guest.ts'
import { mirrorOf, type Mirror } from './mirror.ts'
import { bothRoads, roads, type Roads } from './roads.ts'
import { scenarios } from './scenarios/scenarios.ts'

let tools: Tools
let folder: string
let server: Server
let upstream: string
let echoServer: NetServer
let datagramServer: UdpServer
let echo: number
let datagrams: number
let closed: number
let mirror: Mirror
let engines: Roads
/** The same guest built for the first release of WASI 0.2. */
let first: Mirror
let firstEngines: Roads
/** Function → outcomes it had in any scenario, on the direct road. */
const seen = new Map<string, Set<string>>()

beforeAll(async () => {
  tools = createTools()
  folder = mkdtempSync(join(tmpdir(), 'patchbay-roads-'))
  server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/never') return
    if (path === '/cut') {
      response.writeHead(200, { 'content-length': '100' })
      response.write('some')
      return void setImmediate(() => setImmediate(() => response.destroy()))
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.writeHead(203, [
        ['X-Twice', 'a'],
        ['x-twice', 'b'],
        ['Trailer', 'x-end'],
      ])
      const heard = request.rawHeaders.filter((_, at, all) => /^x-/i.test(all[at - (at % 2)] ?? ''))
      response.write(
        `${request.method} ${path} ${heard.join(' ')}: ${Buffer.concat(chunks).toString()} ${request.rawTrailers.join(' ')}`,
      )
      response.addTrailers({ 'x-end': 'yes' })
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`
  echoServer = createNetServer({ allowHalfOpen: true }, (socket) => void socket.on('error', () => {}).pipe(socket))
  await new Promise<void>((resolve) => echoServer.listen(0, '127.0.0.1', resolve))
  echo = (echoServer.address() as AddressInfo).port
  const vacant = createNetServer()
  await new Promise<void>((resolve) => vacant.listen(0, '127.0.0.1', resolve))
  closed = (vacant.address() as AddressInfo).port
  await new Promise((resolve) => vacant.close(resolve))
  datagramServer = createSocket('udp4', (data, from) => datagramServer.send(data, from.port, from.address))
  await new Promise<void>((resolve) => datagramServer.bind(0, '127.0.0.1', resolve))
  datagrams = datagramServer.address().port
  const waiting = ({ functions }: Mirror): string[] => [...functions.values()].map(({ exported }) => exported)
  mirror = await mirrorOf(tools, '0.2.12')
  engines = await bothRoads(tools, mirror.bytes, join(folder, 'code'), waiting(mirror))
  first = await mirrorOf(tools, '0.2.0')
  firstEngines = await bothRoads(tools, first.bytes, join(folder, 'first'), waiting(first))
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  echoServer.close()
  datagramServer.close()
  await tools.dispose()
  rmSync(folder, { recursive: true, force: true })
})

interface Seat {
  readonly guest: MirrorGuest
  readonly slot: SessionSlot
}
const seats = new Map<string, Seat>()
const nobody = new Session(
  { environment: {}, arguments: [], directories: {}, allowHosts: [], allowNet: [] },
  { output() {}, notice() {} },
)

/** An instance that is still alive: made again only where one was ended. */
async function seat(road: (typeof roads)[number], release: '0.2.0' | '0.2.12'): Promise<Seat> {
  const known = seats.get(`${road} ${release}`)
  if (known && !known.guest.isOver) return known
  const slot: SessionSlot = { current: nobody }
  const [built, makers] = release === '0.2.0' ? [first, firstEngines] : [mirror, engines]
  const made = { guest: new MirrorGuest(built, await makers[road].make(slot)), slot }
  seats.set(`${road} ${release}`, made)
  return made
}

async function play(
  road: (typeof roads)[number],
  name: string,
  release: '0.2.0' | '0.2.12' = '0.2.12',
): Promise<readonly string[]> {
  const scenario = scenarios[name]
  if (!scenario) throw new Error(`no scenario ${name}`)
  const data = join(mkdtempSync(join(folder, 'run-')), 'data')
  mkdirSync(data)
  const session = new Session(
    {
      environment: { KEY: 'välue' },
      arguments: ['one', ''],
      directories: { '/data': data },
      allowHosts: [upstream],
      allowNet: [
        ...[echo, datagrams, closed].map((port) => `127.0.0.1:${port}`),
        'localhost:1',
        '*.invalid',
        'listen:0',
      ],
    },
    {
      output: (source, written) => void guest.transcript.push(`  ${source}: ${Buffer.from(written).toString()}`),
      notice: (text) => void guest.transcript.push(`  ${text}`),
    },
  )
  const { guest, slot } = await seat(road, release)
  slot.current = session
  guest.transcript = []
  try {
    await scenario({
      guest,
      session,
      upstream,
      echo,
      datagrams,
      closed,
      folder: data,
      note: (text) => void guest.transcript.push(`  ${text}`),
    })
  } finally {
    session.close()
  }
  if (road === 'direct')
    for (const [called, outcomes] of guest.outcomes)
      seen.set(called, new Set([...(seen.get(called) ?? []), ...outcomes]))
  const ports = { ECHO: echo, DATAGRAMS: datagrams, CLOSED: closed }
  const masked = (text: string): string =>
    Object.entries(ports)
      .reduce(
        (shown, [name, port]) => shown.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), name),
        text.replaceAll(upstream, 'UPSTREAM'),
      )
      .replaceAll(data, 'FOLDER')
  return guest.transcript.map(masked)
}

describe('both roads', () => {
  it.each(Object.keys(scenarios))('go the same way: %s', async (name) => {
    const direct = await play('direct', name)
    await expect(`${direct.join('\n')}\n`).toMatchFileSnapshot(`transcripts/${name.replaceAll(/\W+/g, '-')}.txt`)
    const jco = await play('jco', name)
    expect(jco).toEqual(direct)
    expect(await play('direct', name, '0.2.0')).toEqual(direct)
  })

  it('go the same way with guests of the first release', async () => {
    for (const name of ['surroundings', 'a call there and back', 'a connection there and back'])
      expect(await play('jco', name, '0.2.0')).toEqual(await play('direct', name))
  })

  it('are compared in every function of WASI 0.2', () => {
    expect([...mirror.functions.keys()].filter((name) => !seen.has(name))).toEqual([])
  })
})
