import { readFile, rename, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { kebab } from '../../src-engine/compose/edit.ts'
import { fail, PatchbayError, problemOf, type Problem } from '../../src-engine/error.ts'
import type { LibraryItem, ProjectDocument, ProjectRun, ProjectState } from '../../src-preload/contract.ts'
import { Turns } from '../turns.ts'
import type { Contents } from './contents.ts'
import { copyFiles, isInside } from './copy.ts'
import { newDocument, parseDocument, printDocument } from './document.ts'
import { differOnlyInRun, sameRun, unknownKeys } from './file-changes.ts'
import { errorCode, unreadable, writeWhole } from './files.ts'
import type { Journal } from './journal.ts'
import { absolutePath, folderItems, projectItem, projectPath, sampleItems } from './library.ts'
import { FolderWatcher } from './watcher.ts'

/** Told when the library changed on its own: a file was rebuilt, came or vanished. */
export interface ProjectListener {
  library(items: LibraryItem[]): void
  problem(problem: Problem): void
  /** Somebody changed in the file how the project is run. */
  run(run: ProjectRun): void
}

/** An open project: the folder on disk, its document, its library. */
export class Project {
  readonly folder: string
  readonly #contents: Contents
  readonly #journal: Journal
  readonly #listener: ProjectListener
  #document: ProjectDocument
  #raw: Readonly<Record<string, unknown>>
  #text: string
  #readOnly: Problem | undefined
  #recovered = false
  #dirty = false
  #library: LibraryItem[] = []
  #watcher: FolderWatcher | undefined
  readonly #turns = new Turns()
  #reading: Promise<unknown> = Promise.resolve()
  #closed = false
  #notice: Problem | undefined

  private constructor(
    folder: string,
    parts: { readonly contents: Contents; readonly journal: Journal; readonly listener: ProjectListener },
    document: ProjectDocument,
  ) {
    this.folder = folder
    this.#contents = parts.contents
    this.#journal = parts.journal
    this.#listener = parts.listener
    this.#document = document
    this.#raw = {}
    this.#text = ''
  }

  /**
   * Opens a folder, a `patchbay.json` or a `.wasm` file (its folder, with the file added). A folder without a project file
   * is a new project that is written when it is first saved. Throws `input.*`.
   */
  static async open(
    path: string,
    parts: { readonly contents: Contents; readonly journal: Journal; readonly listener: ProjectListener },
  ): Promise<Project> {
    const about = await stat(path).catch((thrown: unknown) => {
      throw unreadable(path, thrown)
    })
    const folder = resolve(about.isDirectory() ? path : dirname(path))
    if (about.isFile() && extname(path) !== '.wasm' && basename(path) !== 'patchbay.json') {
      throw fail('input.not-a-project', `${basename(path)} is neither a project nor a component`, {
        where: { file: path },
        hint: 'Open a folder, a patchbay.json or a .wasm file.',
      })
    }
    const project = new Project(folder, parts, newDocument(basename(folder)))
    await project.#load()
    if (about.isFile() && extname(path) === '.wasm') await project.addFiles([path])
    project.#watch()
    return project
  }

  get document(): ProjectDocument {
    return this.#document
  }

  get library(): readonly LibraryItem[] {
    return this.#library
  }

  /** What a person should hear of once after opening. */
  get notice(): Problem | undefined {
    return this.#notice
  }

  get state(): ProjectState {
    return {
      folder: this.folder,
      document: this.#document,
      library: this.#library,
      recovered: this.#recovered,
      dirty: this.#dirty,
      ...(this.#readOnly ? { readOnly: this.#readOnly } : {}),
    }
  }

  /** How the project is run, as its file says it now. Throws `input.project` for a file that is none any more. */
  async run(): Promise<ProjectRun> {
    await this.#turns.take(() => this.#takeRun())
    return this.#run
  }

  /** Keeps the window's edits; the table of components stays ours, and how it is run changes by saving alone. */
  async update(document: ProjectDocument): Promise<void> {
    this.#document = withRun({ ...document, components: this.#document.components }, this.#document.run)
    this.#dirty = true
    await this.#keep()
  }

  /** Writes the project file. Throws `project.newer-version` for one that may not be saved over. */
  async save(document: ProjectDocument): Promise<string> {
    if (this.#readOnly)
      throw fail(this.#readOnly.code, this.#readOnly.message, {
        hint: 'Save a copy elsewhere.',
        ...(this.#readOnly.where ? { where: this.#readOnly.where } : {}),
      })
    return this.#turns.take(async () => {
      const path = this.#file
      const before = this.#document.run
      const wasTaken = await this.#takeRun()
      await this.#checkUnchanged(path)
      const own = { ...document, components: this.#document.components }
      // What was changed on disk alone is kept; where both changed it, the window hears what the file says and asks again.
      const isConflict = wasTaken && !sameRun(document.run, before) && !sameRun(document.run, this.#document.run)
      if (isConflict) throw changedOnDisk(path, 'Look at the settings again: they show what the file says now.')
      this.#document = wasTaken ? withRun(own, this.#document.run) : own
      const text = printDocument(this.#document, this.#raw)
      await writeWhole(path, text)
      this.#text = text
      this.#raw = parseDocument(text, path).raw
      this.#dirty = false
      this.#recovered = false
      await this.#journal.clear(this.folder)
      return path
    })
  }

  /** Copies the project into another folder with all its files, and leaves those of this one as they were. */
  async saveAs(document: ProjectDocument, target: string): Promise<void> {
    const folder = resolve(target)
    if (
      await stat(join(folder, 'patchbay.json')).then(
        () => true,
        () => false,
      )
    ) {
      throw fail('project.exists', `${folder} already holds a project`, {
        where: { file: folder },
        hint: 'Choose an empty folder.',
      })
    }
    const copied = await copyFiles(this.folder, { ...document, components: this.#document.components }, folder)
    // Last, so that a copy that was cut short is no project.
    await writeWhole(join(folder, 'patchbay.json'), printDocument(copied, this.#raw))
    // The work is saved there: this project is again what its file says.
    await this.#turns.take(() => this.#journal.clear(this.folder))
  }

  /** Adds files: those of the folder stay where they are, others are copied into `components/`. */
  async addFiles(paths: readonly string[]): Promise<LibraryItem[]> {
    const added: string[] = []
    const refused: Problem[] = []
    for (const path of paths) {
      try {
        added.push(await this.#addFile(resolve(path)))
      } catch (thrown) {
        refused.push(problemOf(thrown))
      }
    }
    const [first] = refused
    if (first && added.length === 0) throw new PatchbayError(first)
    for (const problem of refused) this.#listener.problem(problem)
    return this.#itemsOf(added)
  }

  /** Writes bytes as a new component of the project. */
  async addBytes(name: string, bytes: Uint8Array): Promise<LibraryItem> {
    const id = await this.#store(basename(name).replace(/\.wasm$/i, ''), bytes)
    return this.#itemOf(id)
  }

  /** Enters a component that is to be built from sources. */
  async addSource(name: string, places: { readonly source: string; readonly path: string }): Promise<LibraryItem> {
    const id = this.#enter(name, places.path, places.source)
    return this.#itemOf(id)
  }

  /** Takes a component out of the project; its file stays. */
  async remove(id: string): Promise<void> {
    const { [id]: removed, ...components } = this.#document.components
    if (!removed) throw fail('project.unknown-component', `the project has no component "${id}"`)
    this.#document = { ...this.#document, components }
    this.#dirty = true
    await this.#itemsOf([])
  }

  /** Renames the file of a component; its id, and so its wires, stay. */
  async rename(id: string, name: string): Promise<LibraryItem> {
    const entry = this.#document.components[id]
    if (!entry) throw fail('project.unknown-component', `the project has no component "${id}"`)
    if (!/^[\w][\w .-]*$/.test(name))
      throw fail('usage.name', `"${name}" is no name for a file`, { hint: 'Use letters, digits, hyphens and dots.' })
    if (!isInside(entry.path))
      throw fail('project.outside', `the file of "${id}" lies outside of the project`, {
        where: { file: entry.path },
        hint: 'Rename it where it is, then add it again.',
      })
    const from = absolutePath(this.folder, entry.path)
    const to = join(dirname(from), name.endsWith('.wasm') ? name : `${name}.wasm`)
    if (
      await stat(to).then(
        () => true,
        () => false,
      )
    )
      throw fail('project.exists', `there is already a file ${basename(to)}`, {
        where: { file: to },
        hint: 'Choose another name.',
      })
    await rename(from, to).catch((thrown: unknown) => {
      throw unreadable(from, thrown)
    })
    this.#document = {
      ...this.#document,
      components: { ...this.#document.components, [id]: { ...entry, path: projectPath(this.folder, to) } },
    }
    this.#dirty = true
    return this.#itemOf(id)
  }

  /** The library item of this id. Throws `project.unknown-component`. */
  async item(id: string): Promise<LibraryItem> {
    const found = this.#library.find((item) => item.id === id)
    if (!found)
      throw fail('project.unknown-component', `there is no component "${id}"`, { hint: 'It may have been removed.' })
    return found
  }

  /** Reads every file again and tells the window. */
  async refresh(): Promise<void> {
    await this.#readLibrary()
    if (this.#closed) return
    this.#watchFiles()
    this.#listener.library(this.#library)
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#turns.idle()
  }

  /** Ends watching; nothing is told afterwards. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#watcher?.close()
    await this.settled()
  }

  get #file(): string {
    return join(this.folder, 'patchbay.json')
  }

  async #load(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch((thrown: unknown) => {
      if (errorCode(thrown) === 'ENOENT') return undefined
      throw unreadable(this.#file, thrown)
    })
    if (text !== undefined) {
      const parsed = parseDocument(text, this.#file)
      this.#text = text
      this.#raw = parsed.raw
      this.#document = parsed.document
      this.#readOnly = parsed.readOnly
    }
    await this.#recover()
    await this.#readLibrary()
  }

  /** Takes up unsaved work of the last session, if the file still is what it began from; else keeps it aside. */
  async #recover(): Promise<void> {
    const unsaved = await this.#journal.read(this.folder)
    if (!unsaved) return
    if (unsaved.base === this.#text && !this.#readOnly) {
      this.#document = unsaved.document
      this.#recovered = true
      this.#dirty = true
    } else if (printDocument(unsaved.document, this.#raw) === this.#text) {
      // The end came between saving and clearing the journal.
      await this.#journal.clear(this.folder)
    } else {
      const file = await this.#journal.setAside(this.folder, unsaved.document)
      this.#notice = {
        code: 'project.unsaved-kept',
        message: 'Unsaved work of the last session does not fit: the project file has changed since',
        where: { file },
        hint: 'It is kept in this file: compare it with patchbay.json and take what you need.',
      }
    }
  }

  /** Somebody else may have written the file: their work is not thrown away silently. */
  async #checkUnchanged(path: string): Promise<void> {
    const now = await readFile(path, 'utf8').catch(() => '')
    if (now === '' || now === this.#text) return
    throw changedOnDisk(path, 'Save a copy elsewhere, or reopen the project to take the changes from disk.')
  }

  get #run(): ProjectRun {
    const { run } = this.#document
    return { folder: this.folder, ...(run ? { run } : {}), unknown: unknownKeys(this.#raw['run'], run) }
  }

  /**
   * Takes over how the project is run when somebody changed that in the file, and nothing else, and tells the window.
   * Answers whether there was something to take. Throws `input.project` for a file that is none any more.
   */
  async #takeRun(): Promise<boolean> {
    const text = await readFile(this.#file, 'utf8').catch(() => this.#text)
    if (text === this.#text || text === '' || this.#closed || this.#readOnly) return false
    const parsed = parseDocument(text, this.#file)
    if (parsed.readOnly || !differOnlyInRun(parsed.raw, this.#raw)) return false
    this.#text = text
    this.#raw = parsed.raw
    this.#document = withRun(this.#document, parsed.document.run)
    // The journal is for the file as it is now.
    if (this.#dirty) await this.#journal.write(this.folder, text, this.#document)
    this.#listener.run(this.#run)
    return true
  }

  /** One reading after another, so that the last one has the last word. */
  #readLibrary(): Promise<void> {
    const next = this.#reading.then(() => this.#readFiles())
    this.#reading = next.catch(() => undefined)
    return next
  }

  async #readFiles(): Promise<void> {
    const own = await Promise.all(
      Object.entries(this.#document.components).map(([id, entry]) =>
        projectItem(this.folder, id, entry, this.#contents),
      ),
    )
    const known = new Set(own.map((item) => item.path))
    this.#library = [
      ...own,
      ...(await folderItems(this.folder, known, this.#contents)),
      ...(await sampleItems(this.#contents)),
    ]
    this.#followFiles(own)
  }

  /** The graph knows packages by the hash of their bytes: a file that was built again keeps its wires. */
  #followFiles(items: readonly LibraryItem[]): void {
    const packages = { ...this.#document.graph.packages }
    for (const item of items) {
      const entry = packages[item.id]
      if (entry && item.hash !== undefined && entry.hash !== item.hash)
        packages[item.id] = { ...entry, hash: item.hash }
    }
    this.#document = { ...this.#document, graph: { ...this.#document.graph, packages } }
  }

  /** Adds one file; answers its id. Throws `input.*` for one that cannot be read. */
  async #addFile(from: string): Promise<string> {
    const inside = projectPath(this.folder, from)
    const known = Object.entries(this.#document.components).find(
      ([, entry]) => absolutePath(this.folder, entry.path) === from,
    )
    if (known) return known[0]
    const { bytes } = await this.#contents.addFile(from)
    const name = basename(from, '.wasm')
    return isInside(inside) ? this.#enter(name, inside) : this.#store(name, bytes)
  }

  async #store(name: string, bytes: Uint8Array): Promise<string> {
    const free = await this.#freeFile(kebab(name))
    await writeWhole(join(this.folder, 'components', `${free}.wasm`), bytes)
    return this.#enter(free, `components/${free}.wasm`)
  }

  async #freeFile(name: string): Promise<string> {
    for (let count = 1; ; count++) {
      const candidate = count === 1 ? name : `${name}-${count}`
      const taken = await stat(join(this.folder, 'components', `${candidate}.wasm`)).then(
        () => true,
        () => false,
      )
      if (!taken) return candidate
    }
  }

  #enter(name: string, path: string, source?: string): string {
    const stem = kebab(name)
    let id = stem
    for (let count = 2; Object.hasOwn(this.#document.components, id); count++) id = `${stem}-${count}`
    const entry = source === undefined ? { path } : { path, source }
    this.#document = { ...this.#document, components: { ...this.#document.components, [id]: entry } }
    this.#dirty = true
    return id
  }

  /** Writes the journal. What cannot be saved is not kept for a crash either. */
  async #keep(): Promise<void> {
    if (this.#readOnly) return
    await this.#turns.take(() => this.#journal.write(this.folder, this.#text, this.#document))
  }

  async #itemsOf(ids: readonly string[]): Promise<LibraryItem[]> {
    await this.refresh()
    await this.#keep()
    return ids.flatMap((id) => this.#library.filter((item) => item.id === id))
  }

  async #itemOf(id: string): Promise<LibraryItem> {
    await this.#itemsOf([id])
    return this.item(id)
  }

  #watch(): void {
    this.#watcher = new FolderWatcher(this.folder, () => void this.#changed())
    this.#watchFiles()
  }

  #watchFiles(): void {
    this.#watcher?.add(this.#library.filter((item) => item.origin !== 'sample').map((item) => item.path))
  }

  async #changed(): Promise<void> {
    // A file may be half written, and what stays wrong is said to whoever asks for it or wants to save.
    await this.#turns.take(() => this.#takeRun()).catch(() => undefined)
    const before = JSON.stringify(this.#library)
    await this.#readLibrary().catch(() => undefined)
    if (this.#closed || JSON.stringify(this.#library) === before) return
    this.#watchFiles()
    this.#listener.library(this.#library)
  }
}

/** The document with this said of how it is run, in place of its own. */
function withRun(given: ProjectDocument, run: ProjectDocument['run']): ProjectDocument {
  const { run: _, ...document } = given
  return { ...document, ...(run ? { run } : {}) }
}

function changedOnDisk(file: string, hint: string): PatchbayError {
  return fail('project.changed-on-disk', 'The project file was changed by another program since it was opened', {
    where: { file },
    hint,
  })
}
