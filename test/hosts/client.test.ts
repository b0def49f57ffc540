import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type WorkbenchServer, serveWorkbench } from '../../src-main/serve.ts'
import { createServices } from '../../src-main/services/services.ts'
import type { Emit } from '../../src-preload/contract.ts'
import { type Client, type ConnectionState, connect } from '../../src-renderer/state/client.ts'

let folder: string
let server: WorkbenchServer
let emit: Emit
const openSockets = new Set<WebSocket>()

async function start(port = 0): Promise<WorkbenchServer> {
  return serveWorkbench({
    port,
    rendererFolder: folder,
    services(parts) {
      emit = parts.emit
      return createServices({ ...parts, userFolder: join(folder, 'user'), projectPath: join(folder, 'project') })
    },
  })
}

/** What a browser adds by itself: the cookie it was given and the page's origin. */
async function standInPage(): Promise<void> {
  const response = await fetch(server.link())
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const { origin } = server
  vi.stubGlobal('window', { location: new URL(origin) })
  vi.stubGlobal(
    'WebSocket',
    class extends WebSocket {
      constructor(url: string) {
        super(url, { headers: { cookie, origin } })
        // A browser's socket that fails only closes.
        this.on('error', () => {})
        openSockets.add(this)
      }
    },
  )
  const plain = globalThis.fetch
  vi.stubGlobal('fetch', (url: string) => plain(url, { headers: { cookie } }))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-client-'))
  await mkdir(join(folder, 'project'))
  await writeFile(join(folder, 'index.html'), '<!doctype html>')
})
afterAll(() => rm(folder, { recursive: true, force: true }))
beforeEach(async () => {
  server = await start()
  await standInPage()
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await server.close()
  openSockets.clear()
})

/** The first time the connection is in this state. */
function reached(client: Client, wanted: ConnectionState): Promise<void> {
  return new Promise((resolve) => {
    if (client.connection.current() === wanted) return resolve()
    const end = client.connection.subscribe((state) => {
      if (state !== wanted) return
      end()
      resolve()
    })
  })
}

describe('the window’s client, over a real server', () => {
  it('calls, and throws the workbench’s problems', async () => {
    const client = await connect()
    expect(client).toMatchObject({ host: 'browser' })
    expect(client.connection.current()).toBe('open')
    expect(await client.call('workbench.describe', {})).toMatchObject({ host: 'browser' })
    expect((await client.call('project.current', {})).folder).toBe(join(folder, 'project'))
    await expect(client.call('files.list', { path: join(folder, 'none') })).rejects.toMatchObject({
      name: 'PatchbayError',
      problem: { code: expect.any(String) },
    })
  })

  it('carries bytes and many calls at once', async () => {
    const client = await connect()
    const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)
    const { item } = await client.call('components.addBytes', { name: 'empty', bytes })
    const back = await Promise.all(
      Array.from({ length: 20 }, () => client.call('components.bytes', { hash: item.hash ?? '' })),
    )
    for (const answer of back) expect([...answer.bytes]).toEqual([...bytes])
  })

  it('hears events until it ends the subscription', async () => {
    const client = await connect()
    const heard: string[] = []
    const end = client.on('window.command', ({ command }) => heard.push(command))
    emit('window.command', { command: 'first' })
    await client.call('settings.read', {})
    end()
    emit('window.command', { command: 'second' })
    await client.call('settings.read', {})
    expect(heard).toEqual(['first'])
  })

  it('tells a stopped workbench from one that was started again', async () => {
    const client = await connect()
    const states: ConnectionState[] = []
    client.connection.subscribe((state) => states.push(state))
    await server.close()
    await reached(client, 'lost')
    await expect(client.call('settings.read', {})).rejects.toMatchObject({ problem: { code: 'connection.lost' } })
    server = await start(server.port)
    await reached(client, 'refused')
    await expect(client.call('settings.read', {})).rejects.toMatchObject({
      problem: { code: 'connection.refused', hint: expect.stringContaining('link') },
    })
    expect(states).toEqual(['lost', 'refused'])
  })

  it('comes back by itself when its session is still good', async () => {
    const client = await connect()
    const listening: string[] = []
    client.on('window.command', ({ command }) => listening.push(command))
    // The network of the machine hiccups: the server cuts every connection and goes on.
    const lost = reached(client, 'lost')
    for (const socket of openSockets) socket.terminate()
    await lost
    await reached(client, 'open')
    expect(await client.call('workbench.describe', {})).toMatchObject({ host: 'browser' })
    emit('window.command', { command: 'after' })
    await client.call('settings.read', {})
    expect(listening).toEqual(['after'])
  })

  it('answers calls under way with what happened', async () => {
    const client = await connect()
    const pending = client.call('project.current', {})
    for (const socket of openSockets) socket.terminate()
    await expect(pending).rejects.toMatchObject({ problem: { code: 'connection.lost' } })
  })
})
