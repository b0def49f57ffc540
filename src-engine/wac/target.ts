/** The world that a script says its composition is meant for: `package a:b targets c:d/world;`. */
import type { ComponentType } from '../types/graph.ts'
import type { WitPackages } from '../wit/packages.ts'
import { applyEdits } from './chunks.ts'
import { Declarations, printPath } from './declarations.ts'
import { parseWac } from './parse.ts'
import type { WacDocument } from './syntax.ts'

/** The world after `targets` as it is written; undefined where there is none, or the text cannot be read. */
export function targetOf(text: string): string | undefined {
  const targets = parsed(text)?.targets
  return targets && printPath(targets)
}

/** Do two names mean one world? A version may be left out. */
export function sameTarget(left: string, right: string): boolean {
  const [[one, version], [other, asked]] = [left.split('@'), right.split('@')]
  return one === other && (version === undefined || asked === undefined || version === asked)
}

/**
 * The text with this world after `targets`, or without any; the rest stays as it is, and all of it where the text says so
 * already or cannot be read.
 */
export function withTarget(text: string, world: string | undefined): string {
  const document = parsed(text)
  if (!document) return text
  const { targets, package: name } = document
  if (targets && world !== undefined && sameTarget(printPath(targets), world)) return text
  if (targets && world !== undefined) return applyEdits(text, [{ span: targets.span, text: world }])
  if (!targets && world === undefined) return text
  const span = { start: name.span.end, end: targets?.span.end ?? name.span.end }
  return applyEdits(text, [{ span, text: world === undefined ? '' : ` targets ${world}` }])
}

/** The type of the world that a script targets, declared by itself or by WIT. Throws `wac.*`, `wit.*`, `syntax.*`. */
export function worldOfTarget(text: string, wit: WitPackages): ComponentType | undefined {
  const document = parseWac(text)
  if (!document.targets) return undefined
  const declarations = new Declarations(document, wit)
  for (const statement of document.statements) if (statement.kind === 'declaration') declarations.declare(statement)
  return declarations.worldOf(document.targets)
}

function parsed(text: string): WacDocument | undefined {
  try {
    return parseWac(text)
  } catch {
    return undefined
  }
}
