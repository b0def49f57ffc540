import type { PrimitiveName } from '../types/graph.ts'

/** Smallest and largest value of an integer type. */
export const integerRanges: Readonly<Partial<Record<PrimitiveName, readonly [bigint, bigint]>>> = {
  s8: [-(2n ** 7n), 2n ** 7n - 1n],
  u8: [0n, 2n ** 8n - 1n],
  s16: [-(2n ** 15n), 2n ** 15n - 1n],
  u16: [0n, 2n ** 16n - 1n],
  s32: [-(2n ** 31n), 2n ** 31n - 1n],
  u32: [0n, 2n ** 32n - 1n],
  s64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
}

/** The shortest text that reads back as the same float of this width, as WAVE writes it. */
export function printFloat(value: number, width: 'f32' | 'f64'): string {
  if (Number.isNaN(value)) return 'nan'
  if (value === Infinity) return 'inf'
  if (value === -Infinity) return '-inf'
  if (Object.is(value, -0)) return '-0'
  if (width === 'f64') return String(value)
  // The first precision whose rounding to single is the value again.
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === Math.fround(value)) return String(Number(text))
  }
  return String(value)
}
