import { shortName } from '../../src-engine/types/names.ts'
import type { CanvasModel } from './model.ts'

/** The composition as a Mermaid flowchart, for READMEs and issues. */
export function mermaidOf(model: CanvasModel): string {
  const ids = new Map(model.instances.map(({ id }, index) => [id, `n${index}`]))
  const lines = ['flowchart LR']
  for (const { id, packageName } of model.instances)
    lines.push(`  ${ids.get(id)}["${quoted(packageName === id ? id : `${id} (${packageName})`)}"]`)
  if (model.exports.length > 0) lines.push('  world(["World exports"])')
  for (const { from, to } of model.wires) {
    const target = to.instance === undefined ? 'world' : ids.get(to.instance)
    lines.push(`  ${ids.get(from.instance)} -- "${quoted(shortName(to.name))}" --> ${target}`)
  }
  return `${lines.join('\n')}\n`
}

function quoted(text: string): string {
  return text.replaceAll('"', '#quot;')
}
