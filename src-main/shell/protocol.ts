import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { protocol } from 'electron'
import { applicationRoot } from '../entries.ts'
import { pageHeaders } from '../serve/policy.ts'
import { findStatic } from '../serve/static.ts'

/** The page's own origin; nothing else is ever loaded into the window. */
export const origin = 'app://workbench'
export const startUrl = `${origin}/index.html`

/** Must run before the application is ready. A standard, secure scheme gives the page an origin, workers and streaming WebAssembly. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: 'app',
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ])
}

/** Serves `out/renderer`, and only that, as `app://workbench/…`. */
export function serveScheme(root = join(applicationRoot, 'out', 'renderer')): void {
  protocol.handle('app', async (request) => {
    const url = new URL(request.url)
    if (url.host !== 'workbench' || request.method !== 'GET') return new Response(null, { status: 403 })
    const file = await findStatic(root, url.pathname)
    if (!file) return new Response(null, { status: 404 })
    const headers = {
      ...pageHeaders(),
      'Content-Type': file.type,
      'Content-Length': String(file.size),
      'Cache-Control': 'no-cache',
    }
    return new Response(bodyOf(file.path), { headers })
  })
}

function bodyOf(path: string): ReadableStream<Uint8Array> {
  const source = Readable.toWeb(createReadStream(path))
  const reader = source.getReader()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => reader.cancel(),
  })
}
