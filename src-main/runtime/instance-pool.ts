import type { WorkerSetup } from './control.ts'
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
  readonly slot: SessionSlot
  readonly lease: Lease
  served: number
}

/** Instances kept ready; more are made when more requests come at once. */
const idleLimit = 16

/**
 * Decides which instance serves a request: a fresh one for each (`request`), one that served less than `reuse` before
 * (`pool`), or always the same (`none`). An instance never serves two requests at once.
 */
export class InstancePool {
  readonly #maker: InstanceMaker
  readonly #setup: WorkerSetup
  readonly #bootEvents: SessionEvents
  readonly #idle: Member[] = []
  readonly #waiting: (() => void)[] = []
  #alive = 0

  /** `bootEvents` hears what instances say while they start, before any request. */
  constructor(maker: InstanceMaker, setup: WorkerSetup, bootEvents: SessionEvents) {
    this.#maker = maker
    this.#setup = setup
    this.#bootEvents = bootEvents
  }

  /** Keeps one instance ready. Throws what goes wrong when the component is linked or started. */
  async prepare(): Promise<void> {
    if (this.#idle.length > 0 || (this.#setup.isolation === 'none' && this.#alive > 0)) return
    this.#idle.push(await this.#make())
  }

  /** An instance for the request, when one is ready. */
  takeNow(session: Session): Lease | undefined {
    const member = this.#idle.pop()
    if (!member) return undefined
    member.slot.current = session
    return member.lease
  }

  async take(session: Session): Promise<Lease> {
    while (this.#idle.length === 0 && this.#setup.isolation === 'none' && this.#alive > 0) {
      await session.pause(new Promise<void>((resolve) => this.#waiting.push(resolve)))
    }
    const member = this.#idle.pop() ?? (await this.#make())
    session.check()
    member.slot.current = session
    return member.lease
  }

  #release(member: Member, healthy: boolean): void {
    member.served++
    const { isolation, reuse } = this.#setup
    const again =
      healthy &&
      (isolation === 'none' ||
        (isolation === 'pool' && member.served < reuse) ||
        // As good as fresh: nothing of the request before is left.
        (isolation === 'request' && this.#idle.length < idleLimit && member.instance.reset?.() === true))
    if (again) this.#idle.push(member)
    else {
      this.#alive--
      // The next request should not wait for an instance: make it while there is nothing else to do.
      setImmediate(() => void this.prepare().catch(() => {}))
    }
    this.#waiting.shift()?.()
  }

  async #make(): Promise<Member> {
    this.#alive++
    try {
      const slot: SessionSlot = { current: new Session(this.#setup.grants, this.#bootEvents) }
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
      throw thrown
    }
  }
}
