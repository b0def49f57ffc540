import { join, resolve } from 'node:path'
import { impactOf, impactOfReplacing } from '../../src-engine/compose/impact.ts'
import { fail } from '../../src-engine/error.ts'
import { compareComponents, compareInterfaces, compareWorlds, type ItemChange } from '../../src-engine/wit/changes.ts'
import { fromProject } from './compose.ts'
import type { Verb } from './verb.ts'
import { readWitSource, type WitSource } from './wit-source.ts'

export const wit: Verb = {
  name: 'wit',
  usage: 'diff OLD NEW [--project DIR]',
  examples: ['patchbay wit diff old.wasm new.wasm', 'patchbay wit diff wit-1.0 wit-1.1 --project my-project'],
  positionals: { min: 3, max: 3 },
  options: {
    project: { type: 'string', value: 'DIR', description: 'also tell which instances of this project break, and why' },
  },
  details: [
    'OLD and NEW are .wit files, folders of them, or components.',
    'The consumer calls an item, the provider implements it. Exit code 1 when something breaks one of them,',
    'or with --project when something breaks an instance of that project.',
  ],
  async run({ arguments: given, output, cwd }) {
    const [action = '', before = '', after = ''] = given.positionals
    if (action !== 'diff')
      throw fail('usage.arguments', `wit: unknown action "${action}"`, { hint: 'usage: patchbay wit diff OLD NEW' })
    const project = given.text('project')
    const [old, now] = [await readWitSource(before, cwd), await readWitSource(after, cwd)]
    const changes = compareSources(old, now)
    const breaking = changes.some(({ consumer, provider }) => consumer === 'breaking' || provider === 'breaking')
    const impacts = project === undefined ? undefined : await impactOnProject(resolve(cwd, project), old, now)
    output.object({ breaking, changes, ...(impacts ? { impacts } : {}) })
    if (changes.length === 0) output.line('no change')
    for (const change of changes) for (const line of describe(change)) output.line(line)
    if (!impacts) return breaking ? 1 : 0
    output.line()
    output.line(impacts.length === 0 ? 'nothing in the project breaks' : 'breaks in the project:')
    for (const { instance, side, name, reason, hint } of impacts) {
      const does = side === undefined ? ' › ' : side === 'consumer' ? ' imports ' : ' exports '
      output.line(`  ${instance}${name === undefined ? '' : does + name}: ${reason}`)
      if (hint !== undefined) output.line(`    ${hint}`)
    }
    return impacts.length === 0 ? 0 : 1
  },
}

interface ProjectImpact {
  readonly instance: string
  readonly side?: 'consumer' | 'provider'
  readonly name?: string
  readonly reason: string
  readonly hint?: string
  readonly wires?: readonly string[]
}

/** What breaks in a project: by its interfaces, or by the component that is replaced. */
async function impactOnProject(folder: string, old: WitSource, now: WitSource): Promise<readonly ProjectImpact[]> {
  const { graph, parts } = await fromProject(join(folder, 'patchbay.json'))
  if (!old.component || !now.component) return impactOf(old.whole, now.whole, graph, (hash) => parts.get(hash)?.decoded)
  const files = new Map([...parts, [old.component.hash, old.component], [now.component.hash, now.component]])
  if (!Object.values(graph.packages).some(({ hash }) => hash === old.component?.hash)) {
    throw fail('usage.project', `no component of the project has the content of ${old.component.path}`, {
      hint: 'OLD is the file as the project has it now.',
    })
  }
  const decodedOf = (hash: string) => files.get(hash)?.decoded
  return impactOfReplacing(old.component.hash, now.component.hash, graph, decodedOf).breaks.map(
    ({ instance, import: wanted, export: given, message, hint }) => ({
      instance: instance ?? 'the composition',
      ...((wanted ?? given) === undefined ? {} : { name: wanted ?? given }),
      reason: message,
      ...(hint === undefined ? {} : { hint }),
    }),
  )
}

function compareSources(before: WitSource, after: WitSource): ItemChange[] {
  const changes: ItemChange[] = []
  const both = <Item>(
    what: string,
    old: ReadonlyMap<string, Item>,
    now: ReadonlyMap<string, Item>,
    compare: (old: Item, now: Item) => ItemChange[],
  ) => {
    for (const [name, item] of old) {
      const next = now.get(name)
      if (next)
        changes.push(
          ...compare(item, next).map((change) => ({ ...change, path: [`${what} "${name}"`, ...change.path] })),
        )
      else
        changes.push({
          kind: 'removed',
          path: [`${what} "${name}"`],
          consumer: 'breaking',
          provider: 'breaking',
          reason: 'whoever names it no longer finds it',
        })
    }
    for (const name of now.keys())
      if (!old.has(name))
        changes.push({
          kind: 'added',
          path: [`${what} "${name}"`],
          consumer: 'safe',
          provider: 'safe',
          reason: 'nothing that exists names it',
        })
  }
  both('interface', before.interfaces, after.interfaces, (old, now) => compareInterfaces(old, now))
  // Two builds of a component, or what two texts say of worlds.
  const compare = before.component && after.component ? compareComponents : compareWorlds
  both('world', before.worlds, after.worlds, (old, now) => compare(old, now).filter((change) => !isRepeated(change)))
  return changes

  /** What changed inside an interface of the same package was told there already. */
  function isRepeated(change: ItemChange): boolean {
    const name = /"[^"]*\/([^"@]+)(?:@[^"]*)?"/.exec(change.path[0] ?? '')?.[1]
    return change.path.length > 1 && name !== undefined && before.interfaces.has(name)
  }
}

function describe({ kind, path, before, after, consumer, provider, reason }: ItemChange): string[] {
  const sign = { added: '+', removed: '-', changed: '~', version: '^' }[kind]
  const effect = consumer === provider ? `${consumer}` : `consumer ${consumer}, provider ${provider}`
  const lines = [`${sign} ${path.join(' › ')}  [${effect}]`]
  if (before !== undefined && after !== undefined) lines.push(`    ${before}`, `  → ${after}`)
  else if ((before ?? after) !== undefined) lines.push(`    ${before ?? after ?? ''}`)
  return [...lines, `    ${reason}`]
}
