import { ByteReader } from '../binary/reader.ts'
import type { CustomSection } from '../binary/structure.ts'

/** Names that the component-name section gives to components and instances, by index. */
export interface IndexNames {
  readonly components: ReadonlyMap<number, string>
  readonly instances: ReadonlyMap<number, string>
}

/** Reads the names of indices. (Binary.md, "Name Section".) What cannot be read is left out: names are only for people. */
export function readIndexNames(bytes: Uint8Array, customs: readonly CustomSection[]): IndexNames {
  const names = { components: new Map<number, string>(), instances: new Map<number, string>() }
  const section = customs.find((custom) => custom.name === 'component-name')
  if (!section) return names
  try {
    const reader = new ByteReader(bytes, section.content, section.end, 'component-name section')
    while (!reader.done) {
      const kind = reader.u8()
      const body = reader.slice(reader.u32(), 'component-name section')
      if (kind !== 0x01) continue
      const sort = body.u8()
      const into = sort === 0x04 ? names.components : sort === 0x05 ? names.instances : undefined
      if (into) body.vector(() => into.set(body.u32(), body.name()))
    }
  } catch {
    return names
  }
  return names
}
