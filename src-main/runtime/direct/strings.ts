/** Strings in the three encodings a component may choose. (CanonicalABI.md, "Loading" and "Storing".) */
import { GuestTrap } from '../wasi/session.ts'
import type { Frame } from './codec-types.ts'
import { outOfBounds, type GuestMemory } from './memory.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf16 = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Of text that is handled here, character by character. */
const shortLength = 64
const lengthLimit = 2 ** 31 - 1
/** With `latin1+utf16`, this bit of a length says that the text is UTF-16. */
const utf16Tag = 2 ** 31

function decode(decoder: TextDecoder, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new GuestTrap(`a string is not ${decoder.encoding}`)
  }
}

/** Text that is short and plain is the rule: the decoder's start-up costs more than the work. */
function loadUtf8(memory: GuestMemory, pointer: number, length: number): string {
  if (length > shortLength) return decode(utf8, memory.range(pointer, length))
  const { bytes } = memory
  const end = pointer + length
  if (end > bytes.length) throw outOfBounds()
  for (let at = pointer; at < end; at++) if ((bytes[at] ?? 0) > 0x7f) return decode(utf8, memory.range(pointer, length))
  // Longer than this, putting characters together leaves an object for each.
  if (length > 12) return memory.buffer.toString('latin1', pointer, end)
  let text = ''
  for (let at = pointer; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0)
  return text
}

/** The same the other way; undefined when the text is not plain. */
function storePlain(frame: Frame, text: string): number | undefined {
  const { length } = text
  for (let at = 0; at < length; at++) if (text.charCodeAt(at) > 0x7f) return undefined
  const pointer = frame.realloc(length, 1)
  const { bytes } = frame.memory
  if (pointer + length > bytes.length) throw outOfBounds()
  for (let at = 0; at < length; at++) bytes[pointer + at] = text.charCodeAt(at)
  return pointer
}

export function loadString(frame: Frame, pointer: number, length: number): string {
  if (frame.encoding === 'utf8') return loadUtf8(frame.memory, pointer, length)
  const wide = frame.encoding === 'utf16' || length >= utf16Tag
  const units = frame.encoding === 'utf16' ? length : length % utf16Tag
  if (pointer % 2 !== 0) throw new GuestTrap(`pointer ${pointer} is not aligned to 2`)
  const bytes = frame.memory.range(pointer, wide ? units * 2 : units)
  return wide ? decode(utf16, bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

/** Answers pointer and length as the guest wants them. */
export function storeString(frame: Frame, value: string): [number, number] {
  if (frame.encoding === 'utf8' && value.length <= shortLength) {
    const pointer = storePlain(frame, value)
    if (pointer !== undefined) return [pointer, value.length]
  }
  // Lone surrogates have no place in a string of the component model: they become U+FFFD.
  if (frame.encoding === 'utf8') {
    const bytes = encoder.encode(value)
    return [place(frame, bytes, 1), bytes.length]
  }
  const text = value.replace(/[\ud800-\udfff]/gu, '\ufffd')
  if (frame.encoding === 'latin1+utf16' && !/[^\0-\xff]/.test(text)) {
    return [place(frame, Buffer.from(text, 'latin1'), 2), text.length]
  }
  const pointer = place(frame, Buffer.from(text, 'utf16le'), 2)
  return [pointer, frame.encoding === 'utf16' ? text.length : text.length + utf16Tag]
}

function place(frame: Frame, bytes: Uint8Array, alignment: number): number {
  if (bytes.length > lengthLimit) throw outOfBounds()
  const pointer = frame.realloc(bytes.length, alignment)
  if (pointer % alignment !== 0) throw new GuestTrap(`pointer ${pointer} is not aligned to ${alignment}`)
  frame.memory.range(pointer, bytes.length).set(bytes)
  return pointer
}
