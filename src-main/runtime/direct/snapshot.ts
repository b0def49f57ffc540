/** The state of core instances right after they were made: memories and mutable globals. */
import type { Difference } from '../instance.ts'

/** Memory is compared with zero in pieces of this size; stretches of zeroes are filled, the rest is copied. */
const piece = 4096

interface Stretch {
  readonly start: number
  /** Undefined for zeroes up to `end`. */
  readonly bytes: Uint8Array | undefined
  readonly end: number
}

interface MemoryState {
  readonly memory: WebAssembly.Memory
  readonly length: number
  readonly stretches: readonly Stretch[]
}

export class Snapshot {
  readonly #memories: MemoryState[] = []
  readonly #globals: { readonly global: WebAssembly.Global; readonly value: unknown }[] = []

  /** Takes what the instances export; modules are prepared so that this is all of their state. */
  constructor(instances: readonly WebAssembly.Instance[]) {
    const memories = new Set<WebAssembly.Memory>()
    const globals = new Set<WebAssembly.Global>()
    for (const { exports } of instances) {
      for (const [name, value] of Object.entries(exports)) {
        if (value instanceof WebAssembly.Memory) memories.add(value)
        // Only those that preparation exported are known to be mutable; assigning to others throws.
        else if (value instanceof WebAssembly.Global && name.startsWith(globalPrefix)) globals.add(value)
      }
    }
    for (const memory of memories) this.#memories.push(stateOf(memory))
    for (const global of globals) this.#globals.push({ global, value: global.value })
  }

  /** How much is not as it was when the snapshot was taken. Reads everything: not for the way of a request. */
  difference(): Difference {
    let bytes = 0
    for (const { memory, length, stretches } of this.#memories) {
      const now = new Uint8Array(memory.buffer)
      for (const { start, end, bytes: content } of stretches)
        for (let at = start; at < end; at++) if (now[at] !== (content ? content[at - start] : 0)) bytes++
      for (let at = length; at < now.length; at++) if (now[at] !== 0) bytes++
    }
    return { bytes, globals: this.#globals.filter(({ global, value }) => !Object.is(global.value, value)).length }
  }

  /** Puts everything back. False when that cannot be done: a memory grew, and a guest could see it. */
  restore(): boolean {
    for (const { memory, length } of this.#memories) if (memory.buffer.byteLength !== length) return false
    for (const { memory, stretches } of this.#memories) {
      const bytes = new Uint8Array(memory.buffer)
      for (const { start, end, bytes: content } of stretches) {
        if (content) bytes.set(content, start)
        else bytes.fill(0, start, end)
      }
    }
    for (const { global, value } of this.#globals) global.value = value
    return true
  }
}

/** Prefix of the exports that preparation adds. */
export const globalPrefix = 'patchbay:global:'
export const memoryPrefix = 'patchbay:memory:'

function stateOf(memory: WebAssembly.Memory): MemoryState {
  const bytes = new Uint8Array(memory.buffer)
  const stretches: Stretch[] = []
  let start = 0
  let zero: boolean | undefined
  const close = (end: number): void => {
    if (zero === undefined || end === start) return
    stretches.push({ start, end, bytes: zero ? undefined : bytes.slice(start, end) })
    start = end
  }
  for (let at = 0; at < bytes.length; at += piece) {
    const end = Math.min(at + piece, bytes.length)
    const isZero = allZero(bytes, at, end)
    if (isZero !== zero) {
      close(at)
      zero = isZero
    }
  }
  close(bytes.length)
  return { memory, length: bytes.length, stretches }
}

const zeroes = Buffer.alloc(piece)

/** By the system's own comparison: a loop is not compiled yet when the first instance of a worker comes up. */
function allZero(bytes: Uint8Array, start: number, end: number): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).equals(
    end - start === piece ? zeroes : zeroes.subarray(0, end - start),
  )
}
