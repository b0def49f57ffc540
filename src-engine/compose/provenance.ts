import type { TypeOwner } from './plan.ts'

/** Where a resource comes from, in words: `the host's "wasi:http/types@0.2.12"`. */
export function describeOwner(owner: TypeOwner | undefined): string | undefined {
  if (!owner) return undefined
  if (owner.kind === 'import') return `the host's "${owner.import}"`
  const holder = owner.path.slice(0, -1).join(' › ')
  return holder === '' ? `component "${owner.instance}"` : `"${holder}" of component "${owner.instance}"`
}
