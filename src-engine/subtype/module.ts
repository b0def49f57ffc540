import type { CoreExternType, CoreModuleType } from '../types/graph.ts'

/** A difference between two core modules. */
export interface ModuleDifference {
  readonly step: string
  readonly expected: string
  readonly found: string
}

/** Can one core module stand for another? Imports are contravariant, exports covariant. (Core specification 4.5.4, "External subtyping".) */
export function checkModule(supply: CoreModuleType, demand: CoreModuleType): ModuleDifference[] {
  const differences: ModuleDifference[] = []
  for (const wanted of supply.imports) {
    const step = `import "${wanted.module}" "${wanted.name}"`
    const available = demand.imports.find((given) => given.module === wanted.module && given.name === wanted.name)
    if (!available) differences.push({ step, expected: 'no such import', found: describeCoreType(wanted.type) })
    else if (!fits(available.type, wanted.type))
      differences.push({ step, expected: describeCoreType(available.type), found: describeCoreType(wanted.type) })
  }
  for (const [name, wanted] of demand.exports) {
    const given = supply.exports.get(name)
    if (!given || !fits(given, wanted))
      differences.push({
        step: `export "${name}"`,
        expected: describeCoreType(wanted),
        found: given ? describeCoreType(given) : 'nothing',
      })
  }
  return differences
}

function fits(given: CoreExternType, wanted: CoreExternType): boolean {
  if (given.kind === 'func' && wanted.kind === 'func')
    return (given.text ?? describeCoreType(given)) === (wanted.text ?? describeCoreType(wanted))
  if (given.kind === 'global' && wanted.kind === 'global')
    return given.type === wanted.type && given.mutable === wanted.mutable
  if (given.kind === 'memory' && wanted.kind === 'memory')
    return given.shared === wanted.shared && given.is64 === wanted.is64 && within(given, wanted)
  if (given.kind === 'table' && wanted.kind === 'table')
    return given.element === wanted.element && given.is64 === wanted.is64 && within(given, wanted)
  return given.kind === 'tag' && wanted.kind === 'tag' && given.parameters.join() === wanted.parameters.join()
}

function within(
  given: { readonly minimum: bigint; readonly maximum?: bigint },
  wanted: { readonly minimum: bigint; readonly maximum?: bigint },
): boolean {
  if (given.minimum < wanted.minimum) return false
  return wanted.maximum === undefined || (given.maximum !== undefined && given.maximum <= wanted.maximum)
}

/** A core import or export in words: `func (i32 i32) -> (i32)`. */
export function describeCoreType(type: CoreExternType): string {
  switch (type.kind) {
    case 'func':
      return `func (${type.parameters.join(' ')}) -> (${type.results.join(' ')})`
    case 'global':
      return `global ${type.mutable ? 'mut ' : ''}${type.type}`
    case 'memory':
      return `memory ${type.minimum}${type.maximum === undefined ? '' : `..${type.maximum}`}`
    case 'table':
      return `table ${type.element} ${type.minimum}${type.maximum === undefined ? '' : `..${type.maximum}`}`
    case 'tag':
      return `tag (${type.parameters.join(' ')})`
  }
}
