import type { NameAttributes } from '../types/graph.ts'
import type { ByteReader } from './reader.ts'

/** The name of an import or export: a discriminator, the text, and attributes for 0x02. (Binary.md, "Import and Export Definitions".) */
export function readExternName(reader: ByteReader): { readonly name: string; readonly attributes?: NameAttributes } {
  const form = reader.u8()
  if (form === 0x00 || form === 0x01) return { name: reader.name() }
  if (form !== 0x02) throw reader.unknown('form of a name', form)
  const name = reader.name()
  let attributes: NameAttributes = {}
  const count = reader.count()
  for (let index = 0; index < count; index++) {
    const kind = reader.u8()
    const text = reader.name()
    if (kind === 0x00) attributes = { ...attributes, implements: text }
    else if (kind === 0x01) attributes = { ...attributes, versionSuffix: text }
    else if (kind === 0x02) attributes = { ...attributes, externalId: text }
    else throw reader.unknown('attribute of a name', kind)
  }
  return count === 0 ? { name } : { name, attributes }
}
