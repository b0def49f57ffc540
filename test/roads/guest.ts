/** Plays a mirror guest on one of the two roads, and writes down what happens. */
import { codecOf } from '../../src-main/runtime/direct/codec.ts'
import { alignTo, type CoreValue, type Frame } from '../../src-main/runtime/direct/codec-types.ts'
import { HandleTable } from '../../src-main/runtime/direct/handles.ts'
import { GuestMemory } from '../../src-main/runtime/direct/memory.ts'
import type { AbiType } from '../../src-main/runtime/direct/plan.ts'
import type { Instance } from '../../src-main/runtime/instance.ts'
import type { IncomingRequest, ResponseOutparam } from '../../src-main/runtime/wasi/http-types.ts'
import { GuestExit } from '../../src-main/runtime/wasi/session.ts'
import { heapStart, memorySize, resourceNames, type Mirror, type MirroredFunction } from './mirror.ts'

/** The guest was ended by what it did: nothing more can be asked of it. */
export class Trapped extends Error {
  override readonly name = 'Trapped'
}

/** A handle of the guest: its number differs between the roads, what it stands for does not. */
export interface Handle {
  readonly resource: string
  readonly number: number
}

const isHandle = (value: unknown): value is Handle =>
  typeof value === 'object' && value !== null && 'number' in value && 'resource' in value

/** Where results are put, and after it what the guest passes. */
const resultAt = 1024
const argumentsAt = 4096

export class MirrorGuest {
  readonly mirror: Mirror
  readonly #instance: Instance
  /** The driver's own copy of the guest's memory, to put arguments together and take results apart in. */
  readonly #image = new WebAssembly.Memory({ initial: memorySize / 65536 })
  readonly #view = new GuestMemory(this.#image)
  #free = argumentsAt
  /** What was called with what, and what it answered. */
  transcript: string[] = []
  /** It was ended, and is of no use any more. */
  isOver = false
  /** Function → the kinds of outcome it had: `ok`, `err`, `trap`, `exit`. */
  readonly outcomes = new Map<string, Set<string>>()

  constructor(mirror: Mirror, instance: Instance) {
    this.mirror = mirror
    this.#instance = instance
  }

  #frame(): Frame {
    return {
      memory: this.#view,
      encoding: 'utf8',
      handles: new HandleTable(),
      realloc: (size, alignment) => {
        const at = alignTo(this.#free, alignment)
        this.#free = at + size
        if (this.#free > heapStart) throw new Error('the arguments are too large')
        return at
      },
      lent: undefined,
      borrows: undefined,
      ownResource: () => false,
    }
  }

  /** By its name, or by the end of it where only one function is called so: `fields.append`, `new fields`, `poll`. */
  function(name: string): MirroredFunction {
    const found = this.mirror.functions.get(name)
    if (found) return found
    const alike = [...this.mirror.functions.values()].filter(({ name: full }) => shortName(full) === name)
    if (alike.length !== 1 || !alike[0]) throw new Error(`${name} is ${alike.length} functions of this release`)
    return alike[0]
  }

  /** Hands it a request, which it keeps. */
  async handle(request: IncomingRequest, out: ResponseOutparam): Promise<[request: Handle, out: Handle]> {
    await this.#instance.handle?.(request, out)
    const given = async (which: number, resource: string): Promise<Handle> => ({
      resource: `wasi:http/types#${resource}`,
      number: Number(await this.#run('given', which)),
    })
    return [await given(0, 'incoming-request'), await given(1, 'response-outparam')]
  }

  /** Calls a host function with values; handles are given as they were received. Throws {@link Trapped}. */
  async call(name: string, ...values: unknown[]): Promise<unknown> {
    const { name: full, plan, parametersInMemory, resultInMemory } = this.function(name)
    this.#free = argumentsAt
    const frame = this.#frame()
    const flat: CoreValue[] = []
    const types = plan.parameters.map(numbered)
    if (parametersInMemory) {
      const codec = codecOf({ kind: 'tuple', items: types })
      const at = frame.realloc(codec.size, codec.alignment)
      codec.store(frame, values.map(plain), at)
      flat.push(at)
    } else types.forEach((type, at) => codecOf(type).lower(frame, plain(values[at]), flat))
    if (resultInMemory) flat.push(resultAt)
    const told = `${name}(${values.map((value) => show(value)).join(', ')})`
    await this.#run('poke', argumentsAt, this.#view.bytes.slice(argumentsAt, this.#free))
    const answer = await this.raw(full, flat, told)
    const value = await this.#result(plan.result, resultInMemory, answer)
    this.transcript.push(`${told} → ${volatile.test(full) ? veiled(value) : show(value)}`)
    this.#note(full, plan.result?.kind === 'result' ? String((value as { readonly tag: string }).tag) : 'ok')
    return value
  }

  #note(name: string, outcome: string): void {
    const known = this.outcomes.get(name) ?? new Set()
    this.outcomes.set(name, known.add(outcome))
  }

  async #result(type: AbiType | undefined, inMemory: boolean, answer: unknown): Promise<unknown> {
    if (!type) return undefined
    const codec = codecOf(numbered(type))
    const frame = this.#frame()
    if (!inMemory) return handled(type, codec.lift(frame, { values: [coreValue(answer)], at: 0 }))
    const { bytes } = this.#view
    bytes.set(await this.peek(resultAt, codec.size), resultAt)
    const top = await this.#run('top')
    if (typeof top === 'number' && top > heapStart) bytes.set(await this.peek(heapStart, top - heapStart), heapStart)
    return handled(type, codec.load(frame, resultAt))
  }

  /** Calls with core values as they are, right or wrong. Throws {@link Trapped}. */
  async raw(name: string, flat: readonly CoreValue[], told?: string): Promise<unknown> {
    await this.#run('rewind')
    try {
      return await this.#run(
        this.function(name).exported,
        ...flat.map((value) => (typeof value === 'number' ? value | 0 : value)),
      )
    } catch (thrown) {
      this.isOver = true
      const how = thrown instanceof GuestExit ? `exit ${thrown.code}` : 'trap'
      if (told !== undefined) this.transcript.push(`${told} → ${how}`)
      if (told !== undefined) this.#note(this.function(name).name, how.replace(/ .*/, ''))
      throw new Trapped(`${how}: ${String(thrown)}`, { cause: thrown })
    }
  }

  /** Drops a handle. Throws {@link Trapped}. */
  async drop(handle: Handle): Promise<void> {
    const exported = this.mirror.drops.get(handle.resource)
    if (exported === undefined) throw new Error(`${handle.resource} has no drop`)
    try {
      await this.#run(exported, handle.number)
      this.transcript.push(`drop ${show(handle)}`)
    } catch (thrown) {
      this.isOver = true
      this.transcript.push(`drop ${show(handle)} → trap`)
      throw new Trapped(String(thrown), { cause: thrown })
    }
  }

  /** Puts bytes where the test wants them. */
  async poke(at: number, bytes: Uint8Array): Promise<void> {
    await this.#run('poke', at, bytes)
  }

  async peek(at: number, length: number): Promise<Uint8Array> {
    const bytes = await this.#run('peek', at, length)
    if (!(bytes instanceof Uint8Array)) throw new Error('peek answered no bytes')
    return bytes
  }

  #run(exported: string, ...values: unknown[]): Promise<unknown> {
    return this.#instance.call(undefined, exported, values)
  }
}

/** `[method]fields.append` → `fields.append`, `[constructor]fields` → `new fields`. */
const shortName = (full: string): string =>
  full
    .replace(/^[^#]*#/, '')
    .replace('[constructor]', 'new ')
    .replace(/^\[\w+\]/, '')

/** Only the outcome and the size, where it has one. */
function veiled(value: unknown): string {
  const inner =
    typeof value === 'object' && value !== null && 'tag' in value && value.tag === 'ok' && 'val' in value
      ? value.val
      : value
  if (typeof value === 'object' && value !== null && 'tag' in value && value.tag === 'err') return show(value)
  return inner instanceof Uint8Array ? `${inner.length} bytes` : '…'
}

/** Answers that differ from one time to the next: only that there is one is written down. */
const volatile = /local-address$|random|seed|clock#(now|resolution)|stat(-at)?$|metadata-hash|system-clock/

/** Handles cross as their numbers. */
function numbered(type: AbiType): AbiType {
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return { kind: 'u32' }
    case 'list':
      return { ...type, element: numbered(type.element) }
    case 'record':
      return { kind: 'record', fields: type.fields.map(([name, of]) => [name, numbered(of)] as const) }
    case 'tuple':
      return { kind: 'tuple', items: type.items.map(numbered) }
    case 'variant':
      return { kind: 'variant', cases: type.cases.map(([name, of]) => [name, of && numbered(of)] as const) }
    case 'option':
      return { kind: 'option', some: numbered(type.some) }
    case 'result':
      return { kind: 'result', ok: type.ok && numbered(type.ok), error: type.error && numbered(type.error) }
    default:
      return type
  }
}

/** Numbers become handles again where the type says so. */
function handled(type: AbiType, value: unknown): unknown {
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return { resource: resourceNames[type.resource] ?? '', number: Number(value) } satisfies Handle
    case 'list':
      return value instanceof Uint8Array
        ? value.slice()
        : Array.isArray(value)
          ? value.map((one) => handled(type.element, one))
          : value
    case 'tuple':
      return Array.isArray(value) ? value.map((one, at) => handled(type.items[at] ?? { kind: 'u8' }, one)) : value
    case 'option':
      return value === undefined ? undefined : handled(type.some, value)
    case 'result': {
      const { tag, val } = value as { readonly tag: 'ok' | 'err'; readonly val: unknown }
      const of = tag === 'ok' ? type.ok : type.error
      return { tag, val: of && handled(of, val) }
    }
    case 'variant': {
      const { tag, val } = value as { readonly tag: string; readonly val?: unknown }
      const of = type.cases.find(([name]) => name === tag)?.[1]
      return of ? { tag, val: handled(of, val) } : { tag }
    }
    default:
      return value
  }
}

function plain(value: unknown): unknown {
  if (isHandle(value)) return value.number
  if (value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
  return value
}

const coreValue = (value: unknown): CoreValue => (typeof value === 'bigint' || typeof value === 'number' ? value : 0)

/** A value in a few words, the same on both roads. */
export function show(value: unknown): string {
  if (isHandle(value)) return `‹${value.resource.replace(/.*#/, '')}›`
  if (value instanceof Uint8Array)
    return value.length > 64 ? `${value.length} bytes` : `b${JSON.stringify(Buffer.from(value).toString('latin1'))}`
  if (Array.isArray(value) || value instanceof Uint32Array) return `[${Array.from(value, show).join(', ')}]`
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'object' && value !== null) {
    if ('tag' in value)
      return `${String(value.tag)}${'val' in value && value.val !== undefined ? `(${show(value.val)})` : ''}`
    return `{${Object.entries(value)
      .map(([name, part]) => `${name}: ${show(part)}`)
      .join(', ')}}`
  }
  if (typeof value === 'string' && value.length > 80) return `${value.length} characters`
  return JSON.stringify(value) ?? 'none'
}
