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

/** Bytes of this process's heap that are in use for a reason. */
export function heapNow(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}
