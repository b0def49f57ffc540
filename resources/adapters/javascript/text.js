/** Text and bytes: UTF-8 both ways, base64, as the Encoding and HTML standards describe them. */

/** The engine's own ways from characters up to U+00FF to bytes and back: by far the fastest there are. */
const { btoa, atob } = globalThis
/** Longer text goes in pieces, since what stands between text and bytes takes room too. */
const pieceSize = 65536

/** Without a check: the characters are up to U+00FF. */
const bytesOfLatin1 = (text) => Uint8Array.fromBase64(btoa(text))

export function encode(text) {
  const source = String(text)
  return source.length > pieceSize ? encodeLong(source) : encodePiece(source)
}

function encodePiece(text) {
  if (!/[^\0-\x7f]/.test(text)) return bytesOfLatin1(text)
  // An escape for each byte of UTF-8, and a character for each escape. Half a character becomes U+FFFD.
  return bytesOfLatin1(unescape(encodeURIComponent(text.toWellFormed())))
}

function encodeLong(source) {
  const pieces = []
  for (let at = 0; at < source.length;) {
    let end = Math.min(at + pieceSize, source.length)
    const last = source.charCodeAt(end - 1)
    if (last >= 0xd800 && last <= 0xdbff && end < source.length) end++
    pieces.push(encodePiece(source.slice(at, end)))
    at = end
  }
  return joinBytes(pieces)
}

export function joinBytes(pieces) {
  if (pieces.length === 1) return pieces[0]
  let size = 0
  for (const piece of pieces) size += piece.length
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** Bad sequences become U+FFFD, or throw with `fatal`. */
export function decode(bytes, fatal = false) {
  if (bytes.length <= pieceSize) return decodePiece(bytes, fatal)
  const parts = []
  for (let at = 0; at < bytes.length;) {
    let end = Math.min(at + pieceSize, bytes.length)
    // Not inside of a character, which has three bytes more at most.
    for (let back = 0; back < 3 && end < bytes.length && (bytes[end] & 0xc0) === 0x80; back++) end--
    parts.push(decodePiece(bytes.subarray(at, end), fatal))
    at = end
  }
  return parts.join('')
}

function decodePiece(bytes, fatal) {
  const plain = atob(bytes.toBase64())
  if (!/[\x80-\xff]/.test(plain)) return plain
  try {
    return decodeURIComponent(escape(plain))
  } catch {
    return decodeBroken(bytes, fatal)
  }
}

/** Byte by byte. */
function decodeBroken(bytes, fatal) {
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

Object.assign(globalThis, { TextEncoder, TextDecoder })
