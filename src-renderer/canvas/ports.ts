import type { DecodedComponent } from '../../src-engine/binary/decode.ts'
import { instancesInside } from '../../src-engine/compose/decompose.ts'
import { parseName, shortName, splitVersion } from '../../src-engine/types/names.ts'
import type { Extern } from '../../src-engine/types/graph.ts'
import { isHandlerName } from '../state/run-target.ts'

/** The slots of the two world nodes that make an export or an import of any wire. */
export const newPortSlot = '+'

export type Side = 'in' | 'out'

/** One import (left) or export (right) of a component, as the canvas shows it. */
export interface Port {
  readonly side: Side
  /** Exact name; with the side the key of the port. */
  readonly name: string
  /** `incoming-handler` of `wasi:http/incoming-handler@0.2.12`. */
  readonly label: string
  /** `wasi:http`; empty for a plain name. */
  readonly origin: string
  readonly version: string
  readonly kind: Extern['kind']
}

/** What a component is for, judged by what it exports and imports. */
export type Purpose = 'handler' | 'middleware' | 'command' | 'library'

export interface Surface {
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  readonly purpose: Purpose
  /** How many instances are inside, for one that was composed. */
  readonly inside: number
}

const commandNames = /^wasi:cli\/run@/

const surfaces = new WeakMap<DecodedComponent, Surface>()

/** The ports of a component; the same object for the same component. */
export function surfaceOf(component: DecodedComponent): Surface {
  const known = surfaces.get(component)
  if (known) return known
  const { imports, exports } = component.type
  const inputs = [...imports].map(([name, extern]) => portNamed('in', name, extern.kind))
  const outputs = [...exports].map(([name, extern]) => portNamed('out', name, extern.kind))
  const surface: Surface = {
    inputs,
    outputs,
    purpose: purposeOf(inputs, outputs),
    inside: instancesInside(component.structure),
  }
  surfaces.set(component, surface)
  return surface
}

/** The port of a name. */
export function portNamed(side: Side, name: string, kind: Extern['kind']): Port {
  const parsed = parseName(name)
  return {
    side,
    name,
    label: shortName(name),
    origin: parsed.kind === 'interface' ? parsed.package : '',
    version: splitVersion(name).version ?? '',
    kind,
  }
}

function purposeOf(inputs: readonly Port[], outputs: readonly Port[]): Purpose {
  const handles = outputs.filter((port) => isHandlerName(port.name))
  if (handles.length > 0) return inputs.some((port) => isHandlerName(port.name)) ? 'middleware' : 'handler'
  if (outputs.some((port) => commandNames.test(port.name))) return 'command'
  const offered = new Set(outputs.map((port) => splitVersion(port.name).base))
  return inputs.some((port) => offered.has(splitVersion(port.name).base)) ? 'middleware' : 'library'
}

/** Key of a port among all ports of the canvas. */
export function portKey(instance: string, side: Side, name: string): string {
  return `${instance} ${side} ${name}`
}

/** Id of a port's handle inside its node. */
export function handleId(side: Side, name: string): string {
  return `${side}:${name}`
}

/** The port a handle stands for; undefined for what is none. */
export function portOfHandle(
  id: string | null | undefined,
): { readonly side: Side; readonly name: string } | undefined {
  if (!id) return undefined
  if (id.startsWith('in:')) return { side: 'in', name: id.slice(3) }
  if (id.startsWith('out:')) return { side: 'out', name: id.slice(4) }
  return undefined
}
