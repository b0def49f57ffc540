/** Random numbers from the host; the engine's own generator has a seed that was fixed when the component was built. */
import { getRandomBytes } from 'wasi:random/random@0.2.12'
import { isLoading, needRequest } from './promise.js'
import { bytesOf } from './text.js'

const fixedRandom = Math.random

Math.random = () => {
  // Libraries draw a number while they are loaded; it is the same in every copy of the component.
  if (isLoading()) return fixedRandom()
  const bytes = getRandomBytes(7)
  // 53 bits, as many as a number can hold.
  let value = bytes[0] & 0x1f
  for (let i = 1; i < 7; i++) value = value * 256 + bytes[i]
  return value / 9007199254740992
}

globalThis.crypto = {
  getRandomValues(view) {
    needRequest('crypto.getRandomValues')
    const bytes = bytesOf(view)
    if (bytes.length > 65536) throw new RangeError('getRandomValues gives at most 65536 bytes at once')
    bytes.set(getRandomBytes(bytes.length))
    return view
  },
  randomUUID() {
    needRequest('crypto.randomUUID')
    const bytes = getRandomBytes(16)
    const digits = [...bytes].map((byte, at) => {
      const value = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte
      return value.toString(16).padStart(2, '0')
    })
    return [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8), digits.slice(8, 10), digits.slice(10)]
      .map((part) => part.join(''))
      .join('-')
  },
}
