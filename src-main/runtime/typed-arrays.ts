const typedArrays = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const

type NumberKind = keyof typeof typedArrays
/** A list of numbers as a running guest takes and gives it, the same for both engines. */
export type TypedArray = InstanceType<(typeof typedArrays)[NumberKind]>

/** The array for lists of these elements, by the kind of their type; undefined where they are no numbers. */
export function typedArrayOf(kind: string): (typeof typedArrays)[NumberKind] | undefined {
  return isNumberKind(kind) ? typedArrays[kind] : undefined
}

function isNumberKind(kind: string): kind is NumberKind {
  return Object.hasOwn(typedArrays, kind)
}
