/** Lists of numbers as a running guest takes and gives them, the same for both engines. */

const ofNumbers = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const
const ofBigInts = { u64: BigUint64Array, s64: BigInt64Array } as const

type ArrayOfNumbers = (typeof ofNumbers)[keyof typeof ofNumbers]
type ArrayOfBigInts = (typeof ofBigInts)[keyof typeof ofBigInts]
export type TypedArray = InstanceType<ArrayOfNumbers | ArrayOfBigInts>

/** The array for lists of elements of this kind; undefined where it does not hold numbers. */
export function arrayOfNumbers(kind: string): ArrayOfNumbers | undefined {
  return has(ofNumbers, kind) ? ofNumbers[kind] : undefined
}

/** The same for integers of 64 bits. */
export function arrayOfBigInts(kind: string): ArrayOfBigInts | undefined {
  return has(ofBigInts, kind) ? ofBigInts[kind] : undefined
}

function has<Table extends object>(table: Table, key: PropertyKey): key is keyof Table {
  return Object.hasOwn(table, key)
}
