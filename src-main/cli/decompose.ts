import { basename, join, resolve } from 'node:path'
import { decode } from '../../src-engine/binary/decode.ts'
import { decompose as takeApart } from '../../src-engine/compose/decompose.ts'
import { withPlace } from '../../src-engine/error.ts'
import { sha256 } from '../project/contents.ts'
import { readWhole, writeWhole } from '../project/files.ts'
import { writeNewComposition } from '../project/take-apart.ts'
import { render } from './draw.ts'
import { printProblem, type Verb } from './verb.ts'

export const decompose: Verb = {
  name: 'decompose',
  usage: 'FILE [--wac|--mermaid|--svg] [--out DIR] [--project DIR]',
  examples: ['patchbay decompose app.wasm', 'patchbay decompose app.wasm --wac --out deps > app.wac'],
  positionals: { min: 1, max: 1 },
  options: {
    wac: { type: 'boolean', description: 'print a .wac script instead of the list' },
    mermaid: { type: 'boolean', description: 'print a Mermaid flowchart' },
    svg: { type: 'boolean', description: 'print an SVG picture' },
    project: { type: 'string', value: 'DIR', description: 'write a project with the graph and its components' },
    out: { type: 'string', value: 'DIR', description: 'write the components inside as DIR/<namespace>/<name>.wasm' },
  },
  async run({ arguments: given, output, cwd }) {
    const [path = ''] = given.positionals
    const bytes = await readWhole(resolve(cwd, path))
    try {
      const composition = takeApart(bytes, sha256)
      const { graph, packages, problems } = composition
      const project = given.text('project')
      if (project !== undefined) await writeNewComposition(resolve(cwd, project), basename(path, '.wasm'), composition)
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
      const format = (['wac', 'mermaid', 'svg'] as const).find((one) => given.flag(one))
      if (format !== undefined) {
        const typeOf = (hash: string) => {
          const part = packages.get(hash)
          return part && decode(part).type
        }
        output.line(render({ title: basename(path), graph, typeOf, positions: {} }, format, 'light').trimEnd())
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

function printSource(
  source:
    | { readonly kind: 'instance'; readonly instance: string; readonly path: readonly string[] }
    | { readonly kind: 'import'; readonly import: string; readonly path: readonly string[] },
): string {
  return [source.kind === 'instance' ? source.instance : `import ${source.import}`, ...source.path].join(' › ')
}
