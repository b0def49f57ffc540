/** Values on the line between the workbench and a guest worker: what JSON has no word for is written as an object. */
const arrays = {
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  BigUint64Array,
  BigInt64Array,
  Float32Array,
  Float64Array,
} as const

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [tag: string]: Plain }

/** Any value that crosses a component's boundary, except handles, as JSON. Throws a TypeError for what it cannot say. */
export function packValue(value: unknown): string {
  return JSON.stringify(pack(value))
}

/** The value again. The text is the other side's: whatever it says becomes a value, never code. */
export function unpackValue(text: string): unknown {
  return unpack(JSON.parse(text) as Plain)
}

function pack(value: unknown): Plain {
  switch (typeof value) {
    case 'undefined':
      return { none: null }
    case 'boolean':
    case 'string':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { number: Object.is(value, -0) ? '-0' : String(value) }
    case 'bigint':
      return { integer: String(value) }
    case 'object': {
      if (value === null) return { none: null }
      if (Array.isArray(value)) return value.map(pack)
      if (ArrayBuffer.isView(value)) {
        const name = Object.entries(arrays).find(([, kind]) => value instanceof kind)?.[0]
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
        if (name !== undefined) return { numbers: name, bytes }
        break
      }
      const prototype: unknown = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== null) break
      return { fields: Object.entries(value).map(([name, field]) => [name, pack(field)]) }
    }
  }
  throw new TypeError('a handle cannot leave the guest it belongs to')
}

function unpack(plain: Plain): unknown {
  if (typeof plain !== 'object' || plain === null) return plain
  if (isList(plain)) return plain.map(unpack)
  const { integer, number, numbers, bytes, fields } = plain
  if (typeof integer === 'string') return BigInt(integer)
  if (typeof number === 'string') return Number(number)
  if (typeof numbers === 'string' && typeof bytes === 'string') {
    const kind = Object.entries(arrays).find(([name]) => name === numbers)?.[1] ?? Uint8Array
    return new kind(new Uint8Array(Buffer.from(bytes, 'base64')).buffer)
  }
  if (fields !== undefined && isList(fields)) {
    const pairs = fields.map((pair) => (isList(pair) ? [String(pair[0]), unpack(pair[1] ?? null)] : ['', undefined]))
    return Object.fromEntries(pairs) as Record<string, unknown>
  }
  return undefined
}

function isList(plain: Plain): plain is readonly Plain[] {
  return Array.isArray(plain)
}
