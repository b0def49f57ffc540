/**
 * Our canvas beside the bare library it is built on: the same 210 nodes and 1000 wires, all in view, in one Chromium, taking
 * turns. Frames are timed while the canvas is panned and while a node is dragged, one step for each; the browser waits for no
 * screen, so a frame takes as long as it needs and not the next multiple of 16.7 ms. A ratio of 1 means as fast as bare.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { type Browser, type Page, chromium } from 'playwright'
import { build } from 'vite'
import { startServer } from '../e2e/harness/launch.ts'
import { chromiumArguments, findChromium } from '../e2e/harness/machine.ts'
import { benchCanvasUse, type CanvasUse } from './canvas-use.ts'
import { writeLargeProject } from './large-project.ts'

/** Milliseconds of a frame while something moves. */
export interface Frames {
  readonly median: number
  readonly slowest: number
  /** Processor time of all the browser's processes: scripting, layout, painting, compositing. */
  readonly work: number
}

export interface Compared {
  /** The median of the rounds. */
  readonly ours: Frames
  readonly bare: Frames
  /** Bare by ours, median of the rounds and the least and the most of them: of the time and of the work of a frame. */
  readonly speed: readonly [median: number, least: number, most: number]
  readonly thrift: readonly [median: number, least: number, most: number]
}

export interface CanvasBench {
  readonly pan: Compared
  readonly drag: Compared
  readonly use: CanvasUse
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
  const unthrottled = ['--disable-gpu-vsync', '--disable-frame-rate-limit']
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments, ...unthrottled] })
  try {
    const open = async (url: string): Promise<Page> => {
      const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
      await page.goto(url)
      await page.waitForSelector('.react-flow__node >> nth=0', { timeout: 60_000 })
      return page
    }
    const pages = { ours: await open(ours.url), bare: await open(bare.url) }
    await everythingInView(pages.ours)
    // Both have the pointer over them: what lies under it is looked for after every layout.
    for (const page of Object.values(pages)) await page.mouse.move(40, 400)
    const measured: Record<'pan' | 'drag', Record<'ours' | 'bare', Frames[]>> = {
      pan: { ours: [], bare: [] },
      drag: { ours: [], bare: [] },
    }
    for (let round = 0; round < rounds; round++)
      for (const gesture of ['pan', 'drag'] as const)
        for (const side of ['bare', 'ours'] as const) {
          await pages[side].bringToFront()
          measured[gesture][side].push(await frames(browser, pages[side], gesture))
        }
    const result = {
      pan: compared(measured.pan),
      drag: compared(measured.drag),
      use: await benchCanvasUse(browser, pages.ours, async () => {
        mkdirSync(join(folder, 'other-user'))
        return startServer({ userFolder: join(folder, 'other-user'), path: project })
      }),
    }
    console.log('\nCanvas: 210 nodes and 1000 wires in view, milliseconds of a frame (median of the rounds)')
    for (const gesture of ['pan', 'drag'] as const) {
      const { ours: mine, bare: other, speed, thrift } = result[gesture]
      const ratio = ([median, least, most]: Compared['speed']): string =>
        `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})${median >= 0.8 ? '' : ' (aim: 0.80)'}`
      console.log(
        `  ${gesture.padEnd(6)} ours ${mine.median.toFixed(1).padStart(6)} (work ${mine.work.toFixed(1)})   bare ${other.median.toFixed(1).padStart(6)} (work ${other.work.toFixed(1)})   speed × bare ${ratio(speed)}   work × bare ${ratio(thrift)}`,
      )
    }
    for (const [what, { took, work, blocked }] of Object.entries(result.use))
      console.log(
        `  ${what.padEnd(30)} ${took.toFixed(0).padStart(6)} ms   work ${work.toFixed(0)} ms   the window stood still for ${blocked.toFixed(0)} ms at most`,
      )
    return result
  } finally {
    await browser.close()
    await ours.stop()
    bare.server.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function compared({ ours, bare }: { readonly ours: readonly Frames[]; readonly bare: readonly Frames[] }): Compared {
  const sorted = (list: readonly number[]): number[] => [...list].sort((left, right) => left - right)
  const middle = (list: readonly number[]): number => sorted(list)[Math.floor(list.length / 2)] ?? 0
  const of = (list: readonly Frames[], key: keyof Frames): number => middle(list.map((each) => each[key]))
  const frame = (list: readonly Frames[]): Frames => ({
    median: of(list, 'median'),
    slowest: of(list, 'slowest'),
    work: of(list, 'work'),
  })
  const ratios = (key: keyof Frames): Compared['speed'] => {
    const list = sorted(ours.map((mine, round) => (bare[round]?.[key] ?? 0) / mine[key]))
    return [middle(list), list[0] ?? 0, list.at(-1) ?? 0]
  }
  return { ours: frame(ours), bare: frame(bare), speed: ratios('median'), thrift: ratios('work') }
}

/** Only the canvas, as big as it gets, with everything on it. */
async function everythingInView(page: Page): Promise<void> {
  await page.waitForSelector('[data-testid="command-canvas.fit"]')
  for (const keys of ['Control+Alt+L', 'Control+Alt+I', 'Control+J']) await page.keyboard.press(keys)
  await page.waitForFunction(() => (document.querySelector('.react-flow')?.clientWidth ?? 0) > innerWidth - 20)
  await page.getByTestId('command-canvas.fit').click()
  await page.waitForFunction(
    () => {
      const area = document.querySelector('.react-flow')?.getBoundingClientRect()
      const nodes = [...document.querySelectorAll('.react-flow__node')].map((node) => node.getBoundingClientRect())
      const left = Math.min(...nodes.map((box) => box.left))
      const right = Math.max(...nodes.map((box) => box.right))
      return area && nodes.length >= 210 && right - left > area.width * 0.8 && left >= area.left && right <= area.right
    },
    undefined,
    { timeout: 60_000 },
  )
}

/** Moves something in small steps, one for each frame, and times the frames. */
async function frames(browser: Browser, page: Page, gesture: 'pan' | 'drag'): Promise<Frames> {
  const session = await browser.newBrowserCDPSession()
  const work = async (): Promise<number> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0)
  }
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
