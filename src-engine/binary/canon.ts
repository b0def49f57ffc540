import type { ByteReader } from './reader.ts'

/** The result of one canonical definition: a component function for a lift, a core function for everything else. */
export type Canon =
  | { readonly kind: 'lift'; readonly type: number; readonly options: readonly number[] }
  | { readonly kind: 'core'; readonly opcode: number }

type Immediate = 'none' | 'u8' | 'u32' | 'options' | 'u32-options' | 'u32-u8' | 'u8-u32' | 'u32-u32' | 'result-options'

/** Immediates of the built-ins. (Binary.md, "Canonical Definitions"; threads as wasm-tools writes them.) */
const immediates = new Map<number, Immediate>()
const shapes: readonly (readonly [Immediate, readonly number[]])[] = [
  ['none', [0x05, 0x0d, 0x1e, 0x1f, 0x22, 0x23, 0x24, 0x25, 0x26, 0x28, 0x42]],
  ['u8', [0x06, 0x0c, 0x29, 0x2a, 0x2b, 0x2c, 0x2d]],
  ['u32', [0x02, 0x03, 0x04, 0x0e, 0x13, 0x14, 0x15, 0x1a, 0x1b, 0x2e, 0x2f, 0x40]],
  ['options', [0x1c, 0x1d]],
  ['u32-options', [0x0f, 0x10, 0x16, 0x17]],
  ['u32-u8', [0x11, 0x12, 0x18, 0x19]],
  ['u8-u32', [0x0a, 0x0b, 0x20, 0x21]],
  ['u32-u32', [0x27, 0x41]],
  ['result-options', [0x09]],
]
for (const [shape, opcodes] of shapes) for (const opcode of opcodes) immediates.set(opcode, shape)

/** Opcodes that need the asynchronous functions of WASI 0.3 of a host. */
const asynchronous = new Set([
  0x05, 0x06, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19,
  0x1a, 0x1b, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x2e, 0x2f,
])

/** Reads one canonical definition; only its effect on the index spaces and the features it needs matter here. */
export function readCanon(reader: ByteReader, feature: (name: string) => void): Canon {
  const opcode = reader.u8()
  if (opcode === 0x00 || opcode === 0x01) {
    const form = reader.u8()
    if (form !== 0x00) throw reader.unknown('form of a canonical function', form)
    reader.u32()
    const options = readOptions(reader, feature)
    return opcode === 0x00 ? { kind: 'lift', type: reader.u32(), options } : { kind: 'core', opcode }
  }
  if (opcode === 0x08) {
    throw reader.error(
      'input.unknown-opcode',
      'backpressure.set (canonical built-in 0x08) is no longer part of the component model',
      reader.at - 1,
      'The file was made by an outdated toolchain: build it again with a current one.',
    )
  }
  const shape = immediates.get(opcode)
  if (shape === undefined) throw reader.unknown('canonical built-in', opcode)
  if (asynchronous.has(opcode)) feature('async')
  if (opcode >= 0x1c && opcode <= 0x1e) feature('error-context')
  if (opcode >= 0x40 || (opcode >= 0x26 && opcode <= 0x2d)) feature('threads')
  skipImmediate(reader, shape, feature)
  return { kind: 'core', opcode }
}

function skipImmediate(reader: ByteReader, shape: Immediate, feature: (name: string) => void): void {
  if (shape === 'none') return
  if (shape === 'options') readOptions(reader, feature)
  else if (shape === 'result-options') {
    const form = reader.u8()
    if (form === 0x00) reader.s33()
    else if (form === 0x01) reader.u8()
    else throw reader.unknown('result list', form)
    readOptions(reader, feature)
  } else {
    for (const part of shape.split('-')) {
      if (part === 'u8') reader.u8()
      else if (part === 'u32') reader.u32()
      else readOptions(reader, feature)
    }
  }
}

function readOptions(reader: ByteReader, feature: (name: string) => void): number[] {
  return reader.vector(() => {
    const option = reader.u8()
    if (option === 0x03 || option === 0x04 || option === 0x05 || option === 0x07 || option === 0x08) reader.u32()
    else if (option > 0x09) throw reader.unknown('canonical option', option)
    if (option === 0x06) feature('async')
    if (option === 0x08 || option === 0x09) feature('gc')
    return option
  })
}
