import { create } from 'zustand'
import { WitPackages } from '../../src-engine/wit/packages.ts'
import type { CallOutput } from '../../src-preload/contract.ts'
import { client } from '../state/session.ts'

/** The WIT packages that a script may name: the project's own and those that Patchbay brings. */
export const useWitPackages = create<{ readonly packages: WitPackages | undefined }>()(() => ({ packages: undefined }))

let asked = false

/** Reads them once for each project; those of the project win over those that Patchbay brings. */
export function ensureWitPackages(): void {
  if (asked) return
  asked = true
  void readAll().then(
    (packages) => useWitPackages.setState({ packages }),
    // Without them a script still has its components; what it names is then reported as unknown.
    () => useWitPackages.setState({ packages: new WitPackages() }),
  )
}

/** Another project has other packages. */
export function forgetWitPackages(): void {
  asked = false
  useWitPackages.setState({ packages: undefined })
}

async function readAll(): Promise<WitPackages> {
  const { places } = await client().call('wit.places', {})
  const packages = new WitPackages()
  // Patchbay's own first, so that the project's take their place.
  for (const { id, problem } of places.toReversed()) {
    if (problem) continue
    addAll(packages, await client().call('wit.read', { place: id }))
  }
  return packages
}

function addAll(packages: WitPackages, { folders }: CallOutput<'wit.read'>): void {
  const alone = new WitPackages()
  for (const files of folders) alone.addFolder(files)
  for (const each of alone.all()) packages.add(each)
}
