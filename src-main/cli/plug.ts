import { basename, extname } from 'node:path'
import { kebab } from '../../src-engine/compose/edit.ts'
import { plugGraph, type Part, type PlugDecision } from '../../src-engine/compose/plug.ts'
import { fail } from '../../src-engine/error.ts'
import { readCode, type ComponentFile } from './component-file.ts'
import { expandPaths } from './glob.ts'
import { composeTo, outputOptions } from './compose-output.ts'
import type { Verb } from './verb.ts'

export const plug: Verb = {
  name: 'plug',
  usage: 'SOCKET --plug FILE… [-o OUT]',
  examples: ["patchbay plug handler.wasm --plug store.wasm --plug 'plugs/*.wasm' -o service.wasm"],
  positionals: { min: 1 },
  options: {
    plug: {
      type: 'string',
      value: 'FILE',
      description: 'a component whose exports satisfy imports of the socket; a pattern names several; repeatable',
    },
    ...outputOptions,
  },
  details: [
    'As wac plug: the result exports what the socket exports; what the plugs import becomes an import of the result.',
  ],
  async run(context) {
    const { arguments: given, output, cwd } = context
    const [socketPath = '', ...behind] = given.positionals
    // `--plug a.wasm b.wasm` names two, as with wac.
    const plugPaths = (await expandPaths([...given.list('plug'), ...behind], cwd)).filter((path) => path !== socketPath)
    if (plugPaths.length === 0)
      throw fail('usage.arguments', 'plug: there is nothing to plug', { hint: 'Name components with --plug FILE.' })
    const socket = await readCode(socketPath, cwd)
    const plugs = await Promise.all(plugPaths.map((path) => readCode(path, cwd)))
    const files = new Map([socket, ...plugs].map((file) => [file.hash, file]))
    const { graph, decisions, plugOf } = plugGraph(
      partOf(socket),
      plugs.map(partOf),
      (hash) => files.get(hash)?.decoded,
    )
    const pathOf = (instance: string) => files.get(plugOf.get(instance)?.package.hash ?? '')?.path ?? instance
    const told = decisions.map(({ import: name, decision }) => ({
      import: name,
      ...decision,
      reason: reasonOf(decision, pathOf),
    }))
    for (const each of told) output.note(`${each.kind === 'plugged' ? '✓' : '–'} ${each.import}: ${each.reason}`)
    const idle = plugs.filter(({ hash }) => !Object.values(graph.packages).some((each) => each.hash === hash))
    for (const { path } of idle) output.note(`– ${path}: nothing of it was plugged`)
    if (!told.some((each) => each.kind === 'plugged')) {
      const refusal = told.find((each) => each.kind === 'refused' || each.kind === 'ambiguous')
      const hint = refusal
        ? `${refusal.import} was ${refusal.reason}`
        : `It imports ${told.map((each) => each.import).join(', ') || 'nothing'}.`
      throw fail('graph.nothing-plugged', `none of the plugs fits an import of ${socketPath}`, { hint })
    }
    return composeTo(context, graph, files, `${basename(socketPath, extname(socketPath))}.plugged.wasm`, {
      decisions: told,
      unused: idle.map(({ path }) => path),
    })
  },
}

function partOf(file: ComponentFile): Part {
  const id = kebab(file.name)
  return { id, package: { name: `plug:${id}`, hash: file.hash } }
}

function reasonOf(decision: PlugDecision, pathOf: (instance: string) => string): string {
  switch (decision.kind) {
    case 'plugged':
      return `plugged by ${pathOf(decision.by)}${decision.sentence === undefined ? '' : ` (${decision.sentence})`}`
    case 'left':
      return decision.host ? 'left to the host' : 'no plug exports it'
    case 'refused':
      return `refused: ${pathOf(decision.by)} does not fit: ${decision.sentence}${decision.hint === undefined ? '' : ` ${decision.hint}`}`
    case 'ambiguous':
      return `left open: ${decision.by.map(pathOf).join(' and ')} would both do; name one of them`
  }
}
