import { isHostName, shortName } from '../../src-engine/types/names.ts'
import type { ComponentSummary } from '../../src-preload/contract.ts'

/** What a file is good for, in a few words. */
export interface Purpose {
  readonly kind:
    | 'handler'
    | 'bridge'
    | 'middleware'
    | 'command'
    | 'needs-bridge'
    | 'library'
    | 'module'
    | 'wit'
    | 'inert'
    | 'unknown'
  readonly label: string
  readonly text: string
  /** What a person would do with it next. */
  readonly next?: string
}

const isHttp = (name: string): boolean => /^wasi:http\/(?:incoming-)?handler@/.test(name)

/** The interface of handlers that know no WASI; a bridge turns it into HTTP. */
const isBare = (name: string): boolean => /^mik:core\/handler(?:@|$)/.test(name)

/** What the file is good for, by what it imports and exports. */
export function purposeOf({ kind, world, runnable }: Pick<ComponentSummary, 'kind' | 'world' | 'runnable'>): Purpose {
  if (kind === 'module')
    return {
      kind: 'module',
      label: 'Core module',
      text: 'A core module has no interfaces of the component model, so nothing can be wired to it.',
      next: 'Make a component of it with its WIT, or build it anew with a component toolchain.',
    }
  if (kind === 'wit')
    return {
      kind: 'wit',
      label: 'WIT package',
      text: 'This file carries interface definitions only; it holds no code to run.',
    }
  if (kind === 'unknown')
    return { kind: 'unknown', label: 'Unknown', text: 'This file is neither a component nor a core module.' }
  const wantsHandler = world.imports.find(({ name }) => isHttp(name))
  const wantsBare = world.imports.find(({ name }) => isBare(name))
  const needed = world.imports
    .filter(({ name }) => !isHostName(name) && !isHttp(name))
    .map(({ name }) => shortName(name))
  if (runnable.http !== null) {
    const version = `WASI ${runnable.http}`
    if (wantsBare) {
      return {
        kind: 'bridge',
        label: `Bridge to HTTP · ${version}`,
        text: `It makes an HTTP handler of any component that exports ${wantsBare.name}.`,
        next: 'Wire such a handler to it, then Run.',
      }
    }
    if (wantsHandler) {
      return {
        kind: 'middleware',
        label: `HTTP middleware · ${version}`,
        text: 'It answers HTTP requests by passing them on to another handler, and sees or changes what goes by.',
        next: `Wire a handler to its ${shortName(wantsHandler.name)} import, then Run.`,
      }
    }
    return {
      kind: 'handler',
      label: `HTTP handler · ${version}`,
      text: 'It answers HTTP requests.',
      next:
        needed.length > 0 ? `Wire what it needs (${listOf(needed)}), then Run.` : 'With it on the canvas, press Run.',
    }
  }
  if (runnable.command)
    return {
      kind: 'command',
      label: 'Command',
      text: 'It runs once with arguments and ends with an exit code.',
      next: 'Run it in the Command tab below, or with patchbay exec.',
    }
  const bare = world.exports.find(({ name }) => isBare(name))
  if (bare) {
    return wantsBare
      ? {
          kind: 'needs-bridge',
          label: 'Middleware without HTTP',
          text: `It stands in front of another ${bare.name}; no HTTP runtime can call it by itself.`,
          next: 'Wire a handler to its import and its export to the bridge, then Run.',
        }
      : {
          kind: 'needs-bridge',
          label: 'Handler without HTTP',
          text: `It exports ${bare.name}, which no HTTP runtime can call by itself.`,
          next: 'Add the bridge from the samples, wire this handler to it, then Run.',
        }
  }
  if (world.exports.length === 0)
    return { kind: 'inert', label: 'Component', text: 'It exports nothing, so nothing can call it.' }
  const names = world.exports.map(({ name }) => shortName(name))
  return {
    kind: 'library',
    label: 'Library',
    text: `It gives ${listOf(names)} to other components.`,
    next: 'Wire its exports to the imports of the component that needs them.',
  }
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function listOf(names: readonly string[], most = 3): string {
  if (names.length <= 1) return names[0] ?? 'nothing'
  if (names.length <= most) return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return `${names.slice(0, most - 1).join(', ')} and ${names.length - most + 1} more`
}
