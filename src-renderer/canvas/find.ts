import type { CanvasModel, InstanceModel } from './model.ts'

/** What can be asked besides plain words. */
export const filters = ['is:unsatisfied', 'is:unused', 'is:broken', 'imports:', 'exports:', 'package:'] as const

/**
 * Instances that match every word: plain words are looked for in names, packages and ports; `is:unsatisfied` has an open
 * import, `is:unused` gives nothing to anybody, `is:broken` has a problem, `imports:` and `exports:` look at ports only,
 * `package:` at the component and the packages its ports come from.
 */
export function findInstances(model: CanvasModel, query: string): readonly string[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  return model.instances.filter((instance) => words.every((word) => matches(instance, word))).map(({ id }) => id)
}

function matches(instance: InstanceModel, word: string): boolean {
  const imports = [...instance.inputs, ...instance.hostInputs]
  if (word === 'is:unsatisfied') return instance.inputs.some((port) => !port.wired)
  if (word === 'is:unused') return instance.outputs.every((port) => !port.wired)
  if (word === 'is:broken')
    return (
      instance.state === 'missing' ||
      instance.problems.length > 0 ||
      [...imports, ...instance.outputs].some((port) => port.problem !== undefined)
    )
  if (word.startsWith('imports:')) return imports.some((port) => port.name.toLowerCase().includes(word.slice(8)))
  if (word.startsWith('exports:'))
    return instance.outputs.some((port) => port.name.toLowerCase().includes(word.slice(8)))
  if (word.startsWith('package:')) {
    const wanted = word.slice(8)
    const packages = [
      instance.packageName,
      instance.package,
      ...[...imports, ...instance.outputs].map((port) => port.origin),
    ]
    return packages.some((name) => name.toLowerCase().includes(wanted))
  }
  const text = [
    instance.id,
    instance.packageName,
    instance.purpose ?? '',
    ...imports.map(({ name }) => name),
    ...instance.outputs.map(({ name }) => name),
  ]
  return text.some((part) => part.toLowerCase().includes(word))
}
