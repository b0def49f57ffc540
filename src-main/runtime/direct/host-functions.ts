import type { HostImports } from '../wasi/host.ts'
import { camel, pascal } from './names.ts'

/** A host function with its arguments as a list; a method's receiver is the first. */
export type HostFunction = (...values: unknown[]) => unknown

/** Finds what a WIT name stands for among the host's functions and classes; undefined when the host has no such thing. */
export function findHostFunction(host: HostImports, interfaceName: string, name: string): HostFunction | undefined {
  const offered = host[interfaceName]
  if (!offered) return undefined
  const special = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/.exec(name)
  if (!special) return callable(offered[camel(name)])
  const resource: unknown = offered[pascal(special[2] ?? '')]
  if (typeof resource !== 'function') return undefined
  if (special[1] === 'constructor') return (...values) => Reflect.construct(resource, values)
  const member = camel(special[3] ?? '')
  if (special[1] === 'static') return callable(Reflect.get(resource, member))
  // Looked up on the object itself: it may be of a class derived from the one that is offered.
  return (self, ...values) => {
    const method: unknown = Reflect.get(Object(self), member)
    if (typeof method !== 'function') throw new TypeError(`${interfaceName} ${name} is called on something else`)
    return Reflect.apply(method, self, values)
  }
}

function callable(found: unknown): HostFunction | undefined {
  return typeof found === 'function' ? (...values) => Reflect.apply(found, undefined, values) : undefined
}
