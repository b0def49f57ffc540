import { problemOf } from '../../src-engine/error.ts'
import { WitPackages } from '../../src-engine/wit/packages.ts'
import type { CallName, CallOutput, Handlers } from '../../src-preload/contract.ts'
import type { WitFolders } from '../project/wit-files.ts'
import { builtinNames, builtinPlace, isBuiltin, projectPlaces, readWitPlace } from '../project/wit-places.ts'
import type { ProjectHolder } from './project.ts'

type Place = CallOutput<'wit.places'>['places'][number]

/** WIT of the project's folder and of Patchbay itself, read as text; the window understands it. */
export function witHandlers(projects: ProjectHolder): Pick<Handlers, Extract<CallName, `wit.${string}`>> {
  const read = async (place: string): Promise<WitFolders> => {
    // What Patchbay brings needs no project.
    if (isBuiltin(place)) return readWitPlace(place, '')
    return readWitPlace(place, (await projects.current()).folder)
  }
  return {
    async 'wit.places'() {
      const { folder } = await projects.current()
      const found: Omit<Place, 'worlds' | 'problem'>[] = [
        ...(await projectPlaces(folder)).map((id) => ({ id, label: id, origin: 'project' as const })),
        ...(await builtinNames()).map((name) => ({
          id: builtinPlace(name),
          label: name.replace(/^wasi-/, 'WASI '),
          origin: 'builtin' as const,
        })),
      ]
      const places: Place[] = []
      for (const place of found) {
        try {
          const worlds = worldsOf(await read(place.id))
          if (worlds.length > 0) places.push({ ...place, worlds })
        } catch (thrown) {
          places.push({ ...place, worlds: [], problem: problemOf(thrown) })
        }
      }
      return { places }
    },
    async 'wit.read'({ place }) {
      const { folders, main } = await read(place)
      return { folders: folders.map((files) => files.map((file) => ({ ...file }))), main }
    },
  }
}

/** `namespace:package/world@version` of every world that the named folder declares; throws where the WIT is wrong. */
function worldsOf({ folders, main }: WitFolders): string[] {
  const packages = new WitPackages()
  const added = folders.map((files) => packages.addFolder(files))
  const own = main < 0 ? packages.all() : [added[main]]
  return own.flatMap((each) =>
    each
      ? [...each.worlds.keys()].map(
          (world) => `${each.name}/${world}${each.version === undefined ? '' : `@${each.version}`}`,
        )
      : [],
  )
}
