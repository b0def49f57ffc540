import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** All descendants of a process, itself first. Empty on Windows, where nobody can tell cheaply. */
export function familyOf(pid: number): number[] {
  if (process.platform === 'win32') return []
  const parents = new Map<number, number[]>()
  for (const line of execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n')) {
    const [child, parent] = line.trim().split(/\s+/).map(Number)
    if (child !== undefined && parent !== undefined) parents.set(parent, [...(parents.get(parent) ?? []), child])
  }
  const family = [pid]
  for (const member of family) family.push(...(parents.get(member) ?? []))
  return family
}

/** Waits until none of the processes is left; those that stay are ended and returned. */
export async function survivorsOf(family: readonly number[], limit = 5000): Promise<number[]> {
  const end = Date.now() + limit
  let left = family.filter(isAlive)
  while (left.length && Date.now() < end) {
    await wait(50)
    left = left.filter(isAlive)
  }
  for (const pid of left) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone in the meantime.
    }
  }
  return left
}

/** A zombie has ended; only its parent has not looked yet. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform === 'win32' || !stateOf(pid).startsWith('Z')
  } catch {
    return false
  }
}

/** Throws when there is no such process. */
function stateOf(pid: number): string {
  if (process.platform !== 'linux') return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  // Asked many times for each window: without a process of its own. The name before it may contain anything.
  return readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '')
}

/** Whether anything accepts connections there. */
export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
