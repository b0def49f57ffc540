import type { HostInterface } from './wasi/host.ts'
import type { Session, SessionSlot } from './wasi/session.ts'

interface Rest {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

/** The tasks that the host began in an instance: whose they are, and how they end. */
export class TasksOf {
  readonly #slot: SessionSlot
  readonly #listeners: ReadonlySet<(thrown: unknown, session: Session) => void>
  /** By the number that the generated code gave the task. */
  readonly #sessions = new Map<bigint, Session>()
  /** Of sessions that have an instance to themselves: what is left to do after the answer. */
  readonly #busy = new Map<Session, Rest>()
  #entering: Session | undefined
  /** What the generated code calls. */
  readonly heard: HostInterface

  constructor(slot: SessionSlot, listeners: ReadonlySet<(thrown: unknown, session: Session) => void>) {
    this.#slot = slot
    this.#listeners = listeners
    this.heard = {
      made: (task: bigint) => this.#made(task),
      within: (task: bigint, work: () => unknown) => this.#within(task, work),
      broke: (task: bigint, thrown: unknown) => this.#broke(task, thrown),
      exited: (task: bigint) => this.#exited(task),
    }
  }

  /** The next task that is made, at once, is this session's. */
  enter(session: Session): void {
    this.#entering = session
    // One of many in an instance is not waited for.
    if (session.home) return
    let resolve: () => void = () => {}
    const promise = new Promise<void>((settle) => (resolve = settle))
    this.#busy.set(session, { promise, resolve })
  }

  /** Settles when the session's task is over; undefined when it is, or is not waited for. */
  rest(session: Session): Promise<void> | undefined {
    return this.#busy.get(session)?.promise
  }

  #made(task: bigint): void {
    if (!this.#entering) return
    this.#sessions.set(task, this.#entering)
    this.#entering = undefined
  }

  /** A guest is woken up by whatever happened last: what it calls then belongs to its own task. */
  #within(task: bigint, work: () => unknown): unknown {
    const session = this.#sessions.get(task)
    session?.events.resumed?.()
    return session && this.#slot.within ? this.#slot.within(session, work) : work()
  }

  /** The call that broke learns of it first, if somebody still waits for it. */
  #broke(task: bigint, thrown: unknown): void {
    const session = this.#sessions.get(task) ?? this.#slot.current
    setImmediate(() => {
      for (const listener of this.#listeners) listener(thrown, session)
    })
  }

  #exited(task: bigint): void {
    const session = this.#sessions.get(task)
    this.#sessions.delete(task)
    if (!session) return
    this.#busy.get(session)?.resolve()
    this.#busy.delete(session)
  }
}
