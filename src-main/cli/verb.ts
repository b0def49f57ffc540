import type { ParseArgsOptionDescriptor } from 'node:util'
import { describePlace, fail, type Problem } from '../../src-engine/error.ts'

/** An option of a verb, as `node:util` parses it, with what it is for. */
export type VerbOption = Pick<ParseArgsOptionDescriptor, 'type' | 'multiple' | 'short'> & {
  readonly description: string
  /** Shown behind the name: `--port N`. */
  readonly value?: string
}

/** What the user typed behind the verb. */
export interface VerbArguments {
  readonly positionals: readonly string[]
  /** A string option, or undefined. A repeated one answers its last value. */
  text(name: string): string | undefined
  /** Every value of a repeated option. */
  list(name: string): readonly string[]
  flag(name: string): boolean
  /** A number within bounds. Throws `usage.number`. */
  number(
    name: string,
    bounds?: { readonly min?: number; readonly max?: number; readonly integer?: boolean },
  ): number | undefined
}

/** How a verb speaks: results to stdout, everything for people beside it to stderr. */
export interface VerbOutput {
  readonly json: boolean
  /** The one result object; printed only with `--json`. */
  object(value: unknown): void
  /** Result for people: stdout, or stderr with `--json`. */
  line(text?: string): void
  /** Progress and remarks: always stderr. */
  note(text: string): void
  /** Raw bytes to stdout, for `-o -`. */
  bytes(bytes: Uint8Array): Promise<void>
  /** True where stdout is a terminal: no place for bytes. */
  readonly terminal: boolean
}

export interface VerbContext {
  readonly arguments: VerbArguments
  readonly output: VerbOutput
  readonly cwd: string
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
}

/** One command of the command line. */
export interface Verb {
  readonly name: string
  /** What stands behind `patchbay NAME`. */
  readonly usage: string
  /** Whole command lines that work as they stand, for `--help`. */
  readonly examples: readonly [string, ...string[]]
  readonly options: Readonly<Record<string, VerbOption>>
  /** How many positionals are needed and allowed at most; default any number. */
  readonly positionals?: { readonly min?: number; readonly max?: number }
  /** More lines for `--help`. */
  readonly details?: readonly string[]
  /** Does the work; answers the exit code: 0 done, 1 the work failed. Throws typed errors for everything else. */
  run(context: VerbContext): Promise<number>
}

/** 0 done · 1 the work failed · 2 wrong use · 3 input not readable · 4 a toolchain is missing. */
export function exitCodeOf(problem: Problem): number {
  const area = problem.code.slice(0, problem.code.indexOf('.'))
  return area === 'usage' ? 2 : area === 'input' ? 3 : area === 'toolchain' ? 4 : 1
}

/** A problem as a person reads it in a terminal. */
export function printProblem(problem: Problem, word: 'error' | 'warning' = 'error'): string {
  const place = describePlace(problem.where)
  const lines = [`${word}: ${problem.message}`]
  if (place !== '') lines.push(`  at ${place}`)
  if (problem.hint !== undefined) lines.push(`  ${problem.hint}`)
  return lines.join('\n')
}

/** `1234567` → `1.23 MB`. */
export function printBytes(count: number): string {
  if (count < 1000) return `${count} B`
  for (const [unit, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['KB', 1e3],
  ] as const) {
    if (count >= size) return `${(count / size).toFixed(count >= 100 * size ? 0 : count >= 10 * size ? 1 : 2)} ${unit}`
  }
  return `${count} B`
}

/** Splits `NAME=VALUE`. Throws `usage.option`. */
export function splitPair(option: string, text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1)
    throw fail('usage.option', `${option} needs NAME=VALUE, got "${text}"`, {
      hint: `For example ${option} NAME=VALUE.`,
    })
  return [text.slice(0, at), text.slice(at + 1)]
}
