import type { HostImports } from '../wasi/host.ts'
import { camel, pascal } from './names.ts'

/** A host function with its arguments as a list; a method's receiver is the first. */
export type HostFunction = (...values: unknown[]) => unknown

/**
 * Finds what a WIT name stands for among the host's functions and classes; undefined when the host has no such thing.
 * `count`: of the values that it will be called with.
 */
export function findHostFunction(
  host: HostImports,
  interfaceName: string,
  name: string,
  count: number,
): HostFunction | undefined {
  const offered = host[interfaceName]
  if (!offered) return undefined
  const special = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/.exec(name)
  if (!special) return callable(offered[camel(name)])
  const resource: unknown = offered[pascal(special[2] ?? '')]
  if (!isClass(resource)) return undefined
  if (special[1] === 'constructor') return maker(resource, count)
  const member = camel(special[3] ?? '')
  if (special[1] === 'static') return callable(Reflect.get(resource, member))
  return methodCaller(member, count, `${interfaceName} ${name}`)
}

type Class = new (...values: unknown[]) => object
const isClass = (found: unknown): found is Class => typeof found === 'function'
const isFunction = (found: unknown): found is HostFunction => typeof found === 'function'
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function callable(found: unknown): HostFunction | undefined {
  return isFunction(found) ? found : undefined
}

function maker(resource: Class, count: number): HostFunction {
  if (count === 0) return () => new resource()
  if (count === 1) return (value) => new resource(value)
  return (...values) => new resource(...values)
}

/** Looked up on the object itself: it may be of a class derived from the one that is offered. */
function methodCaller(member: string, count: number, what: string): HostFunction {
  const methodOf = (self: unknown): HostFunction => {
    const method = isObject(self) ? self[member] : undefined
    if (!isFunction(method)) throw new TypeError(`${what} is called on something else`)
    return method
  }
  if (count === 1) return (self) => methodOf(self).call(self)
  if (count === 2) return (self, value) => methodOf(self).call(self, value)
  if (count === 3) return (self, first, second) => methodOf(self).call(self, first, second)
  return (self, ...values) => methodOf(self).apply(self, values)
}
