import { AsyncLocalStorage } from 'node:async_hooks'
import { fail } from '../../src-engine/error.ts'
import type { Purpose } from './control.ts'
import type { Instance, InstanceMaker } from './instance.ts'
import { Session, type SessionEvents, type SessionSlot } from './wasi/session.ts'

/** An instance lent for one request. */
export interface Lease {
  readonly instance: Instance
  /** Gives it back; one that trapped or was cut off is thrown away. */
  release(healthy: boolean): void
}

interface Member {
  readonly instance: Instance
  readonly slot: Slot
  readonly lease: Lease
  served: number
}

/** An instance that works on several requests at once. */
interface Shared {
  readonly instance: Instance
  readonly slot: SessionSlot
  readonly sessions: Set<Session>
  /** What the instance opened belongs to it. */
  readonly home: Session
}

/** For whom a shared instance works, told apart by where its calls come from. */
const atWork = new AsyncLocalStorage<Session>()

/** Instances kept ready; more are made when more requests come at once. */
const idleLimit = 16

/**
 * Decides which instance serves a request: a fresh one for each (`request`), one that served less than `reuse` before
 * (`pool`), or always the same (`none`). An instance serves one request at a time, except one of WASI 0.3 under `none`:
 * its tasks interleave by themselves.
 */
export class InstancePool {
  readonly #maker: InstanceMaker
  readonly #setup: Purpose
  readonly #bootEvents: SessionEvents
  readonly #idle: Member[] = []
  readonly #waiting: (() => void)[] = []
  #shared: Shared | undefined
  #alive = 0

  /** `bootEvents` hears what instances say while they start, before any request. */
  constructor(maker: InstanceMaker, setup: Purpose, bootEvents: SessionEvents) {
    this.#maker = maker
    this.#setup = setup
    this.#bootEvents = bootEvents
  }

  /** Keeps one instance ready. Throws what goes wrong when the component is linked or started. */
  async prepare(): Promise<void> {
    if (this.#idle.length > 0 || (this.#setup.isolation === 'none' && this.#alive > 0)) return
    const member = await this.#make()
    if (!this.#share(member)) this.#idle.push(member)
  }

  /** Whether the instance takes all requests from now on. */
  #share({ instance, slot }: Member): boolean {
    if (this.#setup.isolation !== 'none' || !instance.answer) return false
    slot.isShared = true
    const shared = { instance, slot, sessions: new Set<Session>(), home: slot.current }
    this.#shared = shared
    instance.onBroken?.((_thrown, session) => {
      // Whoever caused it is told by the request itself, if it is still there.
      if (!shared.sessions.has(session)) this.#abandon(shared)
    })
    for (const wake of this.#waiting.splice(0)) wake()
    return true
  }

  #join(shared: Shared, session: Session): Lease {
    const { instance, slot, sessions } = shared
    const { answer } = instance
    session.home = shared.home
    slot.current = session
    sessions.add(session)
    return {
      instance: { ...instance, ...(answer ? { answer: (request) => atWork.run(session, () => answer(request)) } : {}) },
      release: (healthy) => {
        sessions.delete(session)
        // A trap leaves nothing to go on with; who merely went away is no reason to end the others.
        if (!healthy && !session.cancelled) this.#abandon(shared)
      },
    }
  }

  #abandon(shared: Shared): void {
    if (this.#shared !== shared) return
    this.#shared = undefined
    this.#alive--
    const { message, problem } = fail('runtime.trap', 'The instance that it shared with another request trapped', {
      hint: 'The other request tells why; with isolation "request" each has an instance of its own',
    })
    for (const session of shared.sessions) session.cancel(message, problem)
    shared.home.close()
    setImmediate(() => void this.prepare().catch(() => {}))
  }

  /** An instance for the request, when one is ready. */
  takeNow(session: Session): Lease | undefined {
    if (this.#shared) return this.#join(this.#shared, session)
    const member = this.#idle.pop()
    if (!member) return undefined
    member.slot.current = session
    return member.lease
  }

  async take(session: Session): Promise<Lease> {
    while (!this.#shared && this.#idle.length === 0 && this.#setup.isolation === 'none' && this.#alive > 0) {
      await this.#turn(session)
    }
    if (this.#shared) return this.#join(this.#shared, session)
    const member = this.#idle.pop() ?? (await this.#make())
    if (session.cancelled) {
      // Its client left meanwhile: the instance has not been touched.
      this.#idle.push(member)
      this.#waiting.shift()?.()
      session.check()
    }
    if (this.#share(member) && this.#shared) return this.#join(this.#shared, session)
    member.slot.current = session
    return member.lease
  }

  /** Waits until an instance may be free. One that gives up hands its turn on. */
  async #turn(session: Session): Promise<void> {
    let wake: () => void = () => {}
    const turn = new Promise<void>((resolve) => this.#waiting.push((wake = resolve)))
    try {
      await session.pause(turn)
    } catch (thrown) {
      const at = this.#waiting.indexOf(wake)
      if (at >= 0) this.#waiting.splice(at, 1)
      else this.#waiting.shift()?.()
      throw thrown
    }
  }

  #release(member: Member, healthy: boolean): void {
    member.served++
    const { isolation, reuse } = this.#setup
    const isDue = isolation === 'request' || (isolation === 'pool' && member.served >= reuse)
    // As good as fresh once it is put back: nothing of the requests before is left.
    const again = healthy && (!isDue || (this.#idle.length < idleLimit && member.instance.reset?.() === true))
    if (again && isDue) member.served = 0
    if (again) this.#idle.push(member)
    else {
      this.#alive--
      member.instance.end?.()
      // The next request should not wait for an instance: make it while there is nothing else to do.
      setImmediate(() => void this.prepare().catch(() => {}))
    }
    this.#waiting.shift()?.()
  }

  async #make(): Promise<Member> {
    this.#alive++
    try {
      const slot = new Slot(new Session(this.#setup.grants, this.#bootEvents))
      const instance = await this.#maker.make(slot)
      const member: Member = {
        instance,
        slot,
        lease: { instance, release: (healthy) => this.#release(member, healthy) },
        served: 0,
      }
      return member
    } catch (thrown) {
      this.#alive--
      this.#waiting.shift()?.()
      throw thrown
    }
  }
}

/** Which session an instance works for: of several at once, the one whose work led here. */
class Slot implements SessionSlot {
  #current: Session
  /** Looking for that has its price, in every call of the host. */
  isShared = false

  constructor(first: Session) {
    this.#current = first
  }

  get current(): Session {
    return this.isShared ? (atWork.getStore() ?? this.#current) : this.#current
  }

  set current(session: Session) {
    this.#current = session
  }

  within<Value>(session: Session, work: () => Value): Value {
    return session.home ? atWork.run(session, work) : work()
  }
}
