import { fail } from '../../src-engine/error.ts'
import { compareInterfaces, compareWorlds, type ItemChange } from '../../src-engine/wit/changes.ts'
import type { Verb } from './verb.ts'
import { readWitSource, type WitSource } from './wit-source.ts'

export const wit: Verb = {
  name: 'wit',
  usage: 'diff OLD NEW',
  examples: ['patchbay wit diff old.wasm new.wasm'],
  positionals: { min: 3, max: 3 },
  options: {},
  details: [
    'OLD and NEW are .wit files, folders of them, or components.',
    'The consumer calls an item, the provider implements it. Exit code 1 when something breaks one of them.',
  ],
  async run({ arguments: given, output, cwd }) {
    const [action = '', before = '', after = ''] = given.positionals
    if (action !== 'diff')
      throw fail('usage.arguments', `wit: unknown action "${action}"`, { hint: 'usage: patchbay wit diff OLD NEW' })
    const changes = compareSources(await readWitSource(before, cwd), await readWitSource(after, cwd))
    const breaking = changes.some(({ consumer, provider }) => consumer === 'breaking' || provider === 'breaking')
    output.object({ breaking, changes })
    if (changes.length === 0) output.line('no change')
    for (const change of changes) for (const line of describe(change)) output.line(line)
    return breaking ? 1 : 0
  },
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
  both('world', before.worlds, after.worlds, (old, now) =>
    compareWorlds(old, now).filter((change) => !isRepeated(change)),
  )
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
