import { basename, dirname, join, resolve } from 'node:path'
import { stat } from 'node:fs/promises'
import { fail, PatchbayError, type Problem, problemOf } from '../../src-engine/error.ts'
import type { CallName, Handlers } from '../../src-preload/contract.ts'
import { kebab } from '../../src-engine/compose/edit.ts'
import { type Contents, sha256 } from '../project/contents.ts'
import { newDocument, printDocument } from '../project/document.ts'
import { readWhole, writeWhole } from '../project/files.ts'
import { Journal } from '../project/journal.ts'
import { Project, type ProjectListener } from '../project/project.ts'
import { copySampleProject } from '../project/sample.ts'
import { compositionIn, writeComposition } from '../project/take-apart.ts'
import { RecentProjects } from '../project/user-files.ts'

/** The one open project of a workbench, and the way to another one. */
export class ProjectHolder {
  readonly #options: {
    readonly userFolder: string
    readonly contents: Contents
    readonly listener: ProjectListener
    readonly first?: string
  }
  readonly #journal: Journal
  readonly recent: RecentProjects
  #current: Promise<Project> | undefined
  /** What went wrong before there was a window to hear it. */
  #notices: Problem[] = []

  constructor(options: {
    readonly userFolder: string
    readonly contents: Contents
    readonly listener: ProjectListener
    readonly first?: string
  }) {
    this.#options = options
    this.#journal = new Journal(options.userFolder)
    this.recent = new RecentProjects(options.userFolder)
  }

  /** The open project; at first the one asked for at the start, else the last one, else the sample. */
  current(): Promise<Project> {
    return (this.#current ??= this.#first())
  }

  /** The open project, if it is the one in this folder. Throws `project.not-open` for another one. */
  async meant(folder: string | undefined): Promise<Project> {
    const project = await this.current()
    if (folder === undefined || resolve(folder) === project.folder) return project
    throw fail('project.not-open', `${folder} is no longer the open project`, {
      where: { file: folder },
      hint: 'Open it again: what was edited until then is restored.',
    })
  }

  /**
   * What opening a path means: a composed component that belongs to no project is opened as the graph inside it, as a project
   * in the user's folder; the file itself and its folder are left alone.
   */
  async #meaning(path: string): Promise<string> {
    if (!path.endsWith('.wasm') || (await isFile(join(dirname(path), 'patchbay.json')))) return path
    const bytes = await readWhole(path).catch(() => undefined)
    const composition = bytes && compositionIn(bytes)
    if (!bytes || !composition) return path
    const name = basename(path, '.wasm')
    const folder = join(this.#options.userFolder, 'projects', `${kebab(name)}-${sha256(bytes).slice(0, 8)}`)
    await writeComposition(folder, name, composition)
    for (const problem of composition.problems) this.#notices.push(problem)
    return folder
  }

  /** Opens another project in place of this one; a project that cannot be opened leaves this one open. */
  async open(path: string): Promise<Project> {
    // It may be the same one: what is being written belongs to what is read.
    await (await this.#current?.catch(() => undefined))?.settled()
    const next = await Project.open(await this.#meaning(resolve(path)), {
      contents: this.#options.contents,
      journal: this.#journal,
      listener: this.#options.listener,
    })
    await this.#replace(next)
    if (next.notice) this.#options.listener.problem(next.notice)
    return next
  }

  async openSample(): Promise<Project> {
    return this.open(await copySampleProject(this.#options.userFolder))
  }

  async close(): Promise<void> {
    await (await this.#current?.catch(() => undefined))?.close()
  }

  async #replace(next: Project): Promise<void> {
    const before = this.#current
    this.#current = Promise.resolve(next)
    await (await before?.catch(() => undefined))?.close()
    await this.recent.add(next.folder)
  }

  async #first(): Promise<Project> {
    const { first, contents, listener, userFolder } = this.#options
    const parts = { contents, journal: this.#journal, listener }
    let project: Project | undefined
    if (first !== undefined)
      project = await this.#meaning(resolve(first))
        .then((path) => Project.open(path, parts))
        .catch((thrown: unknown) => this.#tell(thrown))
    const [last] = project || first !== undefined ? [] : await this.recent.list()
    if (last) project = await Project.open(last.path, parts).catch((thrown: unknown) => this.#tell(thrown))
    project ??= await Project.open(await copySampleProject(userFolder), parts)
    if (project.notice) this.#tell(new PatchbayError(project.notice))
    await this.recent.add(project.folder)
    return project
  }

  /** What was asked for cannot be opened: the window opens all the same and says why. */
  #tell(thrown: unknown): undefined {
    this.#notices.push(problemOf(thrown))
    return undefined
  }

  /** What went wrong while opening the first project; told once. */
  takeNotices(): Problem[] {
    const notices = this.#notices
    this.#notices = []
    return notices
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

export function projectHandlers(projects: ProjectHolder): Pick<Handlers, Extract<CallName, `project.${string}`>> {
  return {
    async 'project.current'() {
      const { state } = await projects.current()
      return { ...state, notices: projects.takeNotices() }
    },
    async 'project.open'({ path }) {
      return (await projects.open(path)).state
    },
    async 'project.create'({ path, name }) {
      const folder = resolve(path)
      const file = `${folder}/patchbay.json`
      if (
        await stat(file).then(
          () => true,
          () => false,
        )
      ) {
        throw fail('project.exists', `${folder} already holds a project`, {
          where: { file },
          hint: 'Open it, or choose another folder.',
        })
      }
      await writeWhole(file, printDocument(newDocument(name)))
      return (await projects.open(folder)).state
    },
    async 'project.openSample'() {
      return (await projects.openSample()).state
    },
    async 'project.update'({ document, folder }) {
      await (await projects.meant(folder)).update(document)
      return {}
    },
    async 'project.save'({ document, folder }) {
      return { path: await (await projects.meant(folder)).save(document) }
    },
    async 'project.saveAs'({ document, folder }) {
      await (await projects.current()).saveAs(document, folder)
      return (await projects.open(folder)).state
    },
    'project.run': async () => (await projects.current()).run(),
    async 'project.recent'() {
      return { folders: (await projects.recent.list()).map((entry) => ({ ...entry })) }
    },
  }
}
