import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Browser, type ElectronApplication, type Page, _electron } from '@playwright/test'
import { findElectron, root } from './machine.ts'
import { familyOf, isOpen, survivorsOf } from './processes.ts'

/** One running Patchbay with one window. */
export interface Running {
  readonly page: Page
  /** The Electron application; undefined in the browser. */
  readonly electron?: ElectronApplication
  /** `http://127.0.0.1:PORT` of the server; undefined in Electron. */
  readonly origin?: string
  /** What the workbench's process wrote so far. */
  log(): string
  /** Ends it as a person would (closing the window, Ctrl+C), and fails when a process or the port is left. */
  close(): Promise<void>
  /** Ends the workbench as a power cut does, without a word; fails when a process is left. */
  kill(): Promise<void>
}

export interface Launch {
  readonly userFolder: string
  /** Project, folder or file to open. */
  readonly path?: string
  /** Looks at the page before anything is loaded. */
  readonly prepare: (page: Page) => Promise<void>
}

const environment = (userFolder: string): Record<string, string> => {
  const own: Record<string, string> = { PATCHBAY_USER_DATA: userFolder, PATCHBAY_BUILD: 'never' }
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined && !(name in own) && name !== 'ELECTRON_RUN_AS_NODE') own[name] = value
  return own
}

export async function launchElectron({ userFolder, path, prepare }: Launch): Promise<Running> {
  if (!findElectron()) throw new Error('there is no Electron: npm run setup')
  const launch = (): ReturnType<typeof _electron.launch> =>
    _electron.launch({
      // The driver finds the executable itself: only then it holds the application until it is attached, and a window that
      // opens meanwhile is one it sometimes waits for in vain.
      args: [root, `--user-data=${userFolder}`, ...(path === undefined ? [] : [path])],
      cwd: userFolder,
      env: environment(userFolder),
      timeout: 60_000,
    })
  const electron = await launch().catch((thrown: unknown) => {
    // Seen once in hundreds of starts: the driver loses the process while it attaches, before anything of ours runs.
    if (!String(thrown).includes('Process failed to launch')) throw thrown
    return launch()
  })
  const process = electron.process()
  const log = collect(process)
  const page = await electron.firstWindow()
  await prepare(page)
  await page.waitForLoadState()
  return {
    page,
    electron,
    log,
    async close() {
      const family = familyOf(process.pid ?? -1)
      await electron.close()
      const left = await survivorsOf(family)
      if (left.length) throw new Error(`processes were left after the window closed: ${left.join(', ')}\n${log()}`)
    },
    async kill() {
      const family = familyOf(process.pid ?? -1)
      const closed = electron.waitForEvent('close')
      process.kill('SIGKILL')
      await closed
      const left = await survivorsOf(family)
      if (left.length) throw new Error(`processes were left after the workbench was killed: ${left.join(', ')}`)
    },
  }
}

export async function launchServer(browser: Browser, launch: Launch): Promise<Running> {
  const server = await startServer(launch)
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await launch.prepare(page)
  await page.goto(server.url)
  await page.waitForURL(`${server.origin}/`)
  return {
    page,
    origin: server.origin,
    log: server.log,
    async close() {
      await context.close()
      await server.stop()
    },
    async kill() {
      await server.kill()
      await context.close()
    },
  }
}

export interface RunningServer {
  /** With a one-time token. */
  readonly url: string
  readonly origin: string
  log(): string
  stop(): Promise<void>
  /** SIGKILL; fails when a process is left. */
  kill(): Promise<void>
}

/** Starts `patchbay serve` as a person would, and waits for its link. */
export async function startServer(
  { userFolder, path }: Pick<Launch, 'userFolder' | 'path'>,
  port = 0,
): Promise<RunningServer> {
  const child = spawn(
    process.execPath,
    [
      join(root, 'bin', 'patchbay.js'),
      'serve',
      '--json',
      '--port',
      String(port),
      ...(path === undefined ? [] : [path]),
    ],
    {
      cwd: userFolder,
      env: environment(userFolder),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const log = collect(child)
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => {
      try {
        const said: unknown = JSON.parse(line)
        if (said && typeof said === 'object' && 'url' in said) resolve(String(said.url))
        else reject(new Error(`patchbay serve said ${line}`))
      } catch {
        reject(new Error(`patchbay serve said ${line}`))
      }
    })
    child.once('exit', (code) => reject(new Error(`patchbay serve ended with ${code}\n${log()}`)))
  })
  const origin = new URL(url).origin
  return {
    url,
    origin,
    log,
    async stop() {
      const family = familyOf(child.pid ?? -1)
      const ended =
        child.exitCode === null
          ? new Promise<void>((resolve) => child.once('exit', () => resolve()))
          : Promise.resolve()
      child.kill('SIGINT')
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10_000).unref())])
      const left = await survivorsOf(family)
      if (left.length)
        throw new Error(`processes were left after patchbay serve was stopped: ${left.join(', ')}\n${log()}`)
      if (await isOpen(Number(new URL(origin).port))) throw new Error(`${origin} still accepts connections`)
    },
    async kill() {
      const family = familyOf(child.pid ?? -1)
      child.kill('SIGKILL')
      const left = await survivorsOf(family)
      if (left.length) throw new Error(`processes were left after patchbay serve was killed: ${left.join(', ')}`)
    },
  }
}

function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return () => text
}
