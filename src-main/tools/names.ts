/**
 * Finds names that jco's validator cannot take (it panics on them): URL, hash and dependency names, which today's
 * component model no longer has but old files still carry. Looks only where names can be: in the type, import and export
 * sections of components at every depth, never inside core modules.
 */
const needles = ['relative-url=<', 'url=<', 'integrity=<', 'unlocked-dep=<', 'locked-dep=<'].map((text) =>
  Buffer.from(text),
)

/** The first such name, or undefined. Bytes that are no component, or are cut off, have none: the validator says so better. */
export function findUnvalidatableName(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Components nest by containment, so a list of ranges still to visit does without recursion.
  const ranges: [number, number][] = [[0, buffer.length]]
  for (let next = ranges.pop(); next; next = ranges.pop()) {
    let [at, end] = next
    if (end - at < 8 || buffer.readUInt32LE(at) !== 0x6d736100 || buffer.readUInt16LE(at + 6) !== 1) continue
    at += 8
    while (at < end) {
      const id = buffer[at++]
      let size = 0
      for (let shift = 0; shift < 35 && at < end; shift += 7) {
        const byte = buffer[at++] ?? 0
        size += (byte & 0x7f) * 2 ** shift
        if (byte < 0x80) break
      }
      const stop = Math.min(at + size, end)
      if (id === 4) ranges.push([at, stop])
      if (id === 7 || id === 10 || id === 11) {
        const found = findName(buffer.subarray(at, stop))
        if (found !== undefined) return found
      }
      at = stop
    }
  }
  return undefined
}

function findName(section: Buffer): string | undefined {
  for (const needle of needles) {
    const at = section.indexOf(needle)
    if (at < 0) continue
    const close = section.indexOf('>', at)
    return section.subarray(at, close < 0 ? at + 80 : close + 1).toString()
  }
  return undefined
}
