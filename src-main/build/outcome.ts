import { problemOf, type Problem } from '../../src-engine/error.ts'

/** What a step of a build gives: its product, or everything that is wrong, the first thing first. */
export type Outcome<Product> =
  { readonly ok: true; readonly product: Product } | { readonly ok: false; readonly problems: readonly Problem[] }

export function succeeded<Product>(product: Product): Outcome<Product> {
  return { ok: true, product }
}

export function failed(...problems: readonly Problem[]): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems }
}

/** A thrown value as an outcome, for steps that throw. */
export function failedBy(thrown: unknown): { readonly ok: false; readonly problems: readonly Problem[] } {
  return failed(problemOf(thrown))
}
