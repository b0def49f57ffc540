import { GuestTrap, type Session, type SessionSlot } from './session.ts'

/** Something a guest can wait for. */
export interface Condition {
  ready(): boolean
  /** Settles when {@link ready} may have become true; asked again otherwise. */
  wait(): Promise<void>
}

/** Wakes whoever waits, any number of times. */
export class Signal {
  #wake: (() => void) | undefined
  #promise: Promise<void> | undefined

  wait(): Promise<void> {
    this.#promise ??= new Promise((resolve) => {
      this.#wake = resolve
    })
    return this.#promise
  }

  notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    this.#promise = undefined
    wake?.()
  }
}

/** Ready from the start: for operations that never wait. */
export const always: Condition = { ready: () => true, wait: () => Promise.resolve() }

/** Waits until the condition holds. Returns nothing, not a promise, when it already does: that keeps the guest on its stack. */
export function until(session: Session, condition: Condition): Promise<void> | undefined {
  session.check()
  return condition.ready() ? undefined : waitFor(session, condition)
}

function waitFor(session: Session, condition: Condition): Promise<void> {
  return session.pause(condition.wait()).then(() => (condition.ready() ? undefined : waitFor(session, condition)))
}

/** `wasi:io/poll.pollable` */
export class Pollable {
  readonly #session: Session
  readonly condition: Condition

  constructor(session: Session, condition: Condition) {
    this.#session = session
    this.condition = condition
  }

  ready(): boolean {
    this.#session.check()
    return this.condition.ready()
  }

  block(): Promise<void> | undefined {
    return until(this.#session, this.condition)
  }
}

/** The functions of `wasi:io/poll`. */
export function createPoll(slot: SessionSlot): {
  Pollable: typeof Pollable
  poll: (list: readonly Pollable[]) => Uint32Array | Promise<Uint32Array>
} {
  return {
    Pollable,
    poll(list) {
      if (list.length === 0) throw new GuestTrap('wasi:io/poll.poll was called with an empty list')
      const session = slot.current
      session.check()
      const ready = readyOf(list)
      return ready.length > 0 ? Uint32Array.from(ready) : pollLater(session, [...list])
    },
  }
}

function readyOf(list: readonly Pollable[]): number[] {
  const ready: number[] = []
  list.forEach((pollable, index) => {
    if (pollable.condition.ready()) ready.push(index)
  })
  return ready
}

async function pollLater(session: Session, list: readonly Pollable[]): Promise<Uint32Array> {
  for (;;) {
    await session.pause(Promise.race(list.map((pollable) => pollable.condition.wait())))
    const ready = readyOf(list)
    if (ready.length > 0) return Uint32Array.from(ready)
  }
}

/** Holds from `deadline` on, in nanoseconds of the monotonic clock. */
export class Timer implements Condition {
  readonly #session: Session
  readonly #deadline: bigint

  constructor(session: Session, deadline: bigint) {
    this.#session = session
    this.#deadline = deadline
  }

  ready(): boolean {
    return process.hrtime.bigint() >= this.#deadline
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      const left = (this.#deadline - process.hrtime.bigint()) / 1_000_000n
      // Timers beyond 24.8 days overflow to "now": wake once on the way instead.
      const milliseconds = left < 0n ? 0 : left > 2_000_000_000n ? 2_000_000_000 : Number(left) + 1
      const forget = this.#session.onClose(() => clearTimeout(timer))
      const timer = setTimeout(() => {
        forget()
        resolve()
      }, milliseconds)
    })
  }
}
