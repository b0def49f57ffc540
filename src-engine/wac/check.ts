import { planComposition } from '../compose/build-plan.ts'
import { argumentKey, type CompositionGraph } from '../compose/graph.ts'
import { typeOfPlan, type DecodedOf, type Plan, type PlanProblem } from '../compose/plan.ts'
import type { ProblemCode } from '../error.ts'
import { describeDifference } from '../subtype/difference.ts'
import { checkTarget } from '../subtype/targets.ts'
import { TextError, type Span } from '../wit/source.ts'
import { parseWac } from './parse.ts'
import { resolveWac, type WacResolution, type WacResolver } from './resolve.ts'
import type { WacDocument } from './syntax.ts'

/** What a script is checked against. */
export interface WacEnvironment extends WacResolver {
  /** Finds a component by the hash that `packageOf` answered: with it the wires are checked as well. */
  readonly decodedOf?: DecodedOf
  /** The graph that the script described before it was edited: what has no `let` name keeps its id. */
  readonly previous?: CompositionGraph
}

/** A mistake in a script. Lines and columns count from one; the end is the place behind the last character. */
export interface WacProblem {
  readonly code: ProblemCode
  readonly message: string
  readonly hint?: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

export interface WacCheck {
  /** What the script means; absent where a statement has no meaning. A graph whose wires do not fit is still there. */
  readonly graph?: CompositionGraph
  /** Full name of the world after `targets`. */
  readonly targets?: string
  /** In the order of the text, at most a hundred. */
  readonly problems: readonly WacProblem[]
}

/** How many mistakes are worth telling at once. */
const limit = 100

/**
 * Reads a script and tells everything that is wrong with it: language, names, types of wires and imports, the world it
 * targets. Never throws for a text, whatever it holds.
 */
export function checkWac(text: string, environment: WacEnvironment): WacCheck {
  const errors: TextError[] = []
  const report = (error: TextError) => void (errors.length < limit && errors.push(error))
  const document = parseOrReport(text, report)
  if (!document) return { problems: errors.map(problemAt) }
  const { previous } = environment
  const resolution = resolveWac(document, environment, { report, ...(previous ? { previous } : {}) })
  const { graph, targets } = resolution
  const complete = errors.length === 0
  const { decodedOf } = environment
  if (complete && decodedOf) {
    const plan = planComposition(graph, decodedOf)
    for (const error of [
      ...placePlanProblems(document, resolution, plan.problems),
      ...checkScriptTarget(document, resolution, plan),
    ])
      report(error)
  }
  const problems = errors.sort((left, right) => left.span.start - right.span.start).map(problemAt)
  return { ...(complete ? { graph } : {}), ...(targets === undefined ? {} : { targets }), problems }
}

function parseOrReport(text: string, report: (error: TextError) => void): WacDocument | undefined {
  try {
    return parseWac(text, undefined, report)
  } catch (thrown) {
    // Nothing behind a mistake could be read, as in a comment that is not closed.
    if (!(thrown instanceof TextError)) throw thrown
    report(thrown)
    return undefined
  }
}

function problemAt(error: TextError): WacProblem {
  const { code, message, hint } = error.problem
  const start = error.source.positionOf(error.span.start)
  const end = error.source.positionOf(Math.max(error.span.end, error.span.start + 1))
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...start,
    endLine: end.line,
    endColumn: end.column,
  }
}

/** Problems of a plan at the places of the script that cause them. */
export function placePlanProblems(
  { source, package: name }: WacDocument,
  { places }: WacResolution,
  problems: readonly PlanProblem[],
): TextError[] {
  return problems.map(({ code, message, hint, ...at }) => {
    const span =
      (at.instance !== undefined && at.import !== undefined
        ? places.arguments.get(argumentKey(at.instance, at.import))
        : undefined) ??
      (at.instance === undefined ? undefined : places.instances.get(at.instance)) ??
      (at.import === undefined ? undefined : places.imports.get(at.import)) ??
      (at.export === undefined ? undefined : places.exports.get(at.export)) ??
      name.span
    return source.error(code, message, span, hint)
  })
}

/** Everything that keeps a composition out of the world its script targets. Empty where the script targets none. */
export function checkScriptTarget(
  { source, targets }: WacDocument,
  { world, places }: WacResolution,
  plan: Plan,
): TextError[] {
  if (!targets || !world || plan.problems.length > 0) return []
  return checkTarget(typeOfPlan(plan), world).map((failure) => {
    const { side, difference } = failure
    const what = `the ${side} "${failure.name}"`
    const wanted = plan.imports.find((each) => each.name === failure.name)?.wantedBy ?? []
    const span: Span | undefined =
      side === 'import'
        ? (places.imports.get(failure.name) ??
          wanted.map(({ instance }) => places.instances.get(instance)).find((each) => each !== undefined))
        : places.exports.get(failure.name)
    const message = difference
      ? `${what} does not fit the world: ${describeDifference(difference)}`
      : side === 'import'
        ? `the world does not offer ${what}${wanted.length > 0 ? `, which ${wanted.map(({ instance }) => instance).join(', ')} needs` : ''}`
        : `the world asks for ${what}, and nothing exports it`
    const hint =
      failure.hint ??
      (side === 'import'
        ? 'Wire it to a component, or target a world that offers it.'
        : difference
          ? undefined
          : 'Add an `export` statement for it.')
    return source.error(
      side === 'import' ? 'wac.target-import' : 'wac.target-export',
      message,
      span ?? targets.span,
      hint,
    )
  })
}
