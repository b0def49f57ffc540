import { useEffect, useState } from 'react'
import { fail, problemOf } from '../../src-engine/error.ts'
import type { ComponentType } from '../../src-engine/types/graph.ts'
import { shortName } from '../../src-engine/types/names.ts'
import { withTarget, worldOfTarget } from '../../src-engine/wac/target.ts'
import { WitPackages } from '../../src-engine/wit/packages.ts'
import { chooseWorld, findWorld } from '../../src-engine/wit/resolve.ts'
import type { CallOutput, LibraryItem, Problem } from '../../src-preload/contract.ts'
import { whenDecoded } from '../library/place-item.ts'
import { type Tables, type TargetChoice, scriptPlace } from '../state/document.ts'
import { edit, useProject } from '../state/project.ts'
import { client } from '../state/session.ts'
import { targetName } from './target-name.ts'
import { scriptText } from './text.ts'
import { ensureWitPackages, forgetWitPackages, isElsewhere, useWitPackages } from './wit-packages.ts'

/** The world that the composition is meant for. */
export type Target =
  | { readonly state: 'none' }
  | { readonly state: 'loading'; readonly label: string }
  | { readonly state: 'ready'; readonly label: string; readonly type: ComponentType }
  | { readonly state: 'failed'; readonly label: string; readonly problem: Problem; readonly retry: () => void }

const componentPrefix = 'component:'

/** How a choice is called: the world, or whose world it is. */
export function targetLabel({ place, world }: TargetChoice, library: readonly LibraryItem[]): string {
  if (world !== undefined) return world
  if (!place.startsWith(componentPrefix)) return place
  const id = place.slice(componentPrefix.length)
  return `the world of ${library.find((item) => item.id === id)?.name ?? id}`
}

/** The type of the world of texts: by name, or the only one of the package that was named. Throws `wit.*`. */
export function worldOfTexts({ folders, main }: CallOutput<'wit.read'>, name: string | undefined): ComponentType {
  const packages = new WitPackages()
  const added = folders.map((files) => packages.addFolder(files))
  return chooseWorld(packages, added[main], name)
}

/** The full name of that world, as a script says it. */
export function nameOfWorld({ folders, main }: CallOutput<'wit.read'>, name: string | undefined): string {
  const packages = new WitPackages()
  const own = folders.map((files) => packages.addFolder(files))[main]
  const [only, ...more] = own?.worlds.values() ?? []
  const found = name === undefined && only && more.length === 0 ? only : findWorld(packages, name)
  const { name: owner, version } = found.package
  return `${owner}/${found.item.name.name}${version === undefined ? '' : `@${version}`}`
}

async function readTarget({ place, world }: TargetChoice, library: readonly LibraryItem[]): Promise<ComponentType> {
  if (place === scriptPlace) {
    const { packages } = useWitPackages.getState()
    const type = worldOfTarget(scriptText(useProject.getState().tables), packages ?? new WitPackages())
    if (type) return type
    throw fail('wit.unknown-world', `the script declares no world ${world ?? ''}`, {
      hint: 'Declare it in the text, or choose another target world.',
    })
  }
  if (!place.startsWith(componentPrefix)) return worldOfTexts(await client().call('wit.read', { place }), world)
  const id = place.slice(componentPrefix.length)
  const item = library.find((candidate) => candidate.id === id)
  if (item?.hash === undefined)
    throw fail('components.not-ready', `the library has no component "${id}" that could be read`, {
      hint: 'Choose another target world.',
    })
  const decoded = await whenDecoded(item.hash)
  if (decoded.state === 'ready') return decoded.component.type
  throw fail('components.not-ready', `${item.name} cannot be read`, {
    hint: decoded.state === 'failed' ? decoded.problem.message : 'Choose another target world.',
  })
}

/** The target world of the open project, read when it is chosen and again on demand. */
export function useTarget(): Target {
  const choice = useProject((project) => project.tables.target['world'])
  const library = useProject((project) => project.library)
  const [tries, setTries] = useState(0)
  const [read, setRead] = useState<{ readonly key: string; readonly target: Target }>()
  // A component that was rebuilt has another world.
  const hash = choice && library.find((item) => `${componentPrefix}${item.id}` === choice.place)?.hash
  // One that the script declares changes with the text, and may need WIT that is not read yet.
  const script = useProject((project) => (choice?.place === scriptPlace ? project.tables.script['text'] : undefined))
  const wit = useWitPackages(({ packages }) => choice?.place !== scriptPlace || packages !== undefined)
  const key = choice && JSON.stringify([choice.place, choice.world, hash, tries, script])
  const label = choice && targetLabel(choice, library)
  useEffect(() => {
    if (!choice || key === undefined || label === undefined) return
    if (!wit) {
      ensureWitPackages()
      return
    }
    let current = true
    const settle = (target: Target): void => {
      if (current) setRead({ key, target })
    }
    readTarget(choice, library).then(
      (type) => settle({ state: 'ready', label, type }),
      (thrown: unknown) =>
        settle({ state: 'failed', label, problem: problemOf(thrown), retry: () => setTries((count) => count + 1) }),
    )
    return () => {
      current = false
    }
    // The key says all there is about the choice.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key, wit])
  if (!choice || label === undefined) return { state: 'none' }
  return read && read.key === key ? read.target : { state: 'loading', label }
}

/** Chooses the world that the composition is meant for; undefined: none. How versions are matched stays as it is. */
export function chooseTarget(choice: TargetChoice | undefined): void {
  const { library, tables: before } = useProject.getState()
  const exact = before.target['world']?.exact === true ? { exact: true } : {}
  const target: Tables['target'] = choice ? { world: { ...choice, ...exact } } : {}
  edit(choice ? `Target ${shortName(targetLabel(choice, library))}` : 'Remove the target world', (tables) => {
    const text = tables.script['text']
    const script = text === undefined ? tables.script : { text: withTarget(text, targetName(choice)) }
    return { ...tables, target, script }
  })
  // The text names it: what it names has to be known.
  if (choice && isElsewhere(choice.place)) {
    forgetWitPackages()
    ensureWitPackages()
  }
}

/** Whether versions must be equal to those of the target world, or may be compatible. */
export function matchExactly(wanted: boolean): void {
  edit(wanted ? 'Match exact versions' : 'Match compatible versions', (tables) => {
    const { world } = tables.target
    if (!world) return tables
    const { exact: _, ...choice } = world
    return { ...tables, target: { world: wanted ? { ...choice, exact: true } : choice } }
  })
}
