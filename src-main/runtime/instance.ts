import type { IncomingRequest, ResponseOutparam } from './wasi/http-types.ts'
import type { Request, Response } from './wasi/http3.ts'
import type { Session, SessionSlot } from './wasi/session.ts'
import type { StandardStreams } from './wasi/basics.ts'

/** Under this name the generated code finds whom to tell how its tasks end. */
export const taskListener = 'patchbay:host/tasks'

/** What of an instance is not as it was made. */
export interface Difference {
  /** Of linear memory. */
  readonly bytes: number
  readonly globals: number
}

/** A component brought to life. Whichever road made it, this is all the worker needs. */
export interface Instance {
  /** `wasi:http/incoming-handler.handle`; absent when the component does not export it. Settles when the guest returned; nothing to settle when it never waited. */
  readonly handle?: (request: IncomingRequest, out: ResponseOutparam) => void | Promise<void>
  /** `wasi:http/handler.handle` of 0.3. Throws the error code that the guest answered with as a refusal. */
  readonly answer?: (request: Request) => Promise<Response>
  /** `wasi:cli/run.run`; false when the guest answered with an error. */
  readonly run?: () => Promise<boolean>
  /** Calls any exported function. Throws the error side of a result as a refusal, `call.unknown-function` when there is none. */
  call(interfaceName: string | undefined, name: string, values: readonly unknown[]): Promise<unknown>
  /** Bytes of linear memory it holds now. */
  memory(): number
  /**
   * Settles when the guest has done what it still does after its answer; undefined when there is nothing. Of 0.3, where
   * nothing else runs in the instance.
   */
  finished?(session: Session): Promise<void> | undefined
  /**
   * Calls back when the guest breaks, with what was thrown and for whom it worked then: also after it answered, when nobody
   * waits for it any more. Absent where whoever called it learns of everything. The returned function ends that.
   */
  onBroken?(listener: (thrown: unknown, session: Session) => void): () => void
  /** Whether it was refused memory since this was asked last; undefined when its modules could not be made to tell. */
  refused(): boolean | undefined
  /** How far it is from the state it was made in; absent where that cannot be told. */
  difference?(): Difference
  /** Puts it back into the state it was made in. False, or absent, when that cannot be done: it is not fresh any more. */
  reset?(): boolean
  /** Nobody calls it any more: what it kept for its next call goes. */
  end?(): void
}

/** Makes fresh instances of one component. */
export interface InstanceMaker {
  readonly road: 'jco' | 'direct'
  make(slot: SessionSlot, streams?: StandardStreams): Promise<Instance>
}
