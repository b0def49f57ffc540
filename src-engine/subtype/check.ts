import {
  peel,
  type Case,
  type ComponentType,
  type Extern,
  type Field,
  type FunctionType,
  type InstanceType,
  type Resource,
  type TypeExtern,
  type TypeNode,
} from '../types/graph.ts'
import { bindTypes, instantiate, Substitution, typesIntroducedBy } from '../types/substitute.ts'
import { parseName } from '../types/names.ts'
import { describeExtern, printFunction, printStructure, printType } from '../wit/print-types.ts'
import { stepOf, type Difference, type DifferenceReason } from './difference.ts'
import { checkModule } from './module.ts'

/** What the check may be told from outside. */
export interface CheckOptions {
  /** Name and origin of a resource, in words: `resource "fields" of the host's "wasi:http/types@0.2.0"`. Makes resource mismatches readable. */
  readonly provenance?: (resource: Resource) => string | undefined
  /** Stop after this many differences; 1 is enough for a verdict. Default 100. */
  readonly limit?: number
}

/**
 * Can `supply` stand where `demand` is asked for? An empty list means yes. Instances may export more than is asked,
 * functions and value types must be equal, resources must be the same object once the demand's own are replaced by what
 * is supplied. (Component Model, Subtyping.md; the same strictness as wasm-tools' validator.)
 */
export function checkExtern(supply: Extern, demand: Extern, options: CheckOptions = {}): Difference[] {
  const check = new Check(options)
  check.extern(supply, new Substitution(openTypes(demand, supply)).extern(demand), [])
  return check.differences
}

/** The same where the demand was already rewritten in the supplier's terms. */
export function checkBound(supply: Extern, demand: Extern, options: CheckOptions = {}): Difference[] {
  const check = new Check(options)
  check.extern(supply, demand, [])
  return check.differences
}

/** Are two types the same? Names are looked through, resources are compared by identity. */
export function sameType(left: TypeNode, right: TypeNode): boolean {
  const check = new Check({ limit: 1 })
  check.type(left, right, [])
  return check.differences.length === 0
}

/** Are two functions the same? */
export function sameFunction(left: FunctionType, right: FunctionType): boolean {
  const check = new Check({ limit: 1 })
  check.function(left, right, [])
  return check.differences.length === 0
}

/** What the demand leaves open, resources, and what is supplied for it. A type that it fixes must be met instead. */
export function openTypes(demand: Extern, supply: Extern): Map<TypeNode, TypeNode> {
  const open = new Map<TypeNode, TypeNode>()
  bindTypes(demand, supply, (from, to) => {
    if (from.kind === 'resource') open.set(from, to)
  })
  return open
}

/** The same for the exports of a component: a resource that it makes itself is open to its users, one it imports is not. */
export function openExports(wanted: Extern, given: Extern, component: ComponentType): Map<TypeNode, TypeNode> {
  const imported = new Set([...typesIntroducedBy(component.imports)].map(peel))
  const open = openTypes(wanted, given)
  bindTypes(wanted, given, (from, to) => {
    const resource = peel(from)
    if (resource.kind === 'resource' && !imported.has(resource) && !open.has(resource)) open.set(resource, to)
  })
  return open
}

class Check {
  readonly differences: Difference[] = []
  readonly #options: CheckOptions
  readonly #limit: number
  /** Pairs that were found equal: big variants are compared once. */
  readonly #equal = new Map<TypeNode, Set<TypeNode>>()

  constructor(options: CheckOptions) {
    this.#options = options
    this.#limit = options.limit ?? 100
  }

  extern(supply: Extern, demand: Extern, path: readonly string[]): void {
    if (supply.kind !== demand.kind) {
      this.#report('sort', path, article(demand.kind), article(supply.kind), sortHint(supply, demand))
      return
    }
    if (supply.kind === 'function' && demand.kind === 'function') this.function(supply.type, demand.type, path)
    else if (supply.kind === 'instance' && demand.kind === 'instance') this.#instance(supply.type, demand.type, path)
    else if (supply.kind === 'type' && demand.kind === 'type') this.#typeExtern(supply, demand, path)
    else if (supply.kind === 'component' && demand.kind === 'component') this.#component(supply.type, demand.type, path)
    else if (supply.kind === 'module' && demand.kind === 'module') {
      for (const { step, expected, found } of checkModule(supply.type, demand.type))
        this.#report('module', [...path, step], expected, found)
    }
  }

  #typeExtern(supply: TypeExtern, demand: TypeExtern, path: readonly string[]): void {
    if (supply.structure || demand.structure) {
      this.#sameStructure(supply, demand, path)
      return
    }
    if (demand.bound === 'resource') {
      const given = peel(supply.type)
      if (given.kind !== 'resource') this.#report('resource', path, 'a resource', printStructure(given))
      return
    }
    this.type(supply.type, demand.type, path)
  }

  /** Types of functions, interfaces and worlds under a name: what is named must be the same, whichever way one looks. */
  #sameStructure(supply: TypeExtern, demand: TypeExtern, path: readonly string[]): void {
    const { structure: given } = supply
    const { structure: wanted } = demand
    if (given?.kind === 'function' && wanted?.kind === 'function') this.function(given, wanted, path)
    else if (given?.kind === 'instance' && wanted?.kind === 'instance') {
      this.#instance(given, wanted, path)
      this.#instance(wanted, given, path)
    } else if (given?.kind === 'component' && wanted?.kind === 'component') {
      this.#component(given, wanted, path)
      this.#component(wanted, given, path)
    } else this.#report('sort', path, describeExtern(demand), describeExtern(supply))
  }

  #instance(supply: InstanceType, demand: InstanceType, path: readonly string[]): void {
    for (const [name, wanted] of demand.exports) {
      if (this.#full) return
      const given = supply.exports.get(name)
      if (given) this.extern(given, wanted, [...path, stepOf(name)])
      else {
        this.#report(
          'missing-export',
          path,
          missing(name, wanted),
          'nothing',
          'The provider may be of an older version than the consumer was built for.',
        )
      }
    }
  }

  #component(supply: ComponentType, demand: ComponentType, path: readonly string[]): void {
    // Imports are contravariant: what the demand's user will give must satisfy what the supplied component asks for. Its
    // imports may share resources, so all of them are bound before any is checked.
    const resources = new Map<TypeNode, TypeNode>()
    for (const [name, wanted] of supply.imports) {
      const available = demand.imports.get(name)
      if (available) for (const [from, to] of openTypes(wanted, available)) resources.set(from, to)
    }
    const bound = new Substitution(resources)
    for (const [name, wanted] of supply.imports) {
      const available = demand.imports.get(name)
      if (available) this.extern(available, bound.extern(wanted), [...path, `import "${name}"`])
      else this.#report('missing-import', path, 'no such import', `the import "${name}"`)
    }
    const given: Extern = { kind: 'instance', type: instantiate(supply, demand.imports) }
    const wanted: Extern = { kind: 'instance', type: { kind: 'instance', exports: demand.exports } }
    this.extern(given, new Substitution(openExports(wanted, given, demand)).extern(wanted), path)
  }

  function(supply: FunctionType, demand: FunctionType, path: readonly string[]): void {
    if (supply.async !== demand.async) {
      const hint =
        'WASI 0.2 functions are synchronous, those of 0.3 asynchronous: both sides must be built for the same one.'
      this.#report(
        'async',
        path,
        demand.async ? 'an async function' : 'a sync function',
        supply.async ? 'an async one' : 'a sync one',
        hint,
      )
    }
    if (supply.parameters.length !== demand.parameters.length) {
      this.#report('parameter-count', path, printFunction(demand), printFunction(supply))
      return
    }
    demand.parameters.forEach((wanted, index) => {
      const given: Field | undefined = supply.parameters[index]
      if (!given) return
      if (given.name !== wanted.name)
        this.#report(
          'parameter-name',
          [...path, `parameter ${index + 1}`],
          `the name "${wanted.name}"`,
          `"${given.name}"`,
        )
      this.type(given.type, wanted.type, [...path, `parameter "${wanted.name}"`])
    })
    if (!supply.result || !demand.result) {
      if (supply.result || demand.result)
        this.#report(
          'result',
          path,
          demand.result ? `the result ${printType(demand.result)}` : 'no result',
          supply.result ? printType(supply.result) : 'none',
        )
      return
    }
    this.type(supply.result, demand.result, [...path, 'result'])
  }

  type(supply: TypeNode, demand: TypeNode, path: readonly string[]): void {
    if (supply === demand || this.#full || this.#equal.get(supply)?.has(demand)) return
    const given = peel(supply)
    const wanted = peel(demand)
    if (given === wanted) return
    const before = this.differences.length
    this.#structure(given, wanted, supply, demand, path)
    if (this.differences.length === before) {
      const known = this.#equal.get(supply) ?? new Set()
      this.#equal.set(supply, known.add(demand))
    }
  }

  #structure(
    given: ReturnType<typeof peel>,
    wanted: ReturnType<typeof peel>,
    supply: TypeNode,
    demand: TypeNode,
    path: readonly string[],
  ): void {
    if (given.kind === 'resource' && wanted.kind === 'resource') {
      this.#report(
        'resource',
        path,
        this.#resource(wanted, demand),
        this.#resource(given, supply),
        'Both sides must take this resource from the same place: wire the interface that owns it to both, or leave it to the host for both.',
      )
      return
    }
    switch (wanted.kind) {
      case 'record':
        if (given.kind === 'record') return this.#record(given.fields, wanted.fields, path)
        break
      case 'variant':
        if (given.kind === 'variant') return this.#variant(given.cases, wanted.cases, path)
        break
      case 'enum':
      case 'flags':
        if (given.kind === wanted.kind) return this.#labels('labels', given.names, wanted.names, path)
        break
      case 'list':
        if (given.kind === 'list') {
          if (given.length !== wanted.length) return this.#report('length', path, printType(demand), printType(supply))
          return this.type(given.element, wanted.element, [...path, 'element'])
        }
        break
      case 'map':
        if (given.kind === 'map') {
          this.type(given.key, wanted.key, [...path, 'key'])
          return this.type(given.value, wanted.value, [...path, 'value'])
        }
        break
      case 'tuple':
        if (given.kind === 'tuple') {
          if (given.items.length !== wanted.items.length)
            return this.#report('arity', path, printType(demand), printType(supply))
          given.items.forEach((item, index) => this.type(item, wanted.items[index] ?? item, [...path, `item ${index}`]))
          return
        }
        break
      case 'option':
        if (given.kind === 'option') return this.type(given.some, wanted.some, [...path, 'some'])
        break
      case 'result':
        if (given.kind === 'result') {
          this.#payload(given.ok, wanted.ok, [...path, 'ok'])
          return this.#payload(given.error, wanted.error, [...path, 'error'])
        }
        break
      case 'stream':
      case 'future':
        if (given.kind === wanted.kind) return this.#payload(given.element, wanted.element, [...path, wanted.kind])
        break
      case 'own':
      case 'borrow':
        if (given.kind === wanted.kind) return this.type(given.resource, wanted.resource, path)
        break
      default:
        if (given.kind === wanted.kind) return
    }
    this.#report('type', path, spelled(demand), spelled(supply))
  }

  #payload(given: TypeNode | undefined, wanted: TypeNode | undefined, path: readonly string[]): void {
    if (given && wanted) this.type(given, wanted, path)
    else if (given || wanted)
      this.#report('payload', path, wanted ? spelled(wanted) : 'no payload', given ? spelled(given) : 'no payload')
  }

  #record(given: readonly Field[], wanted: readonly Field[], path: readonly string[]): void {
    const names = (fields: readonly Field[]) => fields.map((field) => field.name)
    if (!this.#sameLabels('field-names', names(given), names(wanted), path)) return
    given.forEach((field, index) => {
      const other = wanted[index]
      if (other) this.type(field.type, other.type, [...path, `field "${field.name}"`])
    })
  }

  #variant(given: readonly Case[], wanted: readonly Case[], path: readonly string[]): void {
    const names = (cases: readonly Case[]) => cases.map((one) => one.name)
    if (!this.#sameLabels('case-names', names(given), names(wanted), path)) return
    given.forEach((one, index) => {
      const other = wanted[index]
      if (other) this.#payload(one.type, other.type, [...path, `case "${one.name}"`])
    })
  }

  #labels(
    reason: DifferenceReason,
    given: readonly string[],
    wanted: readonly string[],
    path: readonly string[],
  ): void {
    this.#sameLabels(reason, given, wanted, path)
  }

  #sameLabels(
    reason: DifferenceReason,
    given: readonly string[],
    wanted: readonly string[],
    path: readonly string[],
  ): boolean {
    if (given.length === wanted.length && given.every((name, index) => name === wanted[index])) return true
    const what = reason === 'field-names' ? 'field' : reason === 'case-names' ? 'case' : 'name'
    const missing = wanted.filter((name) => !given.includes(name))
    const extra = given.filter((name) => !wanted.includes(name))
    if (missing.length === 0 && extra.length === 0)
      this.#report(reason, path, `the ${what}s in the order ${wanted.join(', ')}`, given.join(', '))
    else {
      const list = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')
      const expected =
        missing.length > 0
          ? `the ${what} ${list(missing)}`
          : `only ${list(wanted.slice(0, 6))}${wanted.length > 6 ? ', …' : ''}`
      const found = extra.length > 0 ? `also ${list(extra)}` : `no such ${what}`
      this.#report(reason, path, expected, found, 'The two sides were built against different versions of this type.')
    }
    return false
  }

  /** A resource that a component defines has no name of its own: the name it is mentioned by says more. */
  #resource(resource: Resource, mention: TypeNode): string {
    const name = mention.kind === 'named' ? mention.name : resource.name
    return this.#options.provenance?.(resource) ?? `the resource "${name}"`
  }

  get #full(): boolean {
    return this.differences.length >= this.#limit
  }

  #report(reason: DifferenceReason, path: readonly string[], expected: string, found: string, hint?: string): void {
    this.#add(hint === undefined ? { reason, path, expected, found } : { reason, path, expected, found, hint })
  }

  #add(difference: Difference): void {
    if (!this.#full) this.differences.push(difference)
  }
}

function spelled(type: TypeNode): string {
  const of = peel(type)
  if (of.kind === 'resource') return printType(type)
  const structure = printStructure(of)
  return type.kind === 'named' && structure.length > 60 ? `${type.name} (${of.kind})` : structure
}

/** `function "log" (func(s: string))`, `method "r.m" (func() -> u32)`, `type "t"`. */
function missing(name: string, wanted: Extern): string {
  const step = stepOf(name)
  if (wanted.kind !== 'function') return `${noun(wanted.kind)} ${step}`
  const { kind } = parseName(name)
  const signature = printFunction(wanted.type, undefined, kind === 'method', kind === 'constructor')
  return `${kind === 'label' ? 'function ' : ''}${step} (${signature})`
}

const nouns = {
  function: 'function',
  instance: 'interface',
  component: 'component',
  module: 'core module',
  type: 'type',
} as const

function noun(kind: Extern['kind']): string {
  return nouns[kind]
}

function article(kind: Extern['kind']): string {
  return kind === 'instance' ? 'an interface' : `a ${nouns[kind]}`
}

function sortHint(supply: Extern, demand: Extern): string | undefined {
  if (supply.kind === 'instance' && demand.kind === 'function') return 'Wire the function inside the interface instead.'
  if (supply.kind === 'function' && demand.kind === 'instance')
    return 'The consumer imports a whole interface; a bare function does not fill it.'
  return undefined
}
