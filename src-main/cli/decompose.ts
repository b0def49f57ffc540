import { join, resolve } from 'node:path'
import { decode } from '../../src-engine/binary/decode.ts'
import { decompose as takeApart } from '../../src-engine/compose/decompose.ts'
import { withPlace } from '../../src-engine/error.ts'
import type { Extern } from '../../src-engine/types/graph.ts'
import { printWac } from '../../src-engine/wac/print.ts'
import { printInterface } from '../../src-engine/wit/print.ts'
import { printFunction } from '../../src-engine/wit/print-types.ts'
import { sha256 } from '../project/contents.ts'
import { readWhole, writeWhole } from '../project/files.ts'
import { printProblem, type Verb } from './verb.ts'

export const decompose: Verb = {
  name: 'decompose',
  summary: 'the graph inside a composed component',
  usage: 'FILE [--wac] [--out DIR]',
  positionals: { min: 1, max: 1 },
  options: {
    wac: { type: 'boolean', description: 'print a .wac script instead of the list' },
    out: { type: 'string', value: 'DIR', description: 'write the components inside as DIR/<namespace>/<name>.wasm' },
  },
  async run({ arguments: given, output, cwd }) {
    const [path = ''] = given.positionals
    const bytes = await readWhole(resolve(cwd, path))
    try {
      const { graph, packages, problems } = takeApart(bytes, sha256)
      const folder = given.text('out')
      if (folder !== undefined) {
        for (const { name, hash } of Object.values(graph.packages)) {
          const part = packages.get(hash)
          if (part) await writeWhole(`${join(resolve(cwd, folder), ...name.split(':'))}.wasm`, part)
        }
      }
      output.object({ graph, problems })
      for (const problem of problems) output.note(printProblem(problem))
      if (output.json) return 0
      if (given.flag('wac')) {
        const typeOf = (hash: string) => {
          const part = packages.get(hash)
          return part && decode(part).type
        }
        output.line(printWac(graph, typeOf, printImportType).trimEnd())
        return 0
      }
      for (const [id, { package: packageId }] of Object.entries(graph.instances))
        output.line(`${id}: ${graph.packages[packageId]?.name ?? packageId}`)
      for (const { instance, name, source } of Object.values(graph.arguments))
        output.line(`  ${instance} ‹ ${name} ← ${printSource(source)}`)
      for (const [name, { source }] of Object.entries(graph.exports))
        output.line(`  export ${name} ← ${printSource(source)}`)
      return 0
    } catch (thrown) {
      throw withPlace(thrown, { file: path })
    }
  },
}

/** The type of an import as WAC writes it: interfaces by their name, everything else spelled out. */
function printImportType(name: string, extern: Extern | undefined): string {
  if (extern?.kind === 'function') return printFunction(extern.type)
  if (extern?.kind === 'instance' && !name.includes('/'))
    return printInterface('inline', extern.type).replace(/^interface inline/, 'interface')
  return name
}

function printSource(
  source:
    | { readonly kind: 'instance'; readonly instance: string; readonly path: readonly string[] }
    | { readonly kind: 'import'; readonly import: string; readonly path: readonly string[] },
): string {
  return [source.kind === 'instance' ? source.instance : `import ${source.import}`, ...source.path].join(' › ')
}
