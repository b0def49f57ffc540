import type { Plan, PlannedSource } from '../../src-engine/compose/plan.ts'
import type { Problem } from '../../src-engine/error.ts'
import { shortName } from '../../src-engine/types/names.ts'

/** How an import of an instance is satisfied. */
export type ImportState =
  /** Wired to another instance; `by` reads like `hello · incoming-handler`. */
  | { readonly kind: 'wired'; readonly by: string; readonly instance: string | undefined }
  /** A host gives it; `as` when the composition asks for it under another (newer) name. */
  | { readonly kind: 'host'; readonly as: string | undefined }
  /** Nobody gives it: it stays an import of the composition. */
  | { readonly kind: 'open'; readonly as: string | undefined }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'unknown' }

/** How the plan satisfies the import `name` of `instance`. */
export function importState(plan: Plan | undefined, instance: string, name: string): ImportState {
  const problem = plan?.problems.find((one) => one.instance === instance && one.import === name)
  if (problem) return { kind: 'refused', problem }
  const source = plan?.instances.get(instance)?.arguments.find((argument) => argument.name === name)?.source
  if (!plan || !source) return { kind: 'unknown' }
  if (source.kind !== 'import')
    return {
      kind: 'wired',
      by: describeSource(source),
      instance: source.kind === 'instance' ? source.instance : undefined,
    }
  const outer = plan.imports.find((entry) => entry.name === source.import)
  const as = source.import === name ? undefined : source.import
  return { kind: outer?.host ? 'host' : 'open', as }
}

/** `hello · incoming-handler`, `import wasi:clocks/…`, or the parts of an interface put together from functions. */
export function describeSource(source: PlannedSource): string {
  switch (source.kind) {
    case 'instance':
      return [source.instance, ...source.path.map(shortName)].join(' · ')
    case 'import':
      return ['import', shortName(source.import), ...source.path].join(' · ')
    case 'bag':
      return source.items.map((item) => describeSource(item.source)).join(', ')
  }
}
