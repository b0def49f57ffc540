import { createReadStream } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from './node-http.ts'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { WebSocketServer } from 'ws'
import { fail } from '../src-engine/error.ts'
import { type Emit, socketPath } from '../src-preload/contract.ts'
import { applicationRoot } from './entries.ts'
import { createChannel } from './serve/channel.ts'
import { browserHost } from './serve/host.ts'
import { refusalPage, welcomePage } from './serve/pages.ts'
import { pageHeaders } from './serve/policy.ts'
import { type Session, createSession } from './serve/session.ts'
import { findStatic } from './serve/static.ts'
import type { HostHandlers, Services } from './services/services.ts'

export interface ServeOptions {
  /** 0 or absent = any free port. */
  readonly port?: number
  /** Makes the services once the port is ours; they live until {@link WorkbenchServer.close}. */
  readonly services: (parts: { readonly host: HostHandlers; readonly emit: Emit }) => Promise<Services>
  /** The built window; default `out/renderer`. */
  readonly rendererFolder?: string
}

export interface WorkbenchServer {
  /** `http://127.0.0.1:PORT`, without a token. */
  readonly origin: string
  readonly port: number
  /** A link that opens the workbench once, in one browser; every call makes a new one. */
  link(): string
  /** Ends connections, services and the server. */
  close(): Promise<void>
}

/**
 * The workbench in a browser: the page and the contract's WebSocket on 127.0.0.1.
 * Every request must name us as a loopback host (a foreign page cannot reach us by a name of its own), must not come from
 * another origin, and must carry the session cookie that the one-time link was traded for.
 * Fails with `serve.port-in-use` or `serve.cannot-listen`.
 */
export async function serveWorkbench(options: ServeOptions): Promise<WorkbenchServer> {
  const server = createServer()
  const port = await listen(server, options.port ?? 0)
  const session = createSession(port)
  const guard = createGuard(port, session)
  const root = options.rendererFolder ?? join(applicationRoot, 'out', 'renderer')
  // Dropped components travel in one frame; the services set the real limit, with a message.
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 512 * 1024 * 1024 })
  const channel = createChannel(sockets)

  server.on('request', (request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      if (!response.headersSent) response.writeHead(500).end()
      else response.destroy()
      if (!request.destroyed) console.error(`${request.url}:`, thrown)
    })
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (pathOf(request) !== socketPath || !guard.allows(request, { origin: 'required' })) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => channel.accept(accepted))
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = pageHeaders([`ws://${request.headers.host ?? ''}`])
    const page = (status: number, body: string, more: Record<string, string> = {}): void => {
      response.writeHead(status, {
        ...headers,
        'Content-Type': 'text/html; charset=utf-8',
        'Cache-Control': 'no-store',
        ...more,
      })
      response.end(request.method === 'HEAD' ? undefined : body)
    }
    if (!guard.isOurHost(request) || !guard.isOurOrigin(request)) return page(403, refusalPage('origin'))
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return page(405, refusalPage('method'), { Allow: 'GET, HEAD' })
    const token = tokenOf(request)
    if (token !== undefined) {
      const known = session.knows(request.headers.cookie)
      // A reload or a second click in the browser that already holds the session is no reason to turn anyone away.
      if (request.method === 'HEAD' || !(session.redeem(token) || known)) return page(403, refusalPage('token'))
      return page(200, welcomePage, known ? {} : { 'Set-Cookie': session.cookie })
    }
    if (!session.knows(request.headers.cookie)) return page(403, refusalPage('session'))
    if (pathOf(request) === socketPath) return page(426, refusalPage('socket'), { Upgrade: 'websocket' })

    const file = await findStatic(root, pathOf(request))
    if (!file) return page(404, refusalPage('missing'))
    response.writeHead(200, {
      ...headers,
      'Content-Type': file.type,
      'Content-Length': file.size,
      'Cache-Control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-cache',
    })
    if (request.method === 'HEAD') response.end()
    else await pipeline(createReadStream(file.path, { end: Math.max(0, file.size - 1) }), response)
  }

  async function shut(): Promise<void> {
    channel.close()
    sockets.close()
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  const services = await options.services({ host: browserHost, emit: channel.emit }).catch(async (thrown: unknown) => {
    await shut()
    throw thrown
  })
  channel.ready(services.handlers)

  const origin = `http://127.0.0.1:${port}`
  let closing: Promise<void> | undefined
  return {
    origin,
    port,
    link: () => `${origin}/?token=${session.mint()}`,
    close() {
      closing ??= shut().then(() => services.dispose())
      return closing
    },
  }
}

interface Guard {
  isOurHost(request: IncomingMessage): boolean
  /** No `Origin` is fine for a page load; browsers send it with everything else that matters. */
  isOurOrigin(request: IncomingMessage): boolean
  allows(request: IncomingMessage, rule: { readonly origin: 'required' }): boolean
}

function createGuard(port: number, session: Session): Guard {
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
  const guard: Guard = {
    isOurHost: (request) => hosts.has(request.headers.host ?? ''),
    isOurOrigin({ headers }) {
      if (headers.origin !== undefined) return headers.origin === `http://${headers.host}`
      return headers['sec-fetch-site'] !== 'cross-site' || headers['sec-fetch-mode'] === 'navigate'
    },
    allows: (request) =>
      guard.isOurHost(request) &&
      request.headers.origin !== undefined &&
      guard.isOurOrigin(request) &&
      session.knows(request.headers.cookie),
  }
  return guard
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? ''
}

function tokenOf(request: IncomingMessage): string | undefined {
  const url = request.url ?? ''
  if (pathOf(request) !== '/') return undefined
  return new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('token') ?? undefined
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? fail('serve.port-in-use', `Port ${port} is already in use.`, {
              hint: 'Choose another one with --port, or leave --port out for a free one.',
            })
          : fail('serve.cannot-listen', `The workbench cannot listen on 127.0.0.1:${port}: ${error.message}.`, {
              cause: error,
            }),
      )
    })
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
