import { create } from 'zustand'
import { type DecodedComponent, decode } from '../../src-engine/binary/decode.ts'
import { problemOf } from '../../src-engine/error.ts'
import type { Problem } from '../../src-preload/contract.ts'
import { client } from './session.ts'

export type Decoded =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly component: DecodedComponent }
  | { readonly state: 'failed'; readonly problem: Problem }

/** The types of every component seen, by the hash of its bytes: fetched once as a skeleton, decoded here. */
export const useDecoded = create<{ readonly byHash: ReadonlyMap<string, Decoded> }>()(() => ({ byHash: new Map() }))

/** The decoded component, when it is there already. */
export function decodedOf(hash: string): DecodedComponent | undefined {
  const entry = useDecoded.getState().byHash.get(hash)
  return entry?.state === 'ready' ? entry.component : undefined
}

/** Fetches what is not known yet; failures are kept with their reason and tried again on the next call after a change. */
export function ensureDecoded(hashes: Iterable<string>): void {
  const { byHash } = useDecoded.getState()
  const missing = [...new Set(hashes)].filter((hash) => !byHash.has(hash))
  if (missing.length === 0) return
  settle(missing.map((hash) => [hash, { state: 'loading' }]))
  for (const hash of missing) {
    void fetchDecoded(hash).then((decoded) => settle([[hash, decoded]]))
  }
}

/** Forgets failures, so that they are tried again (the connection came back, the file was repaired). */
export function forgetFailures(): void {
  const { byHash } = useDecoded.getState()
  useDecoded.setState({ byHash: new Map([...byHash].filter(([, entry]) => entry.state !== 'failed')) })
}

async function fetchDecoded(hash: string): Promise<Decoded> {
  try {
    const { bytes } = await client().call('components.skeleton', { hash })
    return { state: 'ready', component: decode(bytes) }
  } catch (thrown) {
    return { state: 'failed', problem: problemOf(thrown) }
  }
}

function settle(entries: readonly (readonly [string, Decoded])[]): void {
  useDecoded.setState(({ byHash }) => ({ byHash: new Map([...byHash, ...entries]) }))
}
