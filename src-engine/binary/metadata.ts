import { ByteReader } from './reader.ts'
import type { CustomSection } from './structure.ts'

/** What the custom sections of a file say about where it comes from, by their names. */
export type Metadata = Readonly<Record<string, string>>

/** Sections that are nothing but text. (wasm-metadata's annotations of OCI; registry-metadata is JSON.) */
const texts = new Set([
  'authors',
  'description',
  'homepage',
  'licenses',
  'registry-metadata',
  'revision',
  'source',
  'version',
])
/** Sections that hold one name: where source maps and debug information lie. (Tool conventions, Debugging.md.) */
const locations = new Set(['sourceMappingURL', 'external_debug_info'])

/** Names of all sections that are read here. */
export const metadataSections: readonly string[] = [...texts, ...locations]

/** Characters of one entry that are kept. */
const limit = 10_000

/** Reads the descriptive sections of one scope. What is damaged or no text is left out. */
export function readMetadata(bytes: Uint8Array, customs: readonly CustomSection[]): Metadata {
  const found: Record<string, string> = {}
  for (const { name, content, end } of customs) {
    if (Object.hasOwn(found, name) || !(texts.has(name) || locations.has(name))) continue
    try {
      const text = texts.has(name)
        ? new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(content, end))
        : new ByteReader(bytes, content, end, `${name} section`).name()
      // Terminals act on control characters.
      const shown = Array.from(text.slice(0, limit))
        .filter((each) => each >= ' ' || each === '\n')
        .join('')
      if (shown !== '') found[name] = shown
    } catch {
      // Information lost, not a broken file.
    }
  }
  return found
}
