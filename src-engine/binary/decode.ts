import type { ComponentType } from '../types/graph.ts'
import { expectComponent } from './identify.ts'
import { readMetadata, type Metadata } from './metadata.ts'
import { ByteReader } from './reader.ts'
import { ScopeDecoder } from './scope.ts'
import type { CustomSection, ScopeStructure } from './structure.ts'

/** What can be known of a component without running it. */
export interface DecodedComponent {
  readonly type: ComponentType
  /** From the component-name section. */
  readonly name?: string
  /** Field → tool → version, from the producers section. */
  readonly producers: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** What the file needs of a host beyond the component model of WASI 0.2, sorted: async, stream, future, error-context, fixed-length-list, map, implements, start, threads, gc. */
  readonly features: readonly string[]
  /** Authors, description, licences, registry metadata, places of source maps and debug information. */
  readonly metadata: Metadata
  /** The file holds WIT packages only, no code. */
  readonly witPackage: boolean
  /** The worlds and interfaces of a WIT package, each as the type of a component that exports it. */
  readonly declarations: ReadonlyMap<string, ComponentType>
  readonly structure: ScopeStructure
}

/**
 * Decodes the public surface of a component: only type-level sections are read, so fourteen megabytes take milliseconds.
 * Throws `input.*` with the byte offset for everything that is not a well-formed component; never hangs, never allocates
 * by a number the file claims. (Component Model, Binary.md.)
 */
export function decode(bytes: Uint8Array): DecodedComponent {
  expectComponent(bytes)
  const features = new Set<string>()
  const scope = new ScopeDecoder(bytes, { start: 0, end: bytes.length }, (name) => features.add(name)).run()
  const { structure, type } = scope
  const name = readComponentName(bytes, structure.customs)
  const { modules, components, instances, functions } = structure
  const code = modules.length + components.length + instances.length + functions.length
  const witPackage = features.delete('named-structure') && scope.declarations.size === type.exports.size && code === 0
  return {
    type,
    ...(name === undefined ? {} : { name }),
    producers: readProducers(bytes, structure.customs),
    features: [...features].sort(),
    metadata: readMetadata(bytes, structure.customs),
    witPackage,
    declarations: scope.declarations,
    structure,
  }
}

/** Damaged names and producers are information lost, not a broken component. */
function lenient<Result>(read: () => Result, fallback: Result): Result {
  try {
    return read()
  } catch {
    return fallback
  }
}

function readComponentName(bytes: Uint8Array, customs: readonly CustomSection[]): string | undefined {
  const section = customs.find((custom) => custom.name === 'component-name')
  if (!section) return undefined
  return lenient(() => {
    const reader = new ByteReader(bytes, section.content, section.end, 'component-name section')
    while (!reader.done) {
      const kind = reader.u8()
      const body = reader.slice(reader.u32(), 'component-name section')
      if (kind === 0x00) return body.name()
    }
    return undefined
  }, undefined)
}

/** Reads a producers section. (Tool conventions, ProducersSection.md.) */
export function readProducers(
  bytes: Uint8Array,
  customs: readonly CustomSection[],
): Record<string, Record<string, string>> {
  const section = customs.find((custom) => custom.name === 'producers')
  if (!section) return {}
  return lenient(() => {
    const reader = new ByteReader(bytes, section.content, section.end, 'producers section')
    const fields = reader.vector(
      () => [reader.name(), Object.fromEntries(reader.vector(() => [reader.name(), reader.name()] as const))] as const,
    )
    return Object.fromEntries(fields)
  }, {})
}
