/**
 * One stack for all calls of a function that may wait. `WebAssembly.promising` makes a stack and its objects anew for each
 * call, and those outlive every small collection: a server that answers thousands of requests a second pays with long pauses.
 * Here a small module of our own stands between two calls, waits for the next, and makes it, on the stack that it has.
 */
import { ByteWriter } from '../../../src-engine/binary/writer.ts'
import { promising, suspending } from './suspension.ts'

/** The name that the module has in stack traces, where nobody should meet it. */
export const standingModule = 'patchbay-standing'

interface Caller {
  resolve(value: undefined): void
  reject(thrown: unknown): void
}

/** A core function of two i32, without a result, called over and over. One call at a time. */
export class StandingCall {
  readonly #run: WebAssembly.ImportValue
  #caller: Caller | undefined
  /** Goes on with the loop: a call's first value, or zero to end it. */
  #wake: ((first: number) => void) | undefined
  #first = 0
  #second = 0
  #isEnded = false

  /** `run`: the guest's exported function itself, so that no frame but WebAssembly's is on the stack when it waits. */
  constructor(run: WebAssembly.ImportValue) {
    this.#run = run
  }

  /** Settles when the guest returned; rejects with what it threw. `first` is a handle: never zero. */
  call(first: number, second: number): Promise<undefined> {
    this.#second = second
    const called = new Promise<undefined>((resolve, reject) => {
      this.#caller = { resolve, reject }
    })
    const wake = this.#wake
    this.#wake = undefined
    if (wake) wake(first)
    else {
      this.#first = first
      this.#stand()
    }
    return called
  }

  /** Lets go of the stack: at once, or when the call under way is over. There is no other call after it. */
  end(): void {
    this.#isEnded = true
    this.#wake?.(0)
    this.#wake = undefined
  }

  #stand(): void {
    const { exports } = new WebAssembly.Instance(compiled(), {
      guest: { run: this.#run },
      host: { first: suspending(() => this.#next()), second: () => this.#second },
    })
    const stand = exports['stand']
    if (typeof stand !== 'function') throw new Error('the standing module lost its function')
    promising(stand)().catch((thrown: unknown) => {
      // What the guest throws takes the stack along: the next call gets another.
      const caller = this.#caller
      this.#caller = undefined
      caller?.reject(thrown)
    })
  }

  /** The loop asks for the next call: the one before is over. */
  #next(): number | Promise<number> {
    if (this.#first !== 0) {
      const first = this.#first
      this.#first = 0
      return first
    }
    const caller = this.#caller
    this.#caller = undefined
    caller?.resolve(undefined)
    if (this.#isEnded) return 0
    return new Promise((resolve) => (this.#wake = resolve))
  }
}

let module: WebAssembly.Module | undefined
const compiled = (): WebAssembly.Module => (module ??= new WebAssembly.Module(standingBytes()))

/** `while ((first = host.first()) !== 0) guest.run(first, host.second())`, as the binary format has it. (Core 3.0, 5.5) */
function standingBytes(): Uint8Array<ArrayBuffer> {
  const i32 = 0x7f
  const functionType = (writer: ByteWriter, parameters: readonly number[], results: readonly number[]): void => {
    writer.u8(0x60).vector(parameters, (type) => writer.u8(type))
    writer.vector(results, (type) => writer.u8(type))
  }
  const imports = [
    ['guest', 'run', 0],
    ['host', 'first', 1],
    ['host', 'second', 1],
  ] as const
  const [run, first, second, stand] = [0, 1, 2, 3]
  // Opcodes: loop, call, local.tee, i32.eqz, if … return end, local.get, call, call, br, end of loop and function.
  const body = [0x03, 0x40, 0x10, first, 0x22, 0, 0x45, 0x04, 0x40, 0x0f, 0x0b, 0x20, 0, 0x10, second, 0x10, run]
  body.push(0x0c, 0, 0x0b, 0x0b)
  const writer = new ByteWriter().raw(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
  writer.section(1, (types) => {
    types.u32(3)
    functionType(types, [i32, i32], [])
    functionType(types, [], [i32])
    functionType(types, [], [])
  })
  writer.section(2, (section) => {
    section.vector(imports, ([from, name, type]) => section.name(from).name(name).u8(0x00).u32(type))
  })
  writer.section(3, (functions) => functions.u32(1).u32(2))
  writer.section(7, (exports) => exports.u32(1).name('stand').u8(0x00).u32(stand))
  writer.section(10, (code) =>
    code
      .u32(1)
      .u32(body.length + 3)
      .u32(1)
      .u32(1)
      .u8(i32)
      .raw(Uint8Array.from(body)),
  )
  // The module's name: stack traces tell it.
  writer.section(0, (custom) => custom.name('name').section(0, (name) => name.name(standingModule)))
  return new Uint8Array(writer.finish())
}
