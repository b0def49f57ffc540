/** What processes hold, for tests that look for leaks. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Open files of a process; what runs in it lets go of its own a moment later. */
export const openFiles = async (pid: number | undefined): Promise<number> =>
  existsSync(`/proc/${pid}/fd`) ? (await readdir(`/proc/${pid}/fd`)).length : 0

/** Kilobytes; 0 where the system does not tell. */
export async function resident(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0)
}

/** What this process holds once everything that nobody needs was collected; kilobytes, and bytes of the heap. */
export async function heldNow(): Promise<{ readonly resident: number; readonly heap: number }> {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  // Without the wish for the last resort it would keep what it has for later.
  if (typeof collect === 'function')
    await Reflect.apply(collect, undefined, [{ execution: 'async', type: 'major', flavor: 'last-resort' }])
  return { resident: await resident(process.pid), heap: process.memoryUsage().heapUsed }
}
