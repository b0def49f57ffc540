import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { kebab } from '../../src-engine/compose/edit.ts'
import type { CompositionGraph, PackageId } from '../../src-engine/compose/graph.ts'
import type { Part } from '../../src-engine/compose/plug.ts'
import { wireAll, type Candidate, type Wiring } from '../../src-engine/compose/wire-all.ts'
import { fail, problemOf } from '../../src-engine/error.ts'
import { compositionGraph, type ProjectDocument } from '../../src-preload/contract.ts'
import { parseDocument, printDocument } from '../project/document.ts'
import { unreadable, writeWhole } from '../project/files.ts'
import { absolutePath, isSkipped, projectPath } from '../project/library.ts'
import { readComponent, type ComponentFile } from './component-file.ts'
import type { Verb, VerbOutput } from './verb.ts'

export const wire: Verb = {
  name: 'wire',
  usage: '[PROJECT] [--deps-dir DIR]… [--dry-run]',
  examples: ['patchbay wire', 'patchbay wire my-project --deps-dir vendor --dry-run'],
  positionals: { max: 1 },
  options: {
    'deps-dir': {
      type: 'string',
      value: 'DIR',
      description: 'folder with more components to choose from; repeatable',
    },
    'dry-run': { type: 'boolean', description: 'tell what would be wired, write nothing' },
  },
  details: [
    'Satisfies every open import on the canvas from the project’s components, and those of what this brings in.',
    'Nothing is guessed: an import is wired when exactly one export of its name, or of a compatible version, fits.',
    'Exit code 1 when an import stays open that no host gives.',
  ],
  async run({ arguments: given, output, cwd }) {
    const [path = '.'] = given.positionals
    const file = await projectFile(resolve(cwd, path), path)
    const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
      throw unreadable(file, thrown)
    })
    const { document, raw, readOnly } = parseDocument(text, file)
    const dry = given.flag('dry-run')
    if (readOnly && !dry) throw fail('project.read-only', readOnly.message, readOnly)
    const library = new Library(dirname(file), document)
    await library.readProject()
    for (const folder of given.list('deps-dir')) await library.readFolder(resolve(cwd, folder), output)
    const wiring = wireAll(library.graph(), library.parts, (hash) => library.files.get(hash)?.decoded)
    if (!dry && wiring.wired.length > 0) await writeWhole(file, printDocument(library.withGraph(wiring.graph), raw))
    tell(output, wiring, library, file, dry)
    return wiring.missing.length + wiring.ambiguous.length + wiring.near.length === 0 ? 0 : 1
  },
}

async function projectFile(path: string, shown: string): Promise<string> {
  const about = await stat(path).catch((thrown: unknown) => {
    throw unreadable(shown, thrown)
  })
  return about.isDirectory() ? join(path, 'patchbay.json') : path
}

/** What there is to wire with: the components of the project, then those of other folders. */
class Library {
  readonly files = new Map<string, ComponentFile>()
  readonly parts: Part[] = []
  readonly #folder: string
  readonly #document: ProjectDocument
  readonly #pathOf = new Map<PackageId, string>()

  constructor(folder: string, document: ProjectDocument) {
    this.#folder = folder
    this.#document = document
  }

  async readProject(): Promise<void> {
    for (const [id, { path }] of Object.entries(this.#document.components)) {
      const placed = Object.hasOwn(this.#document.graph.packages, id)
      const absolute = absolutePath(this.#folder, path)
      // One that nobody uses may be missing or not built yet; one on the canvas may not.
      const isThere = placed || (await stat(absolute).then(Boolean, () => false))
      if (isThere) this.#add(id, await readComponent(absolute, this.#folder), undefined)
    }
    for (const id of Object.keys(this.#document.graph.packages)) {
      if (this.parts.some((part) => part.id === id)) continue
      throw fail('input.project', `the project names no file for "${id}"`, {
        where: { file: join(this.#folder, 'patchbay.json'), path: ['components', id] },
        hint: 'Open the project in the window and add the component again.',
      })
    }
  }

  /** Every component below a folder. What is none is told and passed over; one that is there already is not taken twice. */
  async readFolder(folder: string, output: VerbOutput): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) => {
      throw unreadable(folder, thrown)
    })
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && !isSkipped(entry.name)) await this.readFolder(path, output)
      if (!entry.isFile() || !/\.wa(?:sm|t)$/.test(entry.name)) continue
      try {
        const file = await readComponent(path, this.#folder)
        if (file.decoded.witPackage || this.files.has(file.hash)) continue
        const id = this.#freeId(kebab(file.name))
        this.#pathOf.set(id, path)
        this.#add(id, file, path)
      } catch (thrown) {
        output.note(`passed over ${path}: ${problemOf(thrown).message}`)
      }
    }
  }

  #add(id: PackageId, file: ComponentFile, path: string | undefined): void {
    const known = this.#document.graph.packages[id]
    this.files.set(file.hash, file)
    const name =
      known?.name ?? this.#freeName(`local:${kebab(path === undefined ? id : basename(path).replace(/\.\w+$/, ''))}`)
    this.parts.push({ id, package: { ...known, name, hash: file.hash } })
  }

  #freeId(base: string): PackageId {
    let id = base
    const taken = (each: string): boolean =>
      Object.hasOwn(this.#document.components, each) || this.parts.some((part) => part.id === each)
    for (let count = 2; taken(id); count++) id = `${base}-${count}`
    return id
  }

  #freeName(base: string): string {
    const taken = new Set([
      ...Object.values(this.#document.graph.packages).map((each) => each.name),
      ...this.parts.map((part) => part.package.name),
    ])
    let name = base
    for (let count = 2; taken.has(name); count++) name = `${base}-${count}`
    return name
  }

  /** The graph of the project, with the hashes of its files as they are now. */
  graph(): CompositionGraph {
    const { graph } = this.#document
    const packages = Object.entries(graph.packages).map(([id, entry]) => {
      const part = this.parts.find((each) => each.id === id)
      return [id, part ? part.package : entry] as const
    })
    return { ...graph, packages: Object.fromEntries(packages) }
  }

  /** The document with another graph, and a path for every package that came from elsewhere. */
  withGraph(graph: CompositionGraph): ProjectDocument {
    const components = { ...this.#document.components }
    for (const [id, path] of this.#pathOf)
      if (Object.hasOwn(graph.packages, id)) components[id] = { path: projectPath(this.#folder, path) }
    return { ...this.#document, components, graph: compositionGraph.parse(graph) }
  }

  /** A candidate as a person knows it: its instance, or the file of the library. */
  describe(candidate: Candidate): string {
    const file = this.#pathOf.get(candidate.package) ?? this.#document.components[candidate.package]?.path
    return (
      candidate.instance ??
      (file === undefined ? candidate.package : relative(this.#folder, resolve(this.#folder, file)))
    )
  }
}

function tell(output: VerbOutput, wiring: Wiring, library: Library, file: string, dry: boolean): void {
  const { wired, host, missing, ambiguous, near } = wiring
  output.object({
    written: !dry && wired.length > 0,
    wired: wired.map(({ instance, name, by }) => ({ instance, name, by: by.instance, export: by.export })),
    host,
    missing,
    ambiguous: ambiguous.map(({ candidates, ...port }) => ({
      ...port,
      candidates: candidates.map((each) => ({ from: library.describe(each), export: each.export })),
    })),
    near: near.map(({ by, verdict, instance, name }) => ({
      instance,
      name,
      by: library.describe(by),
      export: by.export,
      reason: verdict.sentence ?? 'The types differ.',
      ...(verdict.hint === undefined ? {} : { hint: verdict.hint }),
    })),
  })
  for (const { instance, name, by } of wired)
    output.line(`wired      ${instance} ‹ ${name} ← ${by.instance}${by.export === name ? '' : ` › ${by.export}`}`)
  for (const { instance, name } of host) output.line(`host       ${instance} ‹ ${name}`)
  for (const { instance, name } of missing) output.line(`missing    ${instance} ‹ ${name}: nobody exports it`)
  for (const { instance, name, candidates } of ambiguous)
    output.line(
      `ambiguous  ${instance} ‹ ${name}: ${candidates.map((each) => library.describe(each)).join(' and ')} would do`,
    )
  for (const { instance, name, by, verdict } of near) {
    output.line(
      `near miss  ${instance} ‹ ${name}: ${library.describe(by)} does not fit: ${verdict.sentence ?? 'the types differ'}`,
    )
    if (verdict.hint !== undefined) output.line(`           ${verdict.hint}`)
  }
  if (wired.length === 0) output.note('nothing to wire')
  else output.note(dry ? `would write ${file}` : `${file} written`)
}
