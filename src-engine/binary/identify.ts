import { fail } from '../error.ts'

/** What the first eight bytes say a file is. */
export type Preamble =
  | { readonly kind: 'component' }
  | { readonly kind: 'module' }
  | { readonly kind: 'unknown'; readonly problem: 'empty' | 'truncated' | 'not-wasm' | 'version' }

/** Reads the preamble. (Component Model, Binary.md, "Component Definitions": version 0x0d, layer 1.) */
export function identify(bytes: Uint8Array): Preamble {
  if (bytes.length === 0) return { kind: 'unknown', problem: 'empty' }
  const magic = [0x00, 0x61, 0x73, 0x6d]
  if (!magic.slice(0, bytes.length).every((byte, index) => bytes[index] === byte))
    return { kind: 'unknown', problem: 'not-wasm' }
  if (bytes.length < 8) return { kind: 'unknown', problem: 'truncated' }
  const version = (bytes[4] ?? 0) | ((bytes[5] ?? 0) << 8)
  const layer = (bytes[6] ?? 0) | ((bytes[7] ?? 0) << 8)
  if (layer === 0 && version === 1) return { kind: 'module' }
  if (layer === 1 && version === 0x0d) return { kind: 'component' }
  return { kind: 'unknown', problem: 'version' }
}

/** Throws a typed error for everything that is not a component, with the next step. */
export function expectComponent(bytes: Uint8Array): void {
  const preamble = identify(bytes)
  if (preamble.kind === 'component') return
  if (preamble.kind === 'module') {
    throw fail('input.core-module', 'this is a core WebAssembly module, not a component', {
      where: { offset: 4 },
      hint: 'Make a component of it first: `jco new module.wasm -o component.wasm`, or `wasm-tools component new`; a WASI 0.1 module needs an adapter.',
    })
  }
  switch (preamble.problem) {
    case 'empty':
      throw fail('input.empty', 'the file is empty', { where: { offset: 0 }, hint: 'Build or download it again.' })
    case 'truncated':
      throw fail('input.truncated', `the file ends after ${bytes.length} bytes, inside its header`, {
        where: { offset: bytes.length },
        hint: 'Build or download it again.',
      })
    case 'not-wasm': {
      const text = /^[\s(;]*\(?(component|module)\b/.test(new TextDecoder().decode(bytes.subarray(0, 64)))
      const hint = text
        ? 'It looks like WebAssembly text: build it to binary first.'
        : 'A component begins with the bytes 00 61 73 6d.'
      throw fail('input.not-wasm', 'this is not WebAssembly', { where: { offset: 0 }, hint })
    }
    case 'version': {
      const shown = [...bytes.subarray(4, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
      throw fail('input.version', `unknown version of WebAssembly (${shown})`, {
        where: { offset: 4 },
        hint: 'It was made by a toolchain too old or too new for this version of Patchbay.',
      })
    }
  }
}
