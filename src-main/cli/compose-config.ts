import { stat } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { addExport, addInstance, connect, setPackage } from '../../src-engine/compose/edit.ts'
import { argumentKey, emptyGraph, type CompositionGraph, type InstanceId } from '../../src-engine/compose/graph.ts'
import { verdictsTo } from '../../src-engine/compose/verdict.ts'
import { fail, withPlace } from '../../src-engine/error.ts'
import type { InstanceType } from '../../src-engine/types/graph.ts'
import { nearest } from '../../src-engine/wac/inference.ts'
import { readWhole } from '../project/files.ts'
import { readCode, type ComponentFile } from './component-file.ts'

const fileLimit = 1024 * 1024

const path = z.string().min(1)
const schema = z.strictObject({
  definitions: z.array(path).default([]),
  'search-paths': z.array(path).default([]),
  'skip-validation': z.boolean().default(false),
  'import-components': z.boolean().default(false),
  'disallow-imports': z.boolean().default(false),
  dependencies: z
    .record(z.string(), z.union([path, z.strictObject({ path }).transform((each) => each.path)]))
    .default({}),
  instantiations: z
    .record(
      z.string(),
      z.strictObject({
        dependency: z.string().optional(),
        arguments: z
          .record(
            z.string(),
            z.union([
              z.string().transform((instance): Argument => ({ instance })),
              z.strictObject({ instance: z.string(), export: z.string().optional() }),
            ]),
          )
          .default({}),
      }),
    )
    .default({}),
})

interface Argument {
  readonly instance: string
  readonly export?: string | undefined
}

/** What a composition file of `wasm-tools compose` says. */
export type ComposeConfiguration = z.output<typeof schema>

/** Reads a composition file. Throws `input.configuration` with the line, or the path to the entry, that is wrong. */
export function parseConfiguration(text: string, file: string): ComposeConfiguration {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [mistake] = document.errors
  if (mistake) {
    const { line, col } = lines.linePos(mistake.pos[0])
    throw fail('input.configuration', `this is not YAML: ${mistake.message}`, { where: { file, line, column: col } })
  }
  let value: unknown
  try {
    // Aliases may blow a small text up to any size.
    value = document.toJS({ maxAliasCount: 100 })
  } catch (thrown) {
    throw fail('input.configuration', thrown instanceof Error ? thrown.message : String(thrown), { where: { file } })
  }
  const parsed = schema.safeParse(value ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw fail('input.configuration', issue?.message ?? 'this is no composition file', {
    where: { file, path: issue?.path.map(String) ?? [] },
    hint: `It may have ${Object.keys(schema.shape).join(', ')}.`,
  })
}

export interface Configured {
  readonly graph: CompositionGraph
  readonly parts: ReadonlyMap<string, ComponentFile>
  readonly configuration: ComposeConfiguration
}

/**
 * Builds what a composition file asks for around a root component, as `wasm-tools compose -c` does: each imported instance
 * comes from the definition that exports it, else from the instance named for it, else from a component found by the name of
 * the import; what is not found stays an import. Paths are relative to the file. Throws `input.*` and `graph.*`.
 */
export async function composeConfigured(rootPath: string, configPath: string, cwd: string): Promise<Configured> {
  const file = resolve(cwd, configPath)
  const bytes = await readWhole(file)
  if (bytes.length > fileLimit)
    throw fail('input.configuration', 'this is too large for a composition file', { where: { file: configPath } })
  const configuration = parseConfiguration(new TextDecoder().decode(bytes), configPath)
  try {
    return await new Builder(configuration, dirname(file), cwd).build(rootPath)
  } catch (thrown) {
    throw withPlace(thrown, { file: configPath })
  }
}

class Builder {
  readonly #configuration: ComposeConfiguration
  readonly #folder: string
  readonly #cwd: string
  readonly #parts = new Map<string, ComponentFile>()
  /** By the name of the dependency. */
  readonly #components = new Map<string, { readonly package: string; readonly file: ComponentFile } | undefined>()
  /** By the name of the instance in the file. */
  readonly #instances = new Map<string, { readonly id: InstanceId; readonly file: ComponentFile }>()
  #graph: CompositionGraph = emptyGraph

  constructor(configuration: ComposeConfiguration, folder: string, cwd: string) {
    this.#configuration = configuration
    this.#folder = folder
    this.#cwd = cwd
  }

  async build(rootPath: string): Promise<Configured> {
    const root = await readCode(rootPath, this.#cwd)
    const definitions: { readonly name: string; readonly file: ComponentFile }[] = []
    for (const each of this.#configuration.definitions)
      definitions.push({ name: `definition ${each}`, file: await readCode(this.#place(each), this.#cwd) })
    this.#instantiate('root', 'root', root)
    const queue = ['root']
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const taker = this.#instances.get(name)
      if (!taker) continue
      const given = this.#configuration.instantiations[name]?.arguments ?? {}
      const { imports } = taker.file.decoded.type
      for (const each of Object.keys(given))
        if (!imports.has(each)) throw unknownImport(taker.file, each, imports.keys())
      for (const [imported, extern] of imports) {
        if (extern.kind !== 'instance') continue
        const definition = definitions.find(({ file }) => file.decoded.type.exports.get(imported)?.kind === 'instance')
        if (definition) {
          const source =
            this.#instances.get(definition.name) ??
            this.#instantiate(definition.name, definition.file.name, definition.file)
          this.#connect(taker.id, imported, source.id, [imported])
          continue
        }
        const wanted: Argument = given[imported] ?? { instance: imported }
        const known = this.#instances.get(wanted.instance)
        const provider = known ?? (await this.#provide(wanted.instance, imported))
        if (!provider) {
          if (wanted.export === undefined) continue
          throw fail(
            'graph.unknown-export',
            `no component was found for "${wanted.instance}", and "${wanted.export}" of it is asked for`,
            {
              hint: 'Name its file under `dependencies`.',
            },
          )
        }
        this.#connect(
          taker.id,
          imported,
          provider.id,
          this.#path(taker.id, imported, extern.type, provider, wanted.export),
        )
        if (!known) queue.push(wanted.instance)
      }
    }
    if (this.#instances.size === 1)
      throw fail('graph.nothing-plugged', `nothing was found for the imports of ${rootPath}`, {
        hint: `It imports ${[...root.decoded.type.imports.keys()].join(', ') || 'nothing'}.`,
      })
    const id = this.#instances.get('root')?.id ?? 'root'
    for (const name of root.decoded.type.exports.keys())
      this.#graph = addExport(this.#graph, name, { kind: 'instance', instance: id, path: [name] })
    return { graph: this.#graph, parts: this.#parts, configuration: this.#configuration }
  }

  #place(path: string): string {
    return isAbsolute(path) ? path : join(this.#folder, path)
  }

  #instantiate(name: string, dependency: string, file: ComponentFile) {
    this.#parts.set(file.hash, file)
    this.#graph = setPackage(this.#graph, dependency, {
      name: `dependency:${basename(file.path, extname(file.path))
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')}`,
      hash: file.hash,
    })
    const added = addInstance(this.#graph, dependency, name.replace(/^definition .*\//, ''))
    this.#graph = added.graph
    const instance = { id: added.instance, file }
    this.#instances.set(name, instance)
    return instance
  }

  /** An instance of what the file names, or of what is found by name. Throws where imports are not allowed. */
  async #provide(instance: string, imported: string) {
    const dependency = this.#configuration.instantiations[instance]?.dependency ?? instance
    if (!this.#components.has(dependency)) {
      const file = await this.#find(dependency)
      this.#components.set(dependency, file && { package: dependency, file })
    }
    const found = this.#components.get(dependency)
    if (found) return this.#instantiate(instance, found.package, found.file)
    if (this.#configuration['disallow-imports'])
      throw fail('graph.missing', `nothing was found for "${imported}", and imports are not allowed`, {
        hint: `Name the file of "${dependency}" under \`dependencies\`, or drop \`disallow-imports\`.`,
      })
    return undefined
  }

  async #find(name: string): Promise<ComponentFile | undefined> {
    const explicit = this.#configuration.dependencies[name]
    if (explicit !== undefined) return readCode(this.#place(explicit), this.#cwd)
    // The last suffix of the name gives way to the ending: `add@0.1.0` is looked for as `add@0.1.wasm`.
    const stem = name.slice(0, name.length - extname(name).length)
    for (const folder of ['.', ...this.#configuration['search-paths']]) {
      for (const ending of ['wasm', 'wat']) {
        const file = join(this.#place(folder), `${stem}.${ending}`)
        if (
          await stat(file).then(
            (about) => about.isFile(),
            () => false,
          )
        )
          return readCode(file, this.#cwd)
      }
    }
    return undefined
  }

  /** Which export of the provider is meant; none is the provider as a whole. */
  #path(
    taker: InstanceId,
    imported: string,
    wanted: InstanceType,
    provider: { readonly id: InstanceId; readonly file: ComponentFile },
    named: string | undefined,
  ): readonly string[] {
    const { exports } = provider.file.decoded.type
    if (named !== undefined) {
      if (exports.has(named)) return [named]
      const meant = nearest(named, exports.keys())
      throw fail('graph.unknown-export', `${provider.file.path} has no export "${named}"`, {
        hint: meant === undefined ? `It exports ${[...exports.keys()].join(', ')}.` : `Did you mean "${meant}"?`,
      })
    }
    if (exports.has(imported)) return [imported]
    if ([...wanted.exports.keys()].every((name) => exports.has(name))) return []
    const decodedOf = (hash: string) => this.#parts.get(hash)?.decoded
    const plan = planComposition(this.#graph, decodedOf)
    const verdicts = verdictsTo({ graph: this.#graph, plan, decodedOf }, { instance: taker, name: imported })
    for (const name of exports.keys()) {
      const fits = verdicts.get(argumentKey(provider.id, name))?.fits
      if (fits !== undefined && fits !== 'no') return [name]
    }
    throw fail('graph.mismatch', `nothing that ${provider.file.path} exports fits the import "${imported}"`, {
      hint: `It exports ${[...exports.keys()].join(', ') || 'nothing'}.`,
    })
  }

  #connect(instance: InstanceId, name: string, from: InstanceId, path: readonly string[]): void {
    this.#graph = connect(this.#graph, instance, name, { kind: 'instance', instance: from, path })
  }
}

function unknownImport(file: ComponentFile, name: string, imports: Iterable<string>) {
  const all = [...imports]
  const meant = nearest(name, all)
  return fail('graph.unknown-import', `${file.path} has no import "${name}"`, {
    hint: meant === undefined ? `It imports ${all.join(', ') || 'nothing'}.` : `Did you mean "${meant}"?`,
  })
}
