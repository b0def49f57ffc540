/** Waiting: timers and whatever WASI can be waited for, in one list that the host polls. */
import { now, subscribeDuration } from 'wasi:clocks/monotonic-clock@0.2.12'
import { poll } from 'wasi:io/poll@0.2.12'
import { endLoading, forgetJobs, isLoading, needRequest, runJobs } from './promise.js'

/** What is waited for: `{ pollable, wake }`. */
const waiting = new Set()
const timers = new Map()
let nextTimer = 1

export function dispose(resource) {
  resource?.[Symbol.dispose]?.()
}

/** Resolves when the pollable is ready; disposes it. */
export function ready(pollable) {
  return new Promise((resolve) => {
    waiting.add({ pollable, wake: resolve })
  })
}

/**
 * Runs jobs and waits for what they wait for until `isDone`. Answers false when nothing is left to wait for and it is
 * still not done: it never will be.
 */
export function runUntil(isDone) {
  endLoading()
  for (;;) {
    runJobs()
    if (isDone()) return true
    if (waiting.size === 0) return false
    const entries = [...waiting]
    for (const index of poll(entries.map((entry) => entry.pollable))) {
      const entry = entries[index]
      if (!waiting.delete(entry)) continue
      dispose(entry.pollable)
      entry.wake()
      // A timer that another cancels must not run after it.
      runJobs()
    }
  }
}

/** Leaves nothing of one request to the next. */
export function forgetWaiting() {
  if (waiting.size > 0) {
    for (const { pollable } of waiting) dispose(pollable)
    waiting.clear()
  }
  if (timers.size > 0) timers.clear()
  forgetJobs()
}

function startTimer(id, callback, delay, repeat, values) {
  const duration = Math.max(0, Math.min(Number(delay) || 0, 2147483647))
  const entry = {
    pollable: subscribeDuration(Math.round(duration * 1e6)),
    wake() {
      if (repeat) startTimer(id, callback, delay, repeat, values)
      else timers.delete(id)
      callback(...values)
    },
  }
  timers.set(id, entry)
  waiting.add(entry)
}

function addTimer(callback, delay, repeat, values) {
  if (typeof callback !== 'function') throw new TypeError('A timer needs a function')
  needRequest('A timer')
  const id = nextTimer++
  startTimer(id, callback, delay, repeat, values)
  return id
}

function clearTimer(id) {
  const entry = timers.get(id)
  if (!entry) return
  timers.delete(id)
  if (waiting.delete(entry)) dispose(entry.pollable)
}

globalThis.setTimeout = (callback, delay, ...values) => addTimer(callback, delay, false, values)
globalThis.setInterval = (callback, delay, ...values) => addTimer(callback, delay, true, values)
globalThis.clearTimeout = clearTimer
globalThis.clearInterval = clearTimer

const origin = Date.now()
let start
globalThis.performance = {
  get timeOrigin() {
    return start?.wall ?? origin
  },
  now() {
    if (isLoading()) return Date.now() - origin
    // The first call fixes the origin: the clock of the build is not the clock of the run.
    start ??= { wall: Date.now(), clock: now() }
    return (now() - start.clock) / 1e6
  },
}
