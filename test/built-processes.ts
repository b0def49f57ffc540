/**
 * Before the first test of a run: the workbench's processes and its command line are built, as they are shipped, into a folder of
 * the run. Tests start hundreds of them, and from source each would strip the types of all its files again.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { resolveConfig } from 'electron-vite'
import { build } from 'vite'
import type { TestProject } from 'vitest/node'
import { buildEnvironment } from '../scripts/provide/build.mjs'
import { root } from '../scripts/provide/places.mjs'

const places = join(root, 'out', 'tests')

export default async function buildProcesses(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers()
  const folder = join(places, String(process.pid))
  await buildInto(folder)
  process.env.PATCHBAY_ENTRIES = join(folder, 'main')
  project.onTestsRerun(() => buildInto(folder))
  return () => rm(folder, { recursive: true, force: true })
}

async function buildInto(folder: string): Promise<void> {
  const before = process.env.NODE_ENV
  Object.assign(process.env, buildEnvironment)
  const { config } = await resolveConfig({ root, build: { outDir: folder }, logLevel: 'warn' }, 'build', 'production')
  if (!config?.main) throw new Error('electron.vite.config.ts says nothing of the main process')
  await build(config.main)
  // The other tool sets it for all of this process.
  if (before === undefined) delete process.env.NODE_ENV
  else process.env.NODE_ENV = before
}

/** What runs that were killed left. */
async function removeLeftovers(): Promise<void> {
  await mkdir(places, { recursive: true })
  for (const name of await readdir(places))
    if (!isRunning(Number(name))) await rm(join(places, name), { recursive: true, force: true })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
