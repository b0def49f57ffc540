import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DecodedComponent, decode } from '../src-engine/binary/decode.ts'
import type { LibraryItem } from '../src-preload/contract.ts'

export interface Sample {
  readonly name: string
  readonly bytes: Uint8Array
  /** Lower-case hexadecimal SHA-256. */
  readonly hash: string
  readonly component: DecodedComponent
}

const folder = join(import.meta.dirname, '..', 'resources', 'samples')
const known = new Map<string, Sample>()

/** One of the components that ship with Patchbay. */
export function sample(name: string): Sample {
  const before = known.get(name)
  if (before) return before
  const bytes = new Uint8Array(readFileSync(join(folder, name, `${name}.wasm`)))
  const hash = createHash('sha256').update(bytes).digest('hex')
  const found = { name, bytes, hash, component: decode(bytes) }
  known.set(name, found)
  return found
}

/** Finds the decoded component among these samples by its hash. */
export function decodedAmong(names: readonly string[]): (hash: string) => DecodedComponent | undefined {
  const byHash = new Map(names.map((name) => [sample(name).hash, sample(name).component]))
  return (hash) => byHash.get(hash)
}

/** These samples as components of a project in `/p`. */
export function libraryOf(names: readonly string[]): LibraryItem[] {
  return names.map((name) => ({
    id: name,
    name: `${name}.wasm`,
    origin: 'project',
    path: `/p/components/${name}.wasm`,
    status: 'ready',
    hash: sample(name).hash,
  }))
}

/** These samples as the window keeps what it read, by hash. */
export function decodedSamples(
  names: readonly string[],
): Map<string, { readonly state: 'ready'; readonly component: DecodedComponent }> {
  return new Map(names.map((name) => [sample(name).hash, { state: 'ready', component: sample(name).component }]))
}
