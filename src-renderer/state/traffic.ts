/** How much goes through the running composition, and what failed last. Nothing is counted and nothing ticks without requests. */
import { create } from 'zustand'
import type { RequestRecord } from '../../src-preload/contract.ts'
import { RateMeter } from './rate.ts'
import { useRuntime } from './runtime.ts'

interface Traffic {
  /** Requests that ended per second, smoothed; 0 when none did lately. */
  readonly perSecond: number
  /** The last request that failed since the start, until it was looked at. */
  readonly failed: RequestRecord | undefined
}

export const useTraffic = create<Traffic>()(() => ({ perSecond: 0, failed: undefined }))

/** Milliseconds between two looks while there is traffic. */
const beat = 500

const meter = new RateMeter()
let ticking: ReturnType<typeof setInterval> | undefined

/** Takes news of requests in. */
export function countTraffic(records: readonly RequestRecord[], now: number): void {
  let failed: RequestRecord | undefined
  let ended = 0
  for (const record of records) {
    if (record.state === 'active') continue
    ended++
    if (record.problem !== undefined || record.state === 'failed') failed = record
  }
  if (failed) useTraffic.setState({ failed })
  if (ended === 0) return
  meter.note(now, ended)
  if (ticking === undefined) {
    tick()
    ticking = setInterval(tick, beat)
  }
}

/** The failure was looked at: the mark goes. */
export function forgetFailure(): void {
  useTraffic.setState({ failed: undefined })
}

/** Follows the runtime: what was counted belongs to one run. Called once. */
export function startTraffic(): void {
  useRuntime.subscribe((now, before) => {
    if (now.status === before.status || now.status.state === before.status.state) return
    if (now.status.state === 'running' || now.status.state === 'draining') return
    stop()
    if (now.status.state === 'starting') forgetFailure()
  })
}

function tick(): void {
  const perSecond = meter.rate(Date.now())
  if (perSecond === 0) stop()
  else useTraffic.setState({ perSecond })
}

function stop(): void {
  clearInterval(ticking)
  ticking = undefined
  meter.reset()
  useTraffic.setState({ perSecond: 0 })
}
