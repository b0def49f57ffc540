import { Bag } from './bag.ts'
import type { WorkerLink } from './guest-line.ts'
import type { Job } from './job.ts'
import { draining } from './problems.ts'

/** One worker, as its handler sees it. */
export interface GuestWorker {
  readonly number: number
  link: WorkerLink | undefined
  /** Sent, not begun. */
  readonly waiting: Bag<Job>
  /** Begun, not over. */
  readonly active: Bag<Job>
  latest: Job | undefined
  /** When it last had nothing to do; `performance.now()`. */
  idleSince: number
  /** It was asked what it is busy with, and answered; each with the time of its last sign of life. */
  asked: number
  told: number
  /** The stream whose guest ran last, at the last answer. */
  working: number
  /** It was found stuck when it had last been heard at this time. */
  stuck: number
  /** Requests may be given to it at the moment. */
  isOpen: boolean
}

/** A guest that is told to let go and can still hear does so within this time. Milliseconds. */
export const grace = 120

/** A worker that begins nothing and says nothing for so long is busy with something that may never end. Milliseconds. */
const silence = 260

/** A worker that was asked for and has not connected yet. */
export const freshWorker = (number: number): GuestWorker => ({
  number,
  link: undefined,
  waiting: new Bag(),
  active: new Bag(),
  latest: undefined,
  idleSince: performance.now(),
  asked: 0,
  told: 0,
  working: 0,
  stuck: 0,
  isOpen: true,
})

export function isStuck({ link, waiting, stuck }: GuestWorker): boolean {
  if (!link) return false
  const now = performance.now()
  if (now - link.heard < silence) return false
  for (const job of waiting) if (now - job.sentAt > silence) return true
  // Nothing is known of one that was not asked for a while, unless it was found stuck before and has not spoken since.
  return stuck === link.heard
}

/** The request that keeps it from saying anything, as far as that is known. */
export function culpritOf({ link, active, latest, told, working }: GuestWorker): Job | undefined {
  if (link && told === link.heard) for (const job of active) if (job.isOn(working)) return job
  return latest
}

/** It was told to let go of everything it has begun, and does not hear. */
export function worksForNobody({ link, active, told }: GuestWorker): boolean {
  if (!link || told !== link.heard) return false
  const now = performance.now()
  return [...active].every(({ cancelledAt }) => link.heard < cancelledAt && now - cancelledAt > grace)
}

/** Answers what was not answered yet, since nobody works on it any more. */
export function turnAway(queue: readonly Job[], workers: Iterable<GuestWorker>): void {
  const given = [...workers].flatMap(({ waiting, active }) => [...waiting, ...active])
  for (const job of [...queue, ...given]) if (!job.isAnswered) job.fail(draining())
}
