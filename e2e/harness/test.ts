import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type ElectronApplication, type Page, test as base, chromium } from '@playwright/test'
import { type Running, launchElectron, launchServer } from './launch.ts'
import { canShowWindow, chromiumArguments, findChromium, findElectron, root } from './machine.ts'

export { expect } from '@playwright/test'

/**
 * Import `test` and `expect` from here. Every test gets a Patchbay of its own, with an empty user folder, in the real
 * window (project `electron`) or in a browser (project `browser`). An error in the page's console, an uncaught exception, a
 * violation of the content security policy, a process or port that is left over: each fails the test.
 */
export interface HarnessOptions {
  readonly host: 'electron' | 'browser'
  /**
   * Path of what is opened at the start; default: the first start. One in the test's own folder is made by a fixture:
   * `test.use({ startWith: async ({ workshop }, use) => use(await sampleProject(workshop)) })`.
   */
  readonly startWith: string | undefined
}

/** A folder of the test's own, gone afterwards. */
export interface Workshop {
  readonly folder: string
  readonly userFolder: string
  /** A fresh copy of a folder of the repository, e.g. `resources/samples/project`. */
  copy(from: string, name?: string): Promise<string>
}

export interface Workbench {
  readonly host: 'electron' | 'browser'
  readonly page: Page
  readonly electron: ElectronApplication | undefined
  readonly origin: string | undefined
  /** What the workbench's process wrote. */
  log(): string
  /** Quits and starts again with the same user folder; opens `path`, or what was open last. */
  restart(path?: string): Promise<Page>
  /** Kills it without a word and starts again as {@link restart} does. */
  crash(path?: string): Promise<Page>
  /** Quits; the test may look at what is left on disk. */
  quit(): Promise<void>
  /** Errors of the page that this test means to cause. */
  allowErrors(pattern: RegExp): void
  /** A picture of the window, kept with the results as `NAME-HOST.png`. */
  screenshot(name: string): Promise<void>
}

interface Fixtures {
  readonly workshop: Workshop
  readonly workbench: Workbench
}

interface WorkerFixtures {
  /** One browser for all tests of a worker, started when the first one wants it. */
  readonly sharedBrowser: () => Promise<Browser>
}

export const test = base.extend<Fixtures & HarnessOptions, WorkerFixtures>({
  host: ['browser', { option: true }],
  startWith: [undefined, { option: true }],

  sharedBrowser: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      let browser: Promise<Browser> | undefined
      await use(() => {
        const executablePath = findChromium()
        browser ??= chromium.launch({ ...(executablePath ? { executablePath } : {}), args: [...chromiumArguments] })
        return browser
      })
      await (await browser)?.close()
    },
    { scope: 'worker' },
  ],

  // oxlint-disable-next-line no-empty-pattern
  workshop: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-e2e-'))
    const userFolder = join(folder, 'user')
    await mkdir(userFolder)
    await use({
      folder,
      userFolder,
      async copy(from, name = 'project') {
        const to = join(folder, name)
        await cp(join(root, from), to, { recursive: true })
        return to
      },
    })
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  },

  workbench: async ({ host, startWith, workshop, sharedBrowser }, use, info) => {
    const lack = whatIsMissing(host)
    if (lack && process.env.CI) throw new Error(lack)
    test.skip(lack !== undefined, lack)

    const allowed: RegExp[] = []
    const errors: string[] = []
    const prepare = async (page: Page): Promise<void> => {
      page.on('pageerror', (error) => errors.push(String(error.stack ?? error)))
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`)
      })
    }
    const browser = host === 'browser' ? await sharedBrowser() : undefined
    const launch = (path: string | undefined): Promise<Running> => {
      const request = { userFolder: workshop.userFolder, prepare, ...(path === undefined ? {} : { path }) }
      return browser ? launchServer(browser, request) : launchElectron(request)
    }
    let running: Running | undefined = await launch(startWith)
    const now = (): Running => {
      if (!running) throw new Error('Patchbay was quit in this test')
      return running
    }

    await use({
      host,
      get page() {
        return now().page
      },
      get electron() {
        return now().electron
      },
      get origin() {
        return now().origin
      },
      log: () => now().log(),
      async restart(path) {
        await now().close()
        running = await launch(path)
        return running.page
      },
      async crash(path) {
        await now().kill()
        running = await launch(path)
        return running.page
      },
      async quit() {
        await now().close()
        running = undefined
      },
      allowErrors: (pattern) => void allowed.push(pattern),
      async screenshot(name) {
        const path = join(info.project.outputDir, `${name}-${host}.png`)
        await now().page.screenshot({ path })
        await info.attach(name, { path, contentType: 'image/png' })
      },
    })

    if (info.status !== info.expectedStatus && running) {
      await info.attach('workbench.log', { body: running.log(), contentType: 'text/plain' })
      await running.page.screenshot({ path: info.outputPath('failed.png') }).catch(() => undefined)
    }
    await running?.close()
    const unexpected = errors.filter((error) => !allowed.some((pattern) => pattern.test(error)))
    if (unexpected.length) throw new Error(`the page reported errors:\n${unexpected.join('\n')}`)
  },

  page: async ({ workbench }, use) => {
    await use(workbench.page)
  },
})

/** Why this host cannot be tested on this machine; undefined when it can. */
function whatIsMissing(host: HarnessOptions['host']): string | undefined {
  if (host === 'browser') return findChromium() ? undefined : 'there is no Chromium on this machine'
  if (!findElectron()) return 'there is no Electron on this machine'
  return canShowWindow().possible ? undefined : 'there is no display on this machine'
}
