/** Text of single fields into values and back. What cannot be read is an error in words: what is wrong, and what to write. */
import type { RunSettings } from '../../src-preload/contract.ts'

/** One line of a table of names and values. */
export interface Pair {
  /** Of the row on the screen; says nothing. */
  readonly id: number
  readonly name: string
  readonly value: string
}

let rows = 0
export const pair = (name = '', value = ''): Pair => ({ id: ++rows, name, value })

export const pairsOf = (table: Readonly<Record<string, string>> | undefined): Pair[] =>
  Object.entries(table ?? {}).map(([name, value]) => pair(name, value))

/** What is wrong, by the key of the field. */
export type Errors = Readonly<Record<string, string>>

/** Hears what is wrong: at once, or (`missing`) only when somebody wants to save, since it may yet be typed. */
export class Findings {
  readonly errors: Record<string, string> = {}
  readonly missing: Record<string, string> = {}

  wrong(key: string, text: string): undefined {
    this.errors[key] ??= text
    return undefined
  }

  lacking(key: string, text: string): undefined {
    this.missing[key] ??= text
    return undefined
  }
}

/** A value in a unit as a person would write it; exact, however many digits that takes. */
export function shown(value: number | undefined, unit = 1): string {
  if (value === undefined) return ''
  const short = Number((value / unit).toFixed(3))
  return String(Math.round(short * unit) === value ? short : value / unit)
}

/** Reads a number above 0 in a unit. */
export function numberOf(
  text: string,
  unit: number,
  { most = 1e12, whole = false }: { readonly most?: number; readonly whole?: boolean },
  wrong: (text: string) => undefined,
): number | undefined {
  if (text.trim() === '') return undefined
  const value = Number(text)
  if (value > 0 && value <= most && (!whole || Number.isInteger(value))) return Math.round(value * unit)
  return wrong(`A ${whole ? 'whole ' : ''}number above 0${most < 1e12 ? `, at most ${most}` : ''}`)
}

export const rateText = (rate: RunSettings['rate']): string =>
  rate ? `${rate.perSecond}${rate.burst === undefined ? '' : `:${rate.burst}`}` : rate === false ? 'off' : ''

/** Reads `100`, `100:20` or `off`. */
export function rateOf(given: string, wrong: (text: string) => undefined): RunSettings['rate'] {
  const text = given.trim().toLowerCase()
  if (text === '') return undefined
  if (text === 'off') return false
  const match = /^(\d+(?:\.\d+)?)(?::([1-9]\d*))?$/.exec(text)
  if (match && Number(match[1]) > 0)
    return { perSecond: Number(match[1]), ...(match[2] === undefined ? {} : { burst: Number(match[2]) }) }
  return wrong('Requests a second such as 100, 100:20 with a burst, or off')
}

/** The lines that say something. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** Rows as a table; `key` says why a name is none. Empty rows are left out. */
export function tableOf(
  given: readonly Pair[],
  prefix: string,
  findings: Findings,
  words: { readonly name: (name: string) => string | undefined; readonly noName: string; readonly noValue?: string },
): Record<string, string> | undefined {
  const table: Record<string, string> = {}
  for (const { id, name: typed, value } of given) {
    const name = typed.trim()
    if (name === '' && value.trim() === '') continue
    const problem = name === '' ? undefined : words.name(name)
    if (name === '') findings.lacking(`${prefix}.${id}.name`, words.noName)
    else if (problem !== undefined) findings.wrong(`${prefix}.${id}.name`, problem)
    else if (Object.hasOwn(table, name)) findings.wrong(`${prefix}.${id}.name`, `${name} is there twice: remove one`)
    if (value.trim() === '' && words.noValue !== undefined) findings.lacking(`${prefix}.${id}.value`, words.noValue)
    table[name] = words.noValue === undefined ? value : value.trim()
  }
  return Object.keys(table).length === 0 ? undefined : table
}
