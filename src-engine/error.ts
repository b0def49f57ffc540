/**
 * The one shape of an error in Patchbay: *what* went wrong, *where*, and the *next step*.
 * The same value is drawn in the window, printed by the command line and sent as problem+json.
 */

/** Where a problem lies. Every part is optional; readers show what is there, in this order. */
export interface ProblemPlace {
  /** A file path or a name the user gave, e.g. `components/handler.wasm`. */
  readonly file?: string
  /** Byte offset from the start of the file, for binaries. */
  readonly offset?: number
  /** One-based line of a text. */
  readonly line?: number
  /** One-based column of a text, in UTF-16 units as editors count. */
  readonly column?: number
  /** Steps from the outside in: component, interface, function, parameter, field … */
  readonly path?: readonly string[]
}

/**
 * `area.reason` in kebab case. The area decides the exit code of the command line:
 * `usage` → 2, `input` → 3, `toolchain` → 4, anything else → 1.
 */
export type ProblemCode = `${string}.${string}`

/** A problem as plain data: it crosses processes, sockets and JSON unchanged. */
export interface Problem {
  readonly code: ProblemCode
  /** One sentence: what went wrong, naming the user's own things. */
  readonly message: string
  readonly where?: ProblemPlace
  /** The next step a person can take. */
  readonly hint?: string
}

/** Carries a {@link Problem} through `throw`. Nothing else is thrown on purpose. */
export class PatchbayError extends Error {
  readonly problem: Problem

  constructor(problem: Problem, options?: { readonly cause?: unknown }) {
    super(problem.message, options)
    this.name = 'PatchbayError'
    this.problem = problem
  }
}

/** Builds a throwable problem in one call. */
export function fail(
  code: ProblemCode,
  message: string,
  rest: { readonly where?: ProblemPlace; readonly hint?: string; readonly cause?: unknown } = {},
): PatchbayError {
  const { cause, ...data } = rest
  return new PatchbayError({ code, message, ...data }, cause === undefined ? undefined : { cause })
}

/** Any thrown value as a {@link Problem}; a foreign error becomes `internal.unexpected` with its own message. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof PatchbayError) return thrown.problem
  if (thrown instanceof Error) return { code: 'internal.unexpected', message: thrown.message || thrown.name }
  return { code: 'internal.unexpected', message: String(thrown) }
}

/** Adds the place to a thrown problem that does not know it yet (a decoder knows offsets, its caller knows the file). */
export function withPlace(thrown: unknown, place: ProblemPlace): PatchbayError {
  const problem = problemOf(thrown)
  return new PatchbayError({ ...problem, where: { ...place, ...problem.where } }, { cause: thrown })
}

/** `handler.wasm · offset 0x1f · wasi:http/types@0.2.0 › fields`, or an empty string. */
export function describePlace(place: ProblemPlace | undefined): string {
  if (!place) return ''
  const parts: string[] = []
  const position =
    place.line === undefined ? '' : place.column === undefined ? `:${place.line}` : `:${place.line}:${place.column}`
  if (place.file !== undefined) parts.push(place.file + position)
  else if (position) parts.push(position.slice(1))
  if (place.offset !== undefined) parts.push(`offset 0x${place.offset.toString(16)}`)
  if (place.path?.length) parts.push(place.path.join(' › '))
  return parts.join(' · ')
}
