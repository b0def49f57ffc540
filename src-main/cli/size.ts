import { resolve } from 'node:path'
import { withPlace } from '../../src-engine/error.ts'
import { sizeTree, type SizeNode } from '../../src-engine/size/tree.ts'
import { readWhole } from '../project/files.ts'
import { printBytes, type Verb } from './verb.ts'

export const size: Verb = {
  name: 'size',
  usage: 'FILE [--depth N] [--json]',
  examples: ['patchbay size handler.wasm'],
  positionals: { min: 1, max: 1 },
  options: {
    depth: { type: 'string', value: 'N', description: 'how deep to list; default 3' },
    top: { type: 'string', value: 'N', description: 'how many of the largest items of each part; default 12' },
  },
  async run({ arguments: given, output, cwd }) {
    const [path = ''] = given.positionals
    const depth = given.number('depth', { min: 1, max: 100, integer: true }) ?? 3
    const top = given.number('top', { min: 1, integer: true }) ?? 12
    const bytes = await readWhole(resolve(cwd, path))
    try {
      const root = sizeTree(bytes)
      output.object(root)
      if (!output.json) for (const line of list(root, root.size, depth, top, '')) output.line(line)
      return 0
    } catch (thrown) {
      throw withPlace(thrown, { file: path })
    }
  },
}

function list(node: SizeNode, total: number, depth: number, top: number, indent: string): string[] {
  const share = ((node.size / Math.max(1, total)) * 100).toFixed(1).padStart(5)
  const lines = [`${printBytes(node.size).padStart(9)} ${share} %  ${indent}${node.name}`]
  if (depth === 0 || !node.children) return lines
  const sorted = [...node.children].sort((left, right) => right.size - left.size)
  for (const child of sorted.slice(0, top)) lines.push(...list(child, total, depth - 1, top, `${indent}  `))
  const rest = sorted.slice(top)
  if (rest.length > 0)
    lines.push(
      `${printBytes(rest.reduce((sum, child) => sum + child.size, 0)).padStart(9)}          ${indent}  ${rest.length} more`,
    )
  return lines
}
