import { GuestTrap } from '../wasi/session.ts'
import type { BorrowScope, HandleTable } from './handles.ts'
import { outOfBounds, type GuestMemory } from './memory.ts'
import type { Encoding } from './plan.ts'

export type CoreValue = number | bigint
export type Flat = 'i32' | 'i64' | 'f32' | 'f64'

/** What a value needs of the instance that it is lifted from or lowered into. */
export interface Frame {
  readonly memory: GuestMemory
  readonly encoding: Encoding
  readonly handles: HandleTable
  /** Room for `size` bytes in the guest. */
  realloc(size: number, alignment: number): number
  /** Lifting: what was borrowed for this call, to be given back after it. */
  readonly lent: { giveBack(): void }[] | undefined
  /** Lowering: the call that borrows must not outlive; undefined where borrows cannot be handed in. */
  readonly borrows: BorrowScope | undefined
  /** Lowering into the component that implements the resource: it gets the representation itself. */
  ownResource(resource: number): boolean
}

/** Flat core values being read in order. */
export interface FlatReader {
  readonly values: readonly CoreValue[]
  at: number
}

/** How one type crosses the border. */
export interface Codec {
  readonly size: number
  readonly alignment: number
  readonly flat: readonly Flat[]
  load(frame: Frame, pointer: number): unknown
  store(frame: Frame, value: unknown, pointer: number): void
  lift(frame: Frame, from: FlatReader): unknown
  lower(frame: Frame, value: unknown, into: CoreValue[]): void
  /** The same for a type that is a single core value, without a list for it. */
  lowerOne?(frame: Frame, value: unknown): CoreValue
  /** Of a variant: stores its case of that index with a payload. */
  storeCase?(frame: Frame, index: number, payload: unknown, pointer: number): void
}

export const alignTo = (offset: number, alignment: number): number => Math.ceil(offset / alignment) * alignment

/** How values lie behind each other in memory, as those of a record or a tuple do. */
export function layoutOf(parts: readonly Pick<Codec, 'size' | 'alignment'>[]): {
  readonly offsets: readonly number[]
  readonly size: number
  readonly alignment: number
} {
  const offsets: number[] = []
  let size = 0
  let alignment = 1
  for (const part of parts) {
    size = alignTo(size, part.alignment)
    offsets.push(size)
    size += part.size
    alignment = Math.max(alignment, part.alignment)
  }
  return { offsets, size: alignTo(size, alignment), alignment }
}

export function next(from: FlatReader): CoreValue {
  const value = from.values[from.at++]
  if (value === undefined) throw new GuestTrap('too few core values')
  return value
}

export const nextNumber = (from: FlatReader): number => Number(next(from))

/** Pointers and lengths come as signed numbers. */
export const unsigned = (value: CoreValue): number => Number(value) >>> 0

export function checkPointer(frame: Frame, pointer: number, size: number, alignment: number): void {
  if (pointer % alignment !== 0) throw new GuestTrap(`pointer ${pointer} is not aligned to ${alignment}`)
  if (pointer + size > frame.memory.bytes.length) throw outOfBounds()
}
