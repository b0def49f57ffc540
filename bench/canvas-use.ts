/** What else a person does on a canvas with 210 nodes and 1000 wires: opens it, arranges it, searches it, draws a wire. */
import type { Browser, Page } from 'playwright'

/** Milliseconds. */
export interface Took {
  readonly took: number
  /** Processor time of the window's thread meanwhile. */
  readonly work: number
  /** The longest time that the window could do nothing else. */
  readonly blocked: number
}

export interface CanvasUse {
  /** Until all nodes and wires are drawn, in a window of its own. */
  readonly open: Took
  readonly arrange: Took
  /** One letter in the search, until what it found is marked. */
  readonly search: Took
  /** One step of a wire in the hand, until the frame is drawn; all ports show their verdicts. */
  readonly 'step of a wire': Took
  /** From the first movement until all ports show their verdicts. */
  readonly 'beginning of a wire': Took
}

/** Measures on a page that shows the whole large project, and opens it once more where `serve` says. */
export async function benchCanvasUse(
  browser: Browser,
  page: Page,
  serve: () => Promise<{ readonly url: string; stop(): Promise<void> }>,
): Promise<CanvasUse> {
  await page.bringToFront()
  await watch(page)
  const wire = await drawWire(page)
  const search = await searched(page)
  const arrange = await during(page, async () => {
    const viewport = page.locator('.react-flow__viewport')
    const first = page.locator('.react-flow__node').first()
    const before = await first.getAttribute('style')
    await page.getByTestId('command-canvas.arrange').click()
    await page.waitForFunction(
      (style) => document.querySelector('.react-flow__node')?.getAttribute('style') !== style,
      before,
      { timeout: 60_000 },
    )
    await viewport.waitFor()
  })
  const server = await serve()
  try {
    return { open: await opened(browser, server.url), arrange, search, ...wire }
  } finally {
    await server.stop()
  }
}

/** Opens the project in a window of its own. */
async function opened(browser: Browser, url: string): Promise<Took> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  try {
    await watch(page)
    const start = performance.now()
    const work = await threadTime(page)
    await page.goto(url)
    await page.waitForFunction(
      () =>
        document.querySelectorAll('.react-flow__node').length >= 210 &&
        document.querySelectorAll('[data-testid="far-cables"] path[d]:not([d=""])').length >= 200,
      undefined,
      { timeout: 60_000 },
    )
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
    return { took: performance.now() - start, work: await work(), blocked: await longest(page) }
  } finally {
    await page.context().close()
  }
}

async function drawWire(page: Page): Promise<Pick<CanvasUse, 'step of a wire' | 'beginning of a wire'>> {
  const box = await page.locator('[data-port="part-105 out bench:large/alpha"] .react-flow__handle').boundingBox()
  if (!box) throw new Error('there is no port to begin at')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  const start = performance.now()
  const begin = await during(page, async () => {
    await page.mouse.move(box.x + 20, box.y + 40)
    await page.waitForFunction(() => document.querySelector('[data-mark="yes"]') !== null)
  })
  const began = performance.now() - start
  const steps = 30
  const step = await during(page, async () => {
    for (let at = 0; at < steps; at++) await page.mouse.move(box.x + 20 + at * 9, box.y + 40 + at * 4)
  })
  await page.keyboard.press('Escape')
  await page.mouse.move(700, 20)
  await page.mouse.up()
  return {
    'beginning of a wire': { ...begin, took: began },
    'step of a wire': { ...step, took: step.took / steps, work: step.work / steps },
  }
}

async function searched(page: Page): Promise<Took> {
  await page.keyboard.press('Control+F')
  const letters = 'part-1'
  const typed = await during(page, () => page.keyboard.type(letters))
  await page.keyboard.press('Escape')
  return { ...typed, took: typed.took / letters.length, work: typed.work / letters.length }
}

async function during(page: Page, action: () => Promise<unknown>): Promise<Took> {
  await longest(page)
  const work = await threadTime(page)
  const start = performance.now()
  await action()
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  return { took: performance.now() - start, work: await work(), blocked: await longest(page) }
}

/** Begins to count; the answer ends it. */
async function threadTime(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const now = async (): Promise<number> =>
    ((await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) *
    1000
  const before = await now()
  return async () => {
    const spent = (await now()) - before
    await session.detach()
    return spent
  }
}

/** Notes from now on, and on every page to come, how long the window could do nothing else. */
async function watch(page: Page): Promise<void> {
  const observe = (): void => {
    const seen: { blocked: number } = { blocked: 0 }
    Object.assign(window, { seen })
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.blocked = Math.max(seen.blocked, duration)
    }).observe({ type: 'longtask' })
  }
  await page.addInitScript(observe)
  await page.evaluate(observe)
}

/** The longest that was noted, 0 when it was less than 50 ms; forgets it. */
async function longest(page: Page): Promise<number> {
  return page.evaluate(() => {
    const seen: unknown = Reflect.get(window, 'seen')
    if (typeof seen !== 'object' || seen === null || !('blocked' in seen) || typeof seen.blocked !== 'number') return 0
    const { blocked } = seen
    seen.blocked = 0
    return blocked
  })
}
