import { decode, readProducers, type DecodedComponent } from './binary/decode.ts'
import { readEmbeddedWorlds, type EmbeddedWorld } from './binary/embedded-world.ts'
import { identify } from './binary/identify.ts'
import { readMetadata, type Metadata } from './binary/metadata.ts'
import { readModuleSurface } from './binary/module-surface.ts'
import { ByteReader } from './binary/reader.ts'
import type { CustomSection } from './binary/structure.ts'
import type { CoreExternType, Extern } from './types/graph.ts'
import { describeCoreType } from './subtype/module.ts'
import { describeExtern, printFunction } from './wit/print-types.ts'

/** One import or export of a world, types printed as WIT. */
export interface WorldItem {
  readonly name: string
  readonly kind: Extern['kind'] | `core ${CoreExternType['kind']}`
  /** Signature of a function, structure of a type. */
  readonly type?: string
  /** Functions of an interface, name → signature. */
  readonly functions?: Readonly<Record<string, string>>
  /** Types of an interface, name → structure. */
  readonly types?: Readonly<Record<string, string>>
}

/** What a file is, without running it. */
export interface FileSummary {
  readonly kind: 'component' | 'module' | 'wit'
  /** Bytes. */
  readonly size: number
  readonly world: { readonly imports: readonly WorldItem[]; readonly exports: readonly WorldItem[] }
  readonly producers: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly runnable: { readonly http: '0.2' | '0.3' | null; readonly command: boolean }
  /** What it needs of a host beyond WASI 0.2. */
  readonly features: readonly string[]
  /** What the file says of itself: authors, description, licences, source maps … Only what is there. */
  readonly metadata: Metadata
  /** For a core module: the worlds that it was made for, where its toolchain left them inside. */
  readonly madeFor?: readonly Pick<EmbeddedWorld, 'name' | 'strings'>[]
}

/** Summarises a component, WIT package or core module. Throws `input.*` for everything else and for damaged files. */
export function summarize(bytes: Uint8Array): FileSummary {
  if (identify(bytes).kind === 'module') return summarizeModule(bytes)
  return summarizeDecoded(decode(bytes), bytes.length)
}

/** The same for a component that is decoded already. */
export function summarizeDecoded(decoded: DecodedComponent, size: number): FileSummary {
  const { imports, exports } = decoded.type
  return {
    kind: decoded.witPackage ? 'wit' : 'component',
    size,
    world: { imports: describeAll(imports), exports: describeAll(exports) },
    producers: decoded.producers,
    runnable: runnableOf([...exports.keys()]),
    features: decoded.features,
    metadata: decoded.metadata,
  }
}

/** What can be started: an HTTP handler of WASI 0.2 or 0.3, a command. */
export function runnableOf(exports: readonly string[]): FileSummary['runnable'] {
  const has = (pattern: RegExp) => exports.some((name) => pattern.test(name))
  const http = has(/^wasi:http\/incoming-handler(@0\.2\.|$)/) ? '0.2' : has(/^wasi:http\/handler@0\.3\./) ? '0.3' : null
  return { http, command: has(/^wasi:cli\/run(@|$)/) }
}

function describeAll(externs: ReadonlyMap<string, Extern>): WorldItem[] {
  return [...externs].map(([name, extern]) => describeItem(name, extern))
}

function describeItem(name: string, extern: Extern): WorldItem {
  if (extern.kind !== 'instance') return { name, kind: extern.kind, type: describeExtern(extern) }
  const functions: Record<string, string> = {}
  const types: Record<string, string> = {}
  for (const [inner, item] of extern.type.exports) {
    if (item.kind === 'function') functions[inner] = printFunction(item.type)
    else if (item.kind === 'type') types[inner] = describeExtern(item)
  }
  return { name, kind: 'instance', functions, types }
}

function summarizeModule(bytes: Uint8Array): FileSummary {
  const customs = customsOfModule(bytes)
  const madeFor = readEmbeddedWorlds(bytes, customs).map(({ name, strings }) => ({ name, strings }))
  const surface = readModuleSurface(bytes, { start: 0, end: bytes.length })
  return {
    kind: 'module',
    size: bytes.length,
    world: {
      imports: surface.imports.map(({ module, name, type }) => coreItem(`${module} ${name}`, type)),
      exports: [...surface.exports].map(([name, type]) => coreItem(name, type)),
    },
    producers: readProducers(bytes, customs),
    runnable: { http: null, command: false },
    features: [],
    metadata: readMetadata(bytes, customs),
    ...(madeFor.length === 0 ? {} : { madeFor }),
  }
}

/** The worlds inside a core module; none where it was made without WIT. Throws `input.*` for a damaged file. */
export function embeddedWorlds(bytes: Uint8Array): EmbeddedWorld[] {
  return readEmbeddedWorlds(bytes, customsOfModule(bytes))
}

function customsOfModule(bytes: Uint8Array): CustomSection[] {
  const customs: CustomSection[] = []
  const reader = new ByteReader(bytes, 8, bytes.length, 'core module')
  while (!reader.done) {
    const start = reader.at
    const id = reader.u8()
    const body = reader.slice(reader.u32(), 'section of a core module')
    const payload = body.at
    if (id === 0) customs.push({ id, start, payload, end: body.end, name: body.name(), content: body.at })
  }
  return customs
}

function coreItem(name: string, type: CoreExternType): WorldItem {
  return { name, kind: `core ${type.kind}`, type: describeCoreType(type) }
}
