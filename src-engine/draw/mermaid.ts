import { shortName } from '../types/names.ts'
import { type Diagram, importsPlaceKey } from './diagram.ts'

/** The parts of a diagram that a flowchart needs. */
export interface Flowchart {
  readonly instances: readonly { readonly id: string; readonly packageName: string }[]
  readonly wires: Diagram['wires']
  readonly exports: readonly string[]
  readonly imports: readonly string[]
}

/** The composition as a Mermaid flowchart, for READMEs and issues. */
export function mermaidOf(diagram: Flowchart): string {
  const ids = new Map(diagram.instances.map(({ id }, index) => [id, `n${index}`]))
  ids.set(importsPlaceKey, 'outside')
  const lines = ['flowchart LR']
  if (diagram.imports.length > 0) lines.push('  outside(["World imports"])')
  for (const { id, packageName } of diagram.instances)
    lines.push(`  ${ids.get(id)}["${quoted(packageName === id ? id : `${id} (${packageName})`)}"]`)
  if (diagram.exports.length > 0) lines.push('  world(["World exports"])')
  for (const { from, to } of diagram.wires) {
    const target = to.instance === undefined ? 'world' : ids.get(to.instance)
    lines.push(`  ${ids.get(from.instance)} -- "${quoted(shortName(to.name))}" --> ${target}`)
  }
  return `${lines.join('\n')}\n`
}

function quoted(text: string): string {
  return text.replaceAll('"', '#quot;')
}
