import { basename, extname } from 'node:path'
import { addExport, connect } from '../../src-engine/compose/edit.ts'
import { emptyGraph, type CompositionGraph } from '../../src-engine/compose/graph.ts'
import { kebab } from '../../src-engine/compose/edit.ts'
import { checkImports, type ImportVerdict } from './check.ts'
import { readComponent, type ComponentFile } from './component-file.ts'
import { composeTo, outputOptions } from './compose-output.ts'
import type { Verb } from './verb.ts'
import { fail } from '../../src-engine/error.ts'

/** What became of one import of the socket. */
interface Decision {
  readonly import: string
  readonly plug?: string
  readonly reason: string
}

export const plug: Verb = {
  name: 'plug',
  summary: "put plugs into a socket's imports; says for each import why it was or was not plugged",
  usage: 'SOCKET --plug FILE… [-o OUT]',
  positionals: { min: 1 },
  options: {
    plug: {
      type: 'string',
      value: 'FILE',
      description: 'a component whose exports satisfy imports of the socket; repeatable',
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
    const plugPaths = [...given.list('plug'), ...behind]
    if (plugPaths.length === 0)
      throw fail('usage.arguments', 'plug: there is nothing to plug', { hint: 'Name components with --plug FILE.' })
    const socket = await readComponent(socketPath, cwd)
    const plugs = await Promise.all(plugPaths.map((path) => readComponent(path, cwd)))
    const { graph, decisions } = decide(socket, plugs)
    for (const each of decisions) output.note(`${each.plug === undefined ? '–' : '✓'} ${each.import}: ${each.reason}`)
    if (!decisions.some((each) => each.plug !== undefined)) {
      const refusal = decisions.find((each) => each.reason.startsWith('refused'))
      throw fail('graph.nothing-plugged', `none of the plugs fits an import of ${socketPath}`, {
        hint: refusal
          ? `${refusal.import} was ${refusal.reason}`
          : `It imports ${decisions.map((each) => each.import).join(', ') || 'nothing'}.`,
      })
    }
    const parts = new Map([socket, ...plugs].map((file) => [file.hash, file]))
    return composeTo(context, graph, parts, `${basename(socketPath, extname(socketPath))}.plugged.wasm`, { decisions })
  },
}

function decide(
  socket: ComponentFile,
  plugs: readonly ComponentFile[],
): { readonly graph: CompositionGraph; readonly decisions: Decision[] } {
  const ids = uniqueIds(['socket', ...plugs.map((file) => kebab(file.name))])
  const idOf = (index: number) => ids[index] ?? `plug-${index}`
  let graph: CompositionGraph = {
    ...emptyGraph,
    packages: { socket: { name: `local:${kebab(socket.name)}`, hash: socket.hash } },
    instances: { socket: { package: 'socket' } },
  }
  const verdicts = plugs.map((file) => checkImports(socket, file))
  const decisions: Decision[] = []
  for (const name of socket.decoded.type.imports.keys()) {
    const offers = verdicts.map((list, index) => ({ index, verdict: list.find((each) => each.import === name) }))
    const taken = offers.find(({ verdict }) => verdict?.fits)
    if (!taken?.verdict) {
      decisions.push({
        import: name,
        reason: refusalOf(
          offers.map(({ verdict }) => verdict),
          plugs,
        ),
      })
      continue
    }
    const id = idOf(taken.index + 1)
    const file = plugs[taken.index]
    if (file)
      graph = {
        ...graph,
        packages: { ...graph.packages, [id]: { name: `plug:${id}`, hash: file.hash } },
        instances: { ...graph.instances, [id]: { package: id } },
      }
    const from = taken.verdict.export ?? name
    graph = connect(graph, 'socket', name, { kind: 'instance', instance: id, path: [from] })
    decisions.push({
      import: name,
      plug: file?.path ?? id,
      reason: from === name ? `plugged by ${file?.path ?? id}` : `plugged by ${file?.path ?? id} (${from})`,
    })
  }
  for (const name of socket.decoded.type.exports.keys())
    graph = addExport(graph, name, { kind: 'instance', instance: 'socket', path: [name] })
  return { graph, decisions }
}

function uniqueIds(names: readonly string[]): string[] {
  const ids: string[] = []
  for (const name of names) {
    let id = name
    for (let count = 2; ids.includes(id); count++) id = `${name}-${count}`
    ids.push(id)
  }
  return ids
}

function refusalOf(verdicts: readonly (ImportVerdict | undefined)[], plugs: readonly ComponentFile[]): string {
  const index = verdicts.findIndex((verdict) => verdict?.export !== undefined)
  const refused = verdicts[index]
  if (refused) return `refused ${plugs[index]?.path ?? ''}: ${refused.reason ?? 'it does not fit'}`
  if (verdicts.some((verdict) => verdict?.from === 'host')) return 'left to the host'
  const hint = verdicts.find((verdict) => verdict?.hint !== undefined)?.hint
  return `no plug exports it${hint === undefined ? '' : `. ${hint}`}`
}
