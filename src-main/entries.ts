import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** The folder with `package.json`, `resources` and `out`: the repository, or the packaged application. */
export const applicationRoot: string = findRoot(here)

/** Processes and workers that the workbench starts, by the names of their build entries. */
const entries = {
  'guest-process': 'runtime/guest-process.ts',
  'guest-worker': 'runtime/guest-worker.ts',
  'build-process': 'build/build-process.ts',
  'tools-worker': 'tools/tools-worker.ts',
  'engine-worker': 'tools/engine-worker.ts',
} as const

export type EntryName = keyof typeof entries

/**
 * File to start for a process or worker: the one built together with this, or the source when we run from source (Node strips
 * the types). Where `PATCHBAY_ENTRIES` names a folder, sources start the ones that were built there: they load in a quarter of
 * the time, which counts where hundreds are started.
 */
export function entryPath(name: EntryName): string {
  if (!import.meta.url.endsWith('.ts')) return join(basename(here) === 'chunks' ? dirname(here) : here, `${name}.js`)
  const built = process.env.PATCHBAY_ENTRIES
  return built === undefined ? join(here, entries[name]) : join(built, `${name}.js`)
}

function findRoot(from: string): string {
  let at = from
  while (!(existsSync(join(at, 'package.json')) && existsSync(join(at, 'resources')))) {
    const up = dirname(at)
    if (up === at) throw new Error(`no package.json above ${from}`)
    at = up
  }
  return at
}
