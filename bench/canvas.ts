/**
 * Our canvas beside the bare library it is built on: the same 210 nodes and 1000 wires, all in view, in one Chromium, taking
 * turns. Frames are counted while the canvas is panned and while a node is dragged; a ratio of 1 means as fast as bare.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { type Page, chromium } from 'playwright'
import { build } from 'vite'
import { startServer } from '../e2e/harness/launch.ts'
import { chromiumArguments, findChromium } from '../e2e/harness/machine.ts'
import { writeLargeProject } from './large-project.ts'

/** Milliseconds of a frame while something moves. */
export interface Frames {
  readonly median: number
  readonly slowest: number
  /** Of the page's thread, per frame: what the code costs, whatever the screen does. */
  readonly work: number
}

export interface CanvasBench {
  readonly pan: { readonly ours: Frames; readonly bare: Frames; readonly ratio: number }
  readonly drag: { readonly ours: Frames; readonly bare: Frames; readonly ratio: number }
}

/** Measures and prints; undefined where there is no browser. */
export async function benchCanvas(rounds = 3): Promise<CanvasBench | undefined> {
  const executablePath = findChromium()
  if (!executablePath) {
    console.log('\nCanvas: there is no Chromium to measure it in')
    return undefined
  }
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-canvas-'))
  const project = await writeLargeProject(join(folder, 'project'))
  await build({
    root: join(import.meta.dirname, 'bare-canvas'),
    logLevel: 'error',
    base: './',
    build: { outDir: join(folder, 'bare'), emptyOutDir: true },
  })
  const bare = await serveFolder(join(folder, 'bare'))
  mkdirSync(join(folder, 'user'))
  const ours = await startServer({ userFolder: join(folder, 'user'), path: project })
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] })
  try {
    const open = async (url: string): Promise<Page> => {
      const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
      await page.goto(url)
      await page.waitForSelector('.react-flow__node >> nth=0', { timeout: 60_000 })
      return page
    }
    const pages = { ours: await open(ours.url), bare: await open(bare.url) }
    await everythingInView(pages.ours)
    const measured: Record<'pan' | 'drag', Record<'ours' | 'bare', Frames[]>> = {
      pan: { ours: [], bare: [] },
      drag: { ours: [], bare: [] },
    }
    for (let round = 0; round < rounds; round++)
      for (const gesture of ['pan', 'drag'] as const)
        for (const side of ['bare', 'ours'] as const) {
          await pages[side].bringToFront()
          measured[gesture][side].push(await frames(pages[side], gesture))
        }
    const result = { pan: compared(measured.pan), drag: compared(measured.drag) }
    console.log('\nCanvas: 210 nodes and 1000 wires in view, milliseconds of a frame (median of the rounds)')
    for (const [gesture, { ours: mine, bare: other, ratio }] of Object.entries(result))
      console.log(
        `  ${gesture.padEnd(6)} ours ${mine.median.toFixed(1).padStart(6)} (work ${mine.work.toFixed(1)})   bare ${other.median.toFixed(1).padStart(6)} (work ${other.work.toFixed(1)})   speed × bare ${ratio.toFixed(2)} ${ratio >= 0.8 ? '' : '(aim: 0.80)'}`,
      )
    return result
  } finally {
    await browser.close()
    await ours.stop()
    bare.server.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function compared({ ours, bare }: { readonly ours: readonly Frames[]; readonly bare: readonly Frames[] }) {
  const middle = (list: readonly Frames[]): Frames => {
    const of = (key: keyof Frames): number =>
      list.map((each) => each[key]).sort((left, right) => left - right)[Math.floor(list.length / 2)] ?? 0
    return { median: of('median'), slowest: of('slowest'), work: of('work') }
  }
  const [mine, other] = [middle(ours), middle(bare)]
  return { ours: mine, bare: other, ratio: other.median / mine.median }
}

/** Only the canvas, as big as it gets, with everything on it. */
async function everythingInView(page: Page): Promise<void> {
  await page.waitForSelector('[data-testid="command-canvas.fit"]')
  for (const keys of ['Control+Alt+L', 'Control+Alt+I', 'Control+J']) await page.keyboard.press(keys)
  await page.getByTestId('command-canvas.fit').click()
  await page.waitForFunction(() => document.querySelectorAll('.react-flow__node').length >= 210, undefined, {
    timeout: 60_000,
  })
}

/** Moves something in small steps, one for each frame, and times the frames. */
async function frames(page: Page, gesture: 'pan' | 'drag'): Promise<Frames> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const work = async (): Promise<number> =>
    (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
  const before = await work()
  const times = await page.evaluate(async (what) => {
    const pane = document.querySelector('.react-flow__pane')
    const nodes = [...document.querySelectorAll('.react-flow__node')]
    const target = what === 'pan' ? pane : (nodes[Math.floor(nodes.length / 2)] ?? null)
    if (!target) throw new Error('there is nothing to move')
    const box = target.getBoundingClientRect()
    const start = what === 'pan' ? { x: 12, y: box.top + 12 } : { x: box.left + box.width / 2, y: box.top + 3 }
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
    const fire = (type: string, on: EventTarget, x: number, y: number): boolean =>
      on.dispatchEvent(
        new MouseEvent(type, { bubbles: true, cancelable: true, view: window, clientX: x, clientY: y, buttons: 1 }),
      )
    fire('mousedown', target, start.x, start.y)
    const list: number[] = []
    let last = await frame()
    for (let step = 1; step <= 60; step++) {
      // There and back, so that the next round begins where this one did.
      const way = step <= 30 ? step : 60 - step
      fire('mousemove', window, start.x + way * 4, start.y + way * 2)
      const now = await frame()
      list.push(now - last)
      last = now
    }
    fire('mouseup', window, start.x, start.y)
    await frame()
    return list
  }, gesture)
  const spent = (await work()) - before
  await session.detach()
  const sorted = times.slice(5).sort((left, right) => left - right)
  return {
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    slowest: sorted.at(-1) ?? 0,
    work: (spent * 1000) / times.length,
  }
}

async function serveFolder(folder: string): Promise<{ readonly server: Server; readonly url: string }> {
  const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    readFile(join(folder, path === '/' ? 'index.html' : path)).then(
      (bytes) => response.setHeader('content-type', types[extname(path)] ?? 'text/html').end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}
