import { parseName } from '../types/names.ts'

/** Why an export does not fit an import. */
export type DifferenceReason =
  | 'sort'
  | 'missing-export'
  | 'missing-import'
  | 'async'
  | 'parameter-count'
  | 'parameter-name'
  | 'result'
  | 'type'
  | 'field-names'
  | 'case-names'
  | 'labels'
  | 'arity'
  | 'length'
  | 'payload'
  | 'resource'
  | 'module'

/** One difference between what is asked for and what is given, with the steps that lead to it. */
export interface Difference {
  readonly reason: DifferenceReason
  /** From the outside in: interface, function, parameter, field … */
  readonly path: readonly string[]
  /** What the import asks for, as WIT or in words. */
  readonly expected: string
  /** What the export gives. */
  readonly found: string
  /** What usually causes this, and what to do. */
  readonly hint?: string
}

/** One sentence: `function "log" › parameter "s": expected string, found u32`. */
export function describeDifference(difference: Difference): string {
  const path = difference.path.length > 0 ? `${difference.path.join(' › ')}: ` : ''
  switch (difference.reason) {
    case 'missing-export':
      return `${path}${difference.expected} is missing`
    case 'missing-import':
      return `${path}needs ${difference.found}, which is not there`
    default:
      return `${path}expected ${difference.expected}, found ${difference.found}`
  }
}

/** A step of a path for an item of an interface or world. */
export function stepOf(name: string): string {
  const parsed = parseName(name)
  switch (parsed.kind) {
    case 'constructor':
      return `constructor of "${parsed.resource}"`
    case 'method':
      return `method "${parsed.resource}.${parsed.function}"`
    case 'static':
      return `static function "${parsed.resource}.${parsed.function}"`
    default:
      return `"${name}"`
  }
}
