import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { decode } from '../../src-engine/binary/decode.ts'
import { decompose as takeApart } from '../../src-engine/compose/decompose.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { diagramOf } from '../../src-engine/draw/diagram.ts'
import type { Point } from '../../src-engine/draw/geometry.ts'
import { mermaidOf } from '../../src-engine/draw/mermaid.ts'
import { svgOf, type SvgOptions } from '../../src-engine/draw/svg.ts'
import { fail, withPlace } from '../../src-engine/error.ts'
import type { ComponentType } from '../../src-engine/types/graph.ts'
import { printWac } from '../../src-engine/wac/print.ts'
import { printImportType } from '../../src-engine/wac/import-type.ts'
import { sha256 } from '../project/contents.ts'
import { parseDocument } from '../project/document.ts'
import { readWhole, unreadable, writeWhole } from '../project/files.ts'
import { fromProject } from './compose.ts'
import { printProblem, type Verb, type VerbOutput } from './verb.ts'

const formats = ['svg', 'mermaid', 'wac'] as const
type Format = (typeof formats)[number]

export const draw: Verb = {
  name: 'draw',
  usage: '[PROJECT|FILE.wasm] [--format svg|mermaid|wac] [--dark] [-o OUT]',
  examples: ['patchbay draw my-project > composition.svg'],
  positionals: { max: 1 },
  options: {
    format: { type: 'string', short: 'f', value: 'FORMAT', description: 'svg (default), mermaid or wac' },
    dark: { type: 'boolean', description: 'light on dark, for svg' },
    output: { type: 'string', short: 'o', value: 'OUT', description: 'write to this file instead of stdout' },
  },
  details: [
    'PROJECT is a folder with patchbay.json, or that file; default: this folder. Nodes stand where the canvas has them.',
    'A composed component is taken apart and laid out.',
  ],
  async run({ arguments: given, output, cwd }) {
    const [path = '.'] = given.positionals
    const target = given.text('output')
    const format = formatOf(given.text('format'), target)
    const picture = await read(resolve(cwd, path), path, output)
    const text = render(picture, format, given.flag('dark') ? 'dark' : 'light')
    output.object({ format, text })
    if (target === undefined || target === '-') {
      if (!output.json) output.line(text.trimEnd())
      return 0
    }
    await writeWhole(resolve(cwd, target), new TextEncoder().encode(text))
    output.note(`wrote ${target}`)
    return 0
  },
}

function formatOf(asked: string | undefined, target: string | undefined): Format {
  const byName = { '.mmd': 'mermaid', '.mermaid': 'mermaid', '.wac': 'wac' } as const
  const extension = extname(target ?? '')
  const name = asked ?? (extension in byName ? byName[extension as keyof typeof byName] : 'svg')
  const found = formats.find((format) => format === name)
  if (found) return found
  throw fail('usage.format', `there is no format "${name}"`, { hint: `Choose one of ${formats.join(', ')}.` })
}

/** A composition with what is needed to draw it. */
export interface Picture {
  readonly title: string
  readonly graph: CompositionGraph
  readonly typeOf: (hash: string) => ComponentType | undefined
  readonly positions: Readonly<Record<string, Point>>
  readonly groups?: SvgOptions['groups']
  readonly notes?: SvgOptions['notes']
}

/** The picture of a graph in one of the formats. */
export function render(
  { title, graph, typeOf, positions, groups = [], notes = [] }: Picture,
  format: Format,
  theme: 'light' | 'dark',
): string {
  if (format === 'wac') return printWac(graph, typeOf, printImportType)
  const diagram = diagramOf(graph, typeOf)
  return format === 'mermaid' ? mermaidOf(diagram) : svgOf(diagram, { positions, groups, notes, theme, title }).svg
}

async function read(file: string, shown: string, output: VerbOutput): Promise<Picture> {
  const about = await stat(file).catch((thrown: unknown) => {
    throw unreadable(shown, thrown)
  })
  if (!about.isDirectory() && extname(file) !== '.json') return readComposed(file, shown, output)
  const project = about.isDirectory() ? join(file, 'patchbay.json') : file
  const text = await readFile(project, 'utf8').catch((thrown: unknown) => {
    throw unreadable(project, thrown)
  })
  const { document } = parseDocument(text, project)
  const { graph, parts } = await fromProject(project)
  return {
    title: document.name || basename(dirname(project)),
    graph,
    typeOf: (hash) => parts.get(hash)?.decoded.type,
    positions: document.view.positions,
    groups: Object.values(document.view.groups ?? {}),
    notes: Object.values(document.view.notes ?? {}),
  }
}

async function readComposed(file: string, shown: string, output: VerbOutput): Promise<Picture> {
  const bytes = await readWhole(file)
  try {
    const { graph, packages, problems } = takeApart(bytes, sha256)
    for (const problem of problems) output.note(printProblem(problem))
    const types = new Map([...packages].map(([hash, part]) => [hash, decode(part).type]))
    return { title: basename(file), graph, typeOf: (hash) => types.get(hash), positions: {} }
  } catch (thrown) {
    throw withPlace(thrown, { file: shown })
  }
}
