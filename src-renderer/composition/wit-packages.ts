import { create } from 'zustand'
import { WitPackages } from '../../src-engine/wit/packages.ts'
import type { CallOutput } from '../../src-preload/contract.ts'
import { scriptPlace } from '../state/document.ts'
import { useProject } from '../state/project.ts'
import { client } from '../state/session.ts'
import type { WorldPlace } from './target-name.ts'

/** The WIT packages that a script may name: the project's own and those that Patchbay brings. */
export const useWitPackages = create<{
  readonly packages: WitPackages | undefined
  /** Where the worlds among them come from. */
  readonly places: readonly WorldPlace[]
}>()(() => ({ packages: undefined, places: [] }))

let asked = false

/** Reads them once for each project; those of the project win over those that Patchbay brings. */
export function ensureWitPackages(): void {
  if (asked) return
  asked = true
  void readAll().then(
    (read) => useWitPackages.setState(read),
    // Without them a script still has its components; what it names is then reported as unknown.
    () => useWitPackages.setState({ packages: new WitPackages() }),
  )
}

/** Another project has other packages. */
export function forgetWitPackages(): void {
  asked = false
  useWitPackages.setState({ packages: undefined, places: [] })
}

async function readAll(): Promise<{ readonly packages: WitPackages; readonly places: readonly WorldPlace[] }> {
  const { places } = await client().call('wit.places', {})
  const packages = new WitPackages()
  // Patchbay's own first, so that the project's take their place.
  for (const { id, problem } of places.toReversed()) {
    if (problem) continue
    addAll(packages, await client().call('wit.read', { place: id }))
  }
  // A target world from elsewhere may be named as well.
  const target = useProject.getState().tables.target['world']
  if (target && isElsewhere(target.place) && !places.some(({ id }) => id === target.place))
    await client()
      .call('wit.read', { place: target.place })
      .then(
        (texts) => addAll(packages, texts),
        // The pane of the world says why it cannot be read.
        () => undefined,
      )
  return { packages, places }
}

/** Is it a path, which only the project knows? */
export function isElsewhere(place: string): boolean {
  return place !== scriptPlace && !/^(builtin|component):/.test(place)
}

function addAll(packages: WitPackages, { folders }: CallOutput<'wit.read'>): void {
  const alone = new WitPackages()
  for (const files of folders) alone.addFolder(files)
  for (const each of alone.all()) packages.add(each)
}
