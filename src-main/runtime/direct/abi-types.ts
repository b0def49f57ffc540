import { fail } from '../../../src-engine/error.ts'
import { peel, type FunctionType, type Resource, type TypeNode } from '../../../src-engine/types/graph.ts'
import type { AbiType, CoreReference, FunctionPlan, ResourcePlan } from './plan.ts'

/** Turns types of the graph into what the Canonical ABI needs, and numbers the resources as it meets them. */
export class AbiTypes {
  readonly resources: ResourcePlan[] = []
  readonly #indices = new Map<Resource, number>()
  readonly #known = new Map<TypeNode, AbiType>()
  readonly #functions = new Map<FunctionType, FunctionPlan>()

  hostResource(resource: Resource, interfaceName: string, name: string): void {
    this.#number(resource, { kind: 'host', interface: interfaceName, name })
  }

  guestResource(resource: Resource, component: number, destructor: CoreReference | undefined): void {
    this.#number(resource, { kind: 'guest', component, ...(destructor ? { destructor } : {}) })
  }

  #number(resource: Resource, plan: ResourcePlan): void {
    this.#indices.set(resource, this.resources.length)
    this.resources.push(plan)
  }

  resource(type: TypeNode): number {
    const resource = peel(type)
    const index = resource.kind === 'resource' ? this.#indices.get(resource) : undefined
    if (index === undefined)
      throw fail('runtime.direct', 'a resource of unknown origin is not known to the direct engine')
    return index
  }

  function(type: FunctionType): FunctionPlan {
    let plan = this.#functions.get(type)
    if (plan) return plan
    if (type.async) throw fail('runtime.direct', 'asynchronous functions are not known to the direct engine')
    plan = {
      parameters: type.parameters.map((parameter) => this.value(parameter.type)),
      result: type.result && this.value(type.result),
    }
    this.#functions.set(type, plan)
    return plan
  }

  value(type: TypeNode): AbiType {
    let known = this.#known.get(type)
    if (!known) this.#known.set(type, (known = this.#convert(type)))
    return known
  }

  #convert(type: TypeNode): AbiType {
    const node = peel(type)
    switch (node.kind) {
      case 'record':
        return { kind: 'record', fields: node.fields.map(({ name, type: of }) => [name, this.value(of)] as const) }
      case 'tuple':
        return { kind: 'tuple', items: node.items.map((item) => this.value(item)) }
      case 'variant':
        return { kind: 'variant', cases: node.cases.map(({ name, type: of }) => [name, of && this.value(of)] as const) }
      case 'enum':
      case 'flags':
        return { kind: node.kind, names: node.names }
      case 'list':
        return {
          kind: 'list',
          element: this.value(node.element),
          ...(node.length === undefined ? {} : { length: node.length }),
        }
      case 'option':
        return { kind: 'option', some: this.value(node.some) }
      case 'result':
        return { kind: 'result', ok: node.ok && this.value(node.ok), error: node.error && this.value(node.error) }
      case 'own':
      case 'borrow':
        return { kind: node.kind, resource: this.resource(node.resource) }
      case 'map':
      case 'stream':
      case 'future':
      case 'error-context':
      case 'resource':
        throw fail('runtime.direct', `the type ${node.kind} is not known to the direct engine`)
      default:
        return { kind: node.kind }
    }
  }
}
