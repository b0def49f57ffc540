/** A component brought to life by its {@link Plan}: core modules linked to each other and to the host by us. */
import type { StandardStreams } from '../wasi/basics.ts'
import { blockingImports, createHost, type HostImports } from '../wasi/host.ts'
import { GuestTrap, Refusal, type SessionSlot } from '../wasi/session.ts'
import type { CoreValue, Frame } from './codec-types.ts'
import { GuestResource, HandleTable, type BorrowScope } from './handles.ts'
import { findHostFunction } from './host-functions.ts'
import { GuestMemory } from './memory.ts'
import type { CoreReference, FunctionPlan, LiftedFunction, Options, Plan } from './plan.ts'
import {
  liftParameters,
  liftResult,
  lowerParameters,
  lowerResult,
  signatureOf,
  type ComponentState,
  type CoreFunction,
} from './signature.ts'
import { StandingCall } from './standing-call.ts'
import { promising, suspending } from './suspension.ts'
import { trampolineOf } from './trampoline.ts'

const blocking = new Set(blockingImports)

export class DirectInstance {
  readonly #plan: Plan
  readonly #host: HostImports
  readonly #components: readonly ComponentState[]
  readonly #cores: WebAssembly.Instance[] = []
  readonly #memories = new Map<WebAssembly.Memory, GuestMemory>()

  /** Instantiates everything. Throws what the engine throws when a module does not link or traps at its start. */
  constructor(plan: Plan, modules: readonly WebAssembly.Module[], slot: SessionSlot, streams?: StandardStreams) {
    this.#plan = plan
    this.#host = createHost(slot, streams)
    this.#components = Array.from({ length: plan.components }, () => ({
      handles: new HandleTable(),
      mayLeave: true,
      entered: false,
    }))
    for (const { module, imports } of plan.instantiations) {
      const given: Record<string, Record<string, WebAssembly.ImportValue>> = {}
      for (const { module: from, name, source } of imports) (given[from] ??= {})[name] = this.#resolve(source)
      const compiled = modules[module]
      if (!compiled) throw new Error(`core module ${module} is missing`)
      this.#cores.push(new WebAssembly.Instance(compiled, given))
    }
  }

  get cores(): readonly WebAssembly.Instance[] {
    return this.#cores
  }

  /** Calls an exported function with values; the result, or a promise of it when the guest waits. Refusals are thrown. */
  call(target: LiftedFunction, values: readonly unknown[]): unknown {
    const signature = signatureOf(target.type)
    const callee = this.#enter(target)
    const frame = this.#frameOf(target)
    const flat = lowerParameters(callee, frame, signature, values)
    const finish = (raw: CoreValue | undefined): unknown => {
      const value = liftResult(frame, signature, raw)
      const answer = signature.fallible ? settled(value) : copied(value)
      this.#postReturn(callee, target, raw)
      if (answer instanceof Refusal) throw answer
      return answer
    }
    const raw = this.#coreFunction(target)(...flat)
    return raw instanceof Promise ? raw.then(finish) : finish(raw)
  }

  /** Back to how it was before the first call, as far as the host's side goes. */
  forget(): void {
    for (const component of this.#components) {
      component.handles.clear()
      component.mayLeave = true
      component.entered = false
    }
  }

  /** Nobody calls it any more: what it kept for the next call goes. */
  end(): void {
    for (const standing of this.#standing) standing.end()
  }

  // --- linking

  #resolve(source: CoreReference): WebAssembly.ImportValue {
    switch (source.kind) {
      case 'export': {
        const found = this.#cores[source.instance]?.exports[source.name]
        if (found === undefined)
          throw new WebAssembly.LinkError(`core instance ${source.instance} does not export "${source.name}"`)
        return found as WebAssembly.ImportValue
      }
      case 'lower':
        return source.target.kind === 'host' ? this.#hostFunction(source) : this.#adapter(source, source.target)
      case 'resource-new':
        return (representation: number) => {
          const component = this.#leave(source.component)
          return component.handles.add(source.resource, new GuestResource(source.resource, representation))
        }
      case 'resource-rep':
        return (handle: number) => {
          const value = this.#component(source.component).handles.borrow(handle >>> 0, source.resource)
          return value instanceof GuestResource ? value.representation : 0
        }
      case 'resource-drop':
        return (handle: number) => {
          const dropped = this.#leave(source.component).handles.drop(handle >>> 0, source.resource)
          if (dropped !== undefined) this.#destroy(source.resource, dropped)
        }
    }
  }

  #component(index: number): ComponentState {
    const component = this.#components[index]
    if (!component) throw new Error(`component instance ${index} is missing`)
    return component
  }

  /** The component calls out: not while the host works inside it. */
  #leave(index: number): ComponentState {
    const component = this.#component(index)
    if (!component.mayLeave) throw new GuestTrap('cannot leave component instance')
    return component
  }

  #enter(target: LiftedFunction): ComponentState {
    const callee = this.#component(target.component)
    if (callee.entered) throw new GuestTrap('cannot enter component instance')
    callee.entered = true
    return callee
  }

  #destroy(resource: number, value: unknown): void {
    const plan = this.#plan.resources[resource]
    if (value instanceof GuestResource) {
      if (plan?.kind === 'guest' && plan.destructor) this.#callCore(plan.destructor, [value.representation])
      return
    }
    if (isDisposable(value)) value[Symbol.dispose]()
  }

  #callCore(reference: CoreReference, values: readonly CoreValue[]): unknown {
    const found = this.#resolve(reference)
    return typeof found === 'function' ? Reflect.apply(found, undefined, values) : undefined
  }

  #memory(options: Options): GuestMemory {
    if (!options.memory) throw new GuestTrap('a function that needs memory was given none')
    const memory = this.#resolve(options.memory)
    if (!(memory instanceof WebAssembly.Memory)) throw new WebAssembly.LinkError('the memory option names no memory')
    let known = this.#memories.get(memory)
    if (!known) this.#memories.set(memory, (known = new GuestMemory(memory)))
    return known
  }

  /** What values need of this component instance. Memory and realloc exist only once its core modules do: looked up late. */
  #frame(component: number, options: Options, borrows: BorrowScope | undefined, lent?: Frame['lent']): Frame {
    const state = this.#component(component)
    let memory: GuestMemory | undefined
    let realloc: ((...values: CoreValue[]) => unknown) | undefined
    const findMemory = (): GuestMemory => (memory ??= this.#memory(options))
    const findRealloc = (): ((...values: CoreValue[]) => unknown) => {
      const found = options.realloc && this.#resolve(options.realloc)
      if (typeof found !== 'function') throw new GuestTrap('a function that needs realloc was given none')
      return (realloc = (...values) => Reflect.apply(found, undefined, values))
    }
    const { resources } = this.#plan
    return {
      get memory() {
        return memory ?? findMemory()
      },
      encoding: options.encoding,
      handles: state.handles,
      realloc: (size, alignment) => Number((realloc ?? findRealloc())(0, 0, alignment, size)) >>> 0,
      lent,
      borrows,
      ownResource: (resource) => {
        const plan = resources[resource]
        return plan?.kind === 'guest' && plan.component === component
      },
    }
  }

  readonly #frames = new Map<LiftedFunction, { readonly frame: Frame; readonly borrows: BorrowScope }>()

  /** What a call from outside needs; made once, since a component is entered once at a time. */
  #frameOf(target: LiftedFunction): Frame {
    let known = this.#frames.get(target)
    if (!known) {
      const borrows: BorrowScope = { open: 0 }
      known = { frame: this.#frame(target.component, target.options, borrows), borrows }
      this.#frames.set(target, known)
    }
    known.borrows.open = 0
    return known.frame
  }

  #hostFunction(source: CoreReference & { readonly kind: 'lower' }): WebAssembly.ImportValue {
    const { target, type, options, component: index } = source
    if (target.kind !== 'host') throw new Error('not a host function')
    const named = `${target.interface}#${target.name}`
    const run = findHostFunction(this.#host, target.interface, target.name, type.parameters.length)
    if (!run) throw new WebAssembly.LinkError(`the host has no ${named}`)
    const frame = this.#frame(index, options, undefined)
    const trampoline = trampolineOf(run, signatureOf(type), this.#component(index), frame)
    return blocking.has(named) ? suspending(trampoline) : trampoline
  }

  /** A function of one component, callable by another: values are lifted here and lowered there. */
  #adapter(
    { component, options, type }: CoreReference & { readonly kind: 'lower' },
    target: LiftedFunction,
  ): WebAssembly.ImportValue {
    const outer = signatureOf(type)
    const inner = signatureOf(target.type)
    const caller = this.#component(component)

    // Made once: a component is entered once at a time.
    const lent: { giveBack(): void }[] = []
    const scope: BorrowScope = { open: 0 }
    const callerFrame = this.#frame(component, options, undefined, lent)
    const calleeFrame = this.#frame(target.component, target.options, scope)

    const call = (...flat: CoreValue[]): CoreValue | undefined | Promise<CoreValue | undefined> => {
      if (!caller.mayLeave) throw new GuestTrap('cannot leave component instance')
      const callee = this.#enter(target)
      lent.length = 0
      scope.open = 0
      const pointer = outer.resultInMemory ? flat[flat.length - 1] : undefined
      const values = liftParameters(callerFrame, outer, { values: flat, at: 0 })
      const finish = (raw: CoreValue | undefined): CoreValue | undefined => {
        const value = liftResult(calleeFrame, inner, raw)
        if (scope.open > 0) throw new GuestTrap('borrow handles still remain at the end of the call')
        for (const one of lent) one.giveBack()
        const lowered = outer.result ? lowerResult(caller, callerFrame, outer, value, pointer) : undefined
        this.#postReturn(callee, target, raw)
        return lowered
      }
      const raw = this.#coreFunction(target)(...lowerParameters(callee, calleeFrame, inner, values))
      return raw instanceof Promise ? raw.then(finish) : finish(raw)
    }
    return target.waits ? suspending(call) : call
  }

  readonly #coreFunctions = new Map<LiftedFunction, CoreFunction>()
  readonly #standing: StandingCall[] = []

  #coreFunction(target: LiftedFunction): CoreFunction {
    let found = this.#coreFunctions.get(target)
    if (found) return found
    const core = this.#resolve(target.core)
    if (typeof core !== 'function') throw new WebAssembly.LinkError('a lifted function is no function')
    found = target.waits ? this.#waiting(core, target.type) : (...values) => Reflect.apply(core, undefined, values)
    this.#coreFunctions.set(target, found)
    return found
  }

  /** An instance that is called again, as those of handlers are, gets a stack that stays. Handles are never zero. */
  #waiting(core: WebAssembly.ImportValue, { parameters, result }: FunctionPlan): CoreFunction {
    const run = promising(core)
    const takesHandles = parameters.length === 2 && parameters.every(({ kind }) => kind === 'own' || kind === 'borrow')
    if (!takesHandles || result) return run
    let standing: StandingCall | undefined
    let isFirst = true
    return (first, second) => {
      if (isFirst) {
        isFirst = false
        return run(first, second)
      }
      if (!standing) this.#standing.push((standing = new StandingCall(core)))
      return standing.call(Number(first), Number(second))
    }
  }

  // --- calling

  #postReturn(callee: ComponentState, target: LiftedFunction, raw: CoreValue | undefined): void {
    if (target.options.postReturn) {
      callee.mayLeave = false
      this.#callCore(target.options.postReturn, raw === undefined ? [] : [raw])
      callee.mayLeave = true
    }
    callee.entered = false
  }
}

function isDisposable(value: unknown): value is Disposable {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.dispose in value &&
    typeof value[Symbol.dispose] === 'function'
  )
}

/** The success value, or the refusal to throw. */
function settled(value: unknown): unknown {
  const { tag, val } = value as { readonly tag: 'ok' | 'err'; readonly val: unknown }
  return tag === 'ok' ? copied(val) : new Refusal(copied(val))
}

/** Bytes that leave the component are copied: the guest may use their place again. */
function copied(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.slice()
  if (Array.isArray(value)) return value.map(copied)
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copied(part)]))
  return value
}
