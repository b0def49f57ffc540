import type { CompositionGraph } from '../compose/graph.ts'

/** What an expression is for: gives a nested instance an id that outlives edits elsewhere. */
export type Purpose = { readonly argument: string } | { readonly export: string }

/** Ids of instances that have no `let`: those they had before the edit, else fresh ones. */
export class InstanceIds {
  readonly #reserved: ReadonlySet<string>
  readonly #previous: CompositionGraph | undefined

  /** `reserved` are the names of every `let`; `previous` is the graph the script had before the edit. */
  constructor(reserved: ReadonlySet<string>, previous: CompositionGraph | undefined) {
    this.#reserved = reserved
    this.#previous = previous
  }

  /** The id of a nested instance of this component; `taken` are the instances so far. */
  choose(component: string, purpose: Purpose | undefined, base: string, taken: Readonly<Record<string, unknown>>) {
    return this.#former(component, purpose, taken) ?? this.#free(base, taken)
  }

  /** The id that a nested instance of this component had before the edit, in the same place. */
  #former(
    component: string,
    purpose: Purpose | undefined,
    taken: Readonly<Record<string, unknown>>,
  ): string | undefined {
    const previous = this.#previous
    if (!previous || !purpose) return undefined
    const entry =
      'argument' in purpose
        ? Object.hasOwn(previous.arguments, purpose.argument) && previous.arguments[purpose.argument]
        : Object.hasOwn(previous.exports, purpose.export) && previous.exports[purpose.export]
    if (!entry || entry.source.kind !== 'instance') return undefined
    const { instance: id } = entry.source
    const before = previous.packages[previous.instances[id]?.package ?? '']?.name
    return before === component && !this.#reserved.has(id) && !Object.hasOwn(taken, id) ? id : undefined
  }

  #free(base: string, taken: Readonly<Record<string, unknown>>): string {
    for (let count = 1; ; count++) {
      const id = count === 1 ? base : `${base}-${count}`
      const used = this.#reserved.has(id) || Object.hasOwn(taken, id)
      if (!used && !Object.hasOwn(this.#previous?.instances ?? {}, id)) return id
    }
  }
}
