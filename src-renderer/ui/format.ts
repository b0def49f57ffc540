export { formatBytes, formatDuration, formatMemory } from '../../src-preload/amounts.ts'

/** `1 problem`, `3 problems`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
