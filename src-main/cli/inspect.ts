import { resolve } from 'node:path'
import { withPlace } from '../../src-engine/error.ts'
import { decode } from '../../src-engine/binary/decode.ts'
import { identify } from '../../src-engine/binary/identify.ts'
import { embeddedWorlds, summarize, type FileSummary, type WorldItem } from '../../src-engine/inspect.ts'
import { printPackage, printWorld } from '../../src-engine/wit/print.ts'
import { readWhole } from '../project/files.ts'
import { printBytes, type Verb } from './verb.ts'

export const inspect: Verb = {
  name: 'inspect',
  usage: 'FILE [--json|--wit|--wat]',
  examples: ['patchbay inspect handler.wasm', 'patchbay inspect handler.wasm --wit'],
  positionals: { min: 1, max: 1 },
  options: {
    wit: { type: 'boolean', description: 'print the WIT of the component, or of the world inside a core module' },
    wat: { type: 'boolean', description: 'print the text format' },
  },
  async run({ arguments: given, output, cwd }) {
    const [path = ''] = given.positionals
    const bytes = await readWhole(resolve(cwd, path))
    try {
      if (given.flag('wit')) output.line(witOf(bytes).trimEnd())
      else if (given.flag('wat')) output.line(await textOf(bytes))
      else {
        const summary = summarize(bytes)
        output.object(summary)
        if (!output.json) for (const line of describe(path, summary)) output.line(line)
      }
      return 0
    } catch (thrown) {
      throw withPlace(thrown, { file: path })
    }
  },
}

function witOf(bytes: Uint8Array): string {
  const worlds = identify(bytes).kind === 'module' ? embeddedWorlds(bytes) : []
  if (worlds.length > 0) return worlds.map(({ declarations }) => printPackage(declarations)).join('\n')
  const { type, witPackage, declarations } = decode(bytes)
  return witPackage ? printPackage(declarations) : printWorld(type)
}

async function textOf(bytes: Uint8Array): Promise<string> {
  const { createTools } = await import('../tools/tools.ts')
  const tools = createTools()
  try {
    return (await tools.printWat(bytes)).trimEnd()
  } finally {
    await tools.dispose()
  }
}

function describe(path: string, summary: FileSummary): string[] {
  const kinds = { component: 'component', module: 'core module (not a component)', wit: 'WIT package (no code)' }
  const lines = [`${path}: ${kinds[summary.kind]}, ${printBytes(summary.size)}`]
  if (summary.runnable.http !== null)
    lines.push(`runs as an HTTP handler (WASI ${summary.runnable.http}): patchbay run ${path}`)
  if (summary.runnable.command) lines.push(`runs as a command: patchbay exec ${path}`)
  for (const { name, strings } of summary.madeFor ?? [])
    lines.push(`made for the world ${name} (strings in ${strings}): a component once it is wrapped, see --wit`)
  if (summary.features.length > 0) lines.push(`needs of a host: ${summary.features.join(', ')}`)
  for (const [field, tools] of Object.entries(summary.producers))
    lines.push(
      `${field}: ${Object.entries(tools)
        .map(([tool, version]) => `${tool} ${version}`.trim())
        .join(', ')}`,
    )
  for (const [field, text] of Object.entries(summary.metadata)) lines.push(`${field}: ${text}`)
  lines.push(...listItems('imports', summary.world.imports), ...listItems('exports', summary.world.exports))
  return lines
}

function listItems(title: string, items: readonly WorldItem[]): string[] {
  if (items.length === 0) return ['', `${title}: none`]
  const lines = ['', `${title}:`]
  for (const { name, type, functions } of items) {
    lines.push(`  ${name}${type === undefined ? '' : `: ${type}`}`)
    for (const [inner, signature] of Object.entries(functions ?? {})) lines.push(`    ${inner}: ${signature}`)
  }
  return lines
}
