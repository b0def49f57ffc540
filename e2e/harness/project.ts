import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { root } from './machine.ts'
import type { Workshop } from './test.ts'

/** A `patchbay.json` as far as specs look at it. */
export interface ProjectFile {
  version: number
  components: Record<string, { path: string }>
  graph: {
    packages: Record<string, { hash: string }>
    instances: Record<string, unknown>
    arguments: Record<string, unknown>
    [key: string]: unknown
  }
  [key: string]: unknown
}

/** The project of the first start in a folder of the test's own; `change` rewrites its file. Answers the folder. */
export async function sampleProject(workshop: Workshop, change?: (project: ProjectFile) => void): Promise<string> {
  const folder = await workshop.copy('resources/samples/project')
  const project = await readProject(folder)
  await mkdir(join(folder, 'components'))
  for (const { path } of Object.values(project.components)) await copyFile(sample(basename(path)), join(folder, path))
  change?.(project)
  await writeFile(join(folder, 'patchbay.json'), JSON.stringify(project, null, 2))
  return folder
}

/** The project file as it lies on disk now. */
export async function readProject(folder: string): Promise<ProjectFile> {
  return JSON.parse(await readFile(join(folder, 'patchbay.json'), 'utf8')) as ProjectFile
}

/** Path of a sample's component: `middleware` or `middleware.wasm`. */
export function sample(name: string): string {
  const stem = basename(name, '.wasm')
  return join(root, 'resources', 'samples', stem, `${stem}.wasm`)
}

/** A folder of the test's own with one of the guests of `test/fixtures/guests` in it. Answers the path of the component. */
export async function guest(workshop: Workshop, name: 'behaviours' | 'command'): Promise<string> {
  return fixture(workshop, `guests/${name}.wasm`)
}

/** The same for any component below `test/fixtures`. */
export async function fixture(workshop: Workshop, from: string): Promise<string> {
  const folder = join(workshop.folder, 'guests')
  await mkdir(folder, { recursive: true })
  const path = join(folder, basename(from))
  await copyFile(join(root, 'test', 'fixtures', ...from.split('/')), path)
  return path
}

/** A project of a guest under two names, with nothing on its canvas and every component served. Answers the folder. */
export async function servedGuests(workshop: Workshop, run: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const path = await guest(workshop, 'behaviours')
  const folder = dirname(path)
  await copyFile(path, join(folder, 'other.wasm'))
  const project: ProjectFile = {
    version: 1,
    name: 'guests',
    components: {},
    graph: { packages: {}, instances: {}, arguments: {}, imports: {}, exports: {} },
    view: { positions: {} },
    run: { components: true, ...run },
  }
  await writeFile(join(folder, 'patchbay.json'), JSON.stringify(project))
  return folder
}
