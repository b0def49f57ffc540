/** What the operating system counted for a process and everything it started. Linux only: elsewhere the answers are NaN. */
import { readdirSync, readFileSync } from 'node:fs'

/** Ticks of `/proc/<pid>/stat` in a second; the same on every Linux that Node runs on. */
const ticks = 100

interface Stat {
  readonly parent: number
  /** Seconds. */
  readonly cpu: number
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in brackets and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), cpu: (Number(fields[11]) + Number(fields[12])) / ticks }
  } catch {
    return undefined
  }
}

/** The process and its descendants. */
export function treeOf(root: number): number[] {
  const parents = new Map<number, number>()
  try {
    for (const name of readdirSync('/proc')) {
      const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined
      if (stat) parents.set(Number(name), stat.parent)
    }
  } catch {
    return [root]
  }
  const tree = [root]
  for (const known of tree) for (const [pid, parent] of parents) if (parent === known) tree.push(pid)
  return tree
}

/** Seconds of processor time that the tree has used so far. */
export function cpuOf(root: number): number {
  let seconds = statOf(root) ? 0 : Number.NaN
  for (const pid of treeOf(root)) seconds += statOf(pid)?.cpu ?? 0
  return seconds
}

/** Megabytes of memory that the tree accounts for: its own, and its part of what is shared. */
export function memoryOf(root: number): number {
  let kilobytes = 0
  for (const pid of treeOf(root)) {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
      kilobytes += Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0)
    } catch {
      return Number.NaN
    }
  }
  return kilobytes / 1024
}
