/** What resolving a script takes and gives. */
import type { CompositionGraph } from '../compose/graph.ts'
import type { ComponentType } from '../types/graph.ts'
import type { WitPackages } from '../wit/packages.ts'
import { TextError, type SourceText, type Span } from '../wit/source.ts'
import { describePlace, type PatchbayError } from '../error.ts'

/** A component that a script may instantiate. */
export interface WacPackage {
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  readonly hash: string
  readonly version?: string
  readonly type: ComponentType
}

/** Where a script finds its packages. */
export interface WacResolver {
  /** The package of this name (and version, when the script names one). */
  packageOf(name: string, version: string | undefined): WacPackage | undefined
  /** Every place that was looked at for a package, in order; for the error. */
  searched(name: string, version: string | undefined): readonly string[]
  /** The WIT packages that imports, `targets` and declarations may name; none by default. */
  readonly wit?: WitPackages
}

/** Where in the script the parts of the graph are said. */
export interface WacPlaces {
  /** Keyed by `argumentKey`. */
  readonly arguments: ReadonlyMap<string, Span>
  readonly instances: ReadonlyMap<string, Span>
  readonly imports: ReadonlyMap<string, Span>
  readonly exports: ReadonlyMap<string, Span>
}

/** What a script means: the graph, and the world it says it targets. */
export interface WacResolution {
  readonly graph: CompositionGraph
  /** Full name of the world after `targets`, if the script has one. */
  readonly targets?: string
  /** That world. */
  readonly world?: ComponentType
  readonly places: WacPlaces
}

export interface WacResolveOptions {
  /** The graph that the script described before it was edited: what has no `let` name keeps its id. */
  readonly previous?: CompositionGraph
  /** Told of every mistake instead of the first being thrown; the graph then holds whatever has a meaning. */
  readonly report?: (error: TextError) => void
}

/** A mistake in a file that the script depends on is told where the script needs it. */
export function errorHere(source: SourceText, thrown: PatchbayError, span: Span): TextError {
  if (thrown instanceof TextError && thrown.source === source) return thrown
  const { code, message, where, hint } = thrown.problem
  const place = describePlace(where)
  return source.error(code, place === '' ? message : `${message} (${place})`, span, hint)
}

/** A package that is not there, with every place that was looked at. */
export function unknownPackage(
  source: SourceText,
  resolver: WacResolver,
  what: string,
  name: string,
  version: string | undefined,
  span: Span,
): TextError {
  const shown = version === undefined ? name : `${name}@${version}`
  const places = resolver.searched(name, version)
  const looked = places.length === 0 ? '' : `Looked, in this order, at: ${places.join('; ')}. `
  const hint = `${looked}Give its file with -d ${name}=PATH.`
  return source.error('wac.unknown-package', `no ${what} \`${shown}\` was found`, span, hint)
}
