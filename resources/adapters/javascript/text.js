/** Text and bytes: UTF-8 both ways, base64, as the Encoding and HTML standards describe them. */

export function encode(text) {
  const source = String(text)
  const { length } = source
  // Most text is ASCII, one byte for each character.
  const plain = new Uint8Array(length)
  let all = 0
  for (let i = 0; i < length; i++) all |= plain[i] = source.charCodeAt(i)
  if (all < 0x80) return plain
  // Each UTF-16 unit gives at most three bytes.
  const bytes = new Uint8Array(length * 3)
  let at = 0
  for (let i = 0; i < source.length; i++) {
    let code = source.charCodeAt(i)
    if (code < 0x80) {
      bytes[at++] = code
      continue
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = source.charCodeAt(i + 1)
      if (code < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
        i++
      } else code = 0xfffd
    }
    if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6)
    else {
      if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12)
      else {
        bytes[at++] = 0xf0 | (code >> 18)
        bytes[at++] = 0x80 | ((code >> 12) & 0x3f)
      }
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f)
    }
    bytes[at++] = 0x80 | (code & 0x3f)
  }
  return bytes.slice(0, at)
}

/** Bad sequences become U+FFFD, or throw with `fatal`. */
export function decode(bytes, fatal = false) {
  if (bytes.length <= 4096) {
    // Most text is ASCII: the engine makes a string of it at once, and looks through it faster than we do.
    const text = String.fromCharCode.apply(null, bytes)
    if (!/[\x80-\xff]/.test(text)) return text
  }
  const parts = []
  let units = []
  let i = 0
  const bad = () => {
    if (fatal) throw new TypeError('The bytes are not UTF-8')
    units.push(0xfffd)
  }
  while (i < bytes.length) {
    if (units.length > 4096) {
      parts.push(String.fromCharCode.apply(null, units))
      units = []
    }
    const first = bytes[i++]
    if (first < 0x80) {
      units.push(first)
      continue
    }
    let more = 0
    let code = 0
    let low = 0x80
    let high = 0xbf
    if (first >= 0xc2 && first <= 0xdf) {
      more = 1
      code = first & 0x1f
    } else if (first >= 0xe0 && first <= 0xef) {
      more = 2
      code = first & 0xf
      if (first === 0xe0) low = 0xa0
      if (first === 0xed) high = 0x9f
    } else if (first >= 0xf0 && first <= 0xf4) {
      more = 3
      code = first & 7
      if (first === 0xf0) low = 0x90
      if (first === 0xf4) high = 0x8f
    } else {
      bad()
      continue
    }
    while (more > 0 && i < bytes.length && bytes[i] >= low && bytes[i] <= high) {
      code = (code << 6) | (bytes[i++] & 0x3f)
      low = 0x80
      high = 0xbf
      more--
    }
    if (more > 0) bad()
    else if (code < 0x10000) units.push(code)
    else {
      code -= 0x10000
      units.push(0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff))
    }
  }
  parts.push(String.fromCharCode.apply(null, units))
  return parts.join('')
}

/** A view of the bytes of any buffer or view. */
export function bytesOf(source) {
  if (source instanceof Uint8Array) return source
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  if (source instanceof ArrayBuffer) return new Uint8Array(source)
  throw new TypeError('Bytes are an ArrayBuffer or a view of one')
}

export class TextEncoder {
  get encoding() {
    return 'utf-8'
  }
  encode(text = '') {
    return encode(text)
  }
  encodeInto(text, target) {
    let read = 0
    let written = 0
    for (const character of String(text)) {
      const bytes = encode(character)
      if (written + bytes.length > target.length) break
      target.set(bytes, written)
      written += bytes.length
      read += character.length
    }
    return { read, written }
  }
}

export class TextDecoder {
  #fatal
  #keepMark
  #rest = new Uint8Array(0)

  constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    if (!/^\s*(utf-?8|unicode-1-1-utf-8)\s*$/i.test(label))
      throw new RangeError(`The encoding "${label}" is not known here; utf-8 is`)
    this.#fatal = fatal
    this.#keepMark = ignoreBOM
  }
  get encoding() {
    return 'utf-8'
  }
  get fatal() {
    return this.#fatal
  }
  decode(input = new Uint8Array(0), { stream = false } = {}) {
    let bytes = bytesOf(input)
    if (this.#rest.length > 0) {
      const joined = new Uint8Array(this.#rest.length + bytes.length)
      joined.set(this.#rest)
      joined.set(bytes, this.#rest.length)
      bytes = joined
    }
    let end = bytes.length
    if (stream) {
      // Holds back a sequence that is still incomplete.
      for (let back = 1; back <= 3 && back <= bytes.length; back++) {
        const byte = bytes[bytes.length - back]
        if (byte < 0x80) break
        if (byte >= 0xc0) {
          if ((byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back) end = bytes.length - back
          break
        }
      }
    }
    this.#rest = bytes.slice(end)
    const text = decode(bytes.subarray(0, end), this.#fatal)
    return !this.#keepMark && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export function btoa(text) {
  const source = String(text)
  let out = ''
  for (let i = 0; i < source.length; i += 3) {
    const codes = [0, 1, 2].map((k) => source.charCodeAt(i + k))
    if (codes.some((code) => code > 255)) throw new RangeError('btoa takes characters up to U+00FF only')
    const [a, b, c] = codes
    out += alphabet[a >> 2] + alphabet[((a & 3) << 4) | (b >> 4)]
    out += i + 1 < source.length ? alphabet[((b & 15) << 2) | (c >> 6)] : '='
    out += i + 2 < source.length ? alphabet[c & 63] : '='
  }
  return out
}

export function atob(text) {
  const source = String(text)
    .replace(/[\t\n\f\r ]/g, '')
    .replace(/={1,2}$/, '')
  if (source.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(source)) throw new RangeError('This is not base64')
  let out = ''
  let bits = 0
  let held = 0
  for (const character of source) {
    bits = (bits << 6) | alphabet.indexOf(character)
    held += 6
    if (held >= 8) {
      held -= 8
      out += String.fromCharCode((bits >> held) & 255)
    }
  }
  return out
}

Object.assign(globalThis, { TextEncoder, TextDecoder, btoa, atob })
