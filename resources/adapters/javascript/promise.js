/**
 * Promises whose jobs we run ourselves.
 *
 * The engine in the component is entered once per request and runs no promise jobs of its own. The build turns `async`
 * functions into generators over `Promise`, so with this class in its place the whole program waits in our queue, and
 * `runJobs` moves it on. Follows ECMAScript's section on promises.
 */
const jobs = []
let next = 0

/** Under symbols: not listed when a promise is printed. */
const stateKey = Symbol('state')
const valueKey = Symbol('value')
const reactionsKey = Symbol('reactions')

const pending = 0
const fulfilled = 1
const rejected = 2
/** Rejected promises that nobody has asked about yet. */
const unhandled = new Set()

let running = false
/** While the module is loaded nobody runs the queue, and an `await` outside of functions is the engine's own. */
let loading = true

export function queueJob(job) {
  jobs.push(job)
  if (loading && !running) runJobs()
}

/** Runs jobs until none is left. */
export function runJobs() {
  if (jobs.length === 0) return
  running = true
  try {
    runAll()
  } finally {
    running = false
  }
}

/** From now on jobs wait for {@link runJobs}. */
export function endLoading() {
  loading = false
}

export function isLoading() {
  return loading
}

/** Throws while the module is loaded: that happens during the build, where nothing outside of it can be reached. */
export function needRequest(what) {
  if (loading) throw new Error(`${what} works during a request only; here the module is being built`)
}

function runAll() {
  while (next < jobs.length) {
    const job = jobs[next++]
    // Keeps the queue short where jobs make jobs for ever.
    if (next > 1024) {
      jobs.splice(0, next)
      next = 0
    }
    job()
  }
  jobs.length = 0
  next = 0
}

/** Reasons of rejections that no handler was attached to since the last call. */
export function takeUnhandled() {
  if (unhandled.size === 0) return []
  const reasons = [...unhandled].map((promise) => promise[valueKey])
  unhandled.clear()
  return reasons
}

/** Leaves nothing of one request to the next. */
export function forgetJobs() {
  if (jobs.length > 0) jobs.length = 0
  next = 0
  if (unhandled.size > 0) unhandled.clear()
}

/** What became of a value by now: `rejected` marks that somebody asked. A stranger's promise counts as pending. */
export function outcomeOf(value) {
  if (value instanceof QueuedPromise) {
    if (value[stateKey] === pending) return { state: 'pending' }
    unhandled.delete(value)
    return { state: value[stateKey] === fulfilled ? 'fulfilled' : 'rejected', value: value[valueKey] }
  }
  return { state: typeof value?.then === 'function' ? 'pending' : 'fulfilled', value }
}

function settle(promise, state, value) {
  if (promise[stateKey] !== pending) return
  promise[stateKey] = state
  promise[valueKey] = value
  const reactions = promise[reactionsKey]
  promise[reactionsKey] = undefined
  if (reactions !== undefined) for (const reaction of reactions) schedule(reaction, state, value)
  else if (state === rejected) unhandled.add(promise)
}

/** `reaction.promise` is one of ours; a derived one has functions of its own. With `steps` an async function goes on. */
function schedule(reaction, state, value) {
  queueJob(() => {
    const { promise, steps } = reaction
    if (steps !== undefined) return advance(promise, steps, state === fulfilled ? 'next' : 'throw', value)
    const handler = state === fulfilled ? reaction.onFulfilled : reaction.onRejected
    if (typeof handler !== 'function') {
      if (promise !== undefined) settle(promise, state, value)
      else if (state === fulfilled) reaction.resolve(value)
      else reaction.reject(value)
      return
    }
    let result
    try {
      result = handler(value)
    } catch (thrown) {
      if (promise !== undefined) settle(promise, rejected, thrown)
      else reaction.reject(thrown)
      return
    }
    if (promise !== undefined) settleLike(promise, result)
    else reaction.resolve(result)
  })
}

/** Settles the promise with a value, or like another promise. Called once for each promise. */
function settleLike(promise, value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    return settle(promise, fulfilled, value)
  }
  if (value === promise) return settle(promise, rejected, new TypeError('A promise cannot wait for itself'))
  let then
  try {
    then = value.then
  } catch (thrown) {
    return settle(promise, rejected, thrown)
  }
  if (typeof then !== 'function') return settle(promise, fulfilled, value)
  queueJob(() => {
    const functions = resolvingFunctions(promise)
    try {
      then.call(value, functions.resolve, functions.reject)
    } catch (thrown) {
      functions.reject(thrown)
    }
  })
}

/** For somebody who may call either, and more than once. */
function resolvingFunctions(promise) {
  let done = false
  return {
    resolve(value) {
      if (done) return
      done = true
      settleLike(promise, value)
    },
    reject(reason) {
      if (done) return
      done = true
      settle(promise, rejected, reason)
    },
  }
}

/** A promise that only we settle: no functions are made for it. */
function openPromise() {
  const promise = Object.create(QueuedPromise.prototype)
  promise[stateKey] = pending
  promise[valueKey] = undefined
  promise[reactionsKey] = undefined
  return promise
}

function capabilityOf(Constructor) {
  const capability = {}
  capability.promise = new Constructor((resolve, reject) => {
    capability.resolve = resolve
    capability.reject = reject
  })
  return capability
}

function react(promise, reaction) {
  if (promise[stateKey] !== pending) {
    unhandled.delete(promise)
    schedule(reaction, promise[stateKey], promise[valueKey])
  } else if (promise[reactionsKey] === undefined) promise[reactionsKey] = [reaction]
  else promise[reactionsKey].push(reaction)
}

/** What the build makes an `async` function of: the function as a generator, which yields what it waits for. */
export function asyncToGenerator(run) {
  return function () {
    const promise = openPromise()
    let steps
    try {
      steps = run.apply(this, arguments)
    } catch (thrown) {
      settle(promise, rejected, thrown)
      return promise
    }
    advance(promise, steps, 'next', undefined)
    return promise
  }
}

/** Runs an async function to where it waits next. */
function advance(promise, steps, way, sent) {
  let step
  try {
    step = steps[way](sent)
  } catch (thrown) {
    return settle(promise, rejected, thrown)
  }
  const { value } = step
  if (step.done) return settleLike(promise, value)
  const reaction = { promise, steps }
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    return schedule(reaction, fulfilled, value)
  }
  try {
    react(QueuedPromise.resolve(value), reaction)
  } catch (thrown) {
    // The value is a promise of whose class nothing can be asked.
    schedule(reaction, rejected, thrown)
  }
}

class QueuedPromise {
  constructor(executor) {
    if (typeof executor !== 'function') throw new TypeError('A promise needs a function')
    this[stateKey] = pending
    this[valueKey] = undefined
    this[reactionsKey] = undefined
    const { resolve, reject } = resolvingFunctions(this)
    try {
      executor(resolve, reject)
    } catch (thrown) {
      reject(thrown)
    }
  }

  then(onFulfilled, onRejected) {
    const Constructor = this.constructor ?? QueuedPromise
    const capability = Constructor === QueuedPromise ? undefined : capabilityOf(Constructor)
    const reaction = {
      onFulfilled,
      onRejected,
      promise: capability ? undefined : openPromise(),
      resolve: capability?.resolve,
      reject: capability?.reject,
      steps: undefined,
    }
    react(this, reaction)
    return capability ? capability.promise : reaction.promise
  }

  catch(onRejected) {
    return this.then(undefined, onRejected)
  }

  finally(onFinally) {
    if (typeof onFinally !== 'function') return this.then(onFinally, onFinally)
    return this.then(
      (value) => QueuedPromise.resolve(onFinally()).then(() => value),
      (reason) =>
        QueuedPromise.resolve(onFinally()).then(() => {
          throw reason
        }),
    )
  }

  get [Symbol.toStringTag]() {
    return 'Promise'
  }

  static resolve(value) {
    if (value instanceof QueuedPromise && value.constructor === this) return value
    if (this === QueuedPromise) {
      const made = openPromise()
      settleLike(made, value)
      return made
    }
    const { promise, resolve } = capabilityOf(this)
    resolve(value)
    return promise
  }

  static reject(reason) {
    const { promise, reject } = capabilityOf(this)
    reject(reason)
    return promise
  }

  static withResolvers() {
    return capabilityOf(this)
  }

  static try(run, ...values) {
    return new this((resolve) => resolve(run(...values)))
  }

  static all(values) {
    return gather(this, values, (promise, store, reject) => promise.then(store, reject))
  }

  static allSettled(values) {
    return gather(this, values, (promise, store) =>
      promise.then(
        (value) => store({ status: 'fulfilled', value }),
        (reason) => store({ status: 'rejected', reason }),
      ),
    )
  }

  static any(values) {
    return new this((resolve, reject) => {
      gather(this, values, (promise, store) => promise.then(resolve, store)).then((reasons) =>
        reject(new AggregateError(reasons, 'All promises were rejected')),
      )
    })
  }

  static race(values) {
    return new this((resolve, reject) => {
      for (const value of values) this.resolve(value).then(resolve, reject)
    })
  }
}

/** Resolves with all stored values, in the order of the input. */
function gather(Constructor, values, attach) {
  return new Constructor((resolve, reject) => {
    const results = []
    let open = 1
    let index = 0
    const close = () => {
      if (--open === 0) resolve(results)
    }
    for (const value of values) {
      const at = index++
      open++
      let stored = false
      attach(
        Constructor.resolve(value),
        (result) => {
          if (stored) return
          stored = true
          results[at] = result
          close()
        },
        reject,
      )
    }
    close()
  })
}

Object.defineProperty(QueuedPromise, 'name', { value: 'Promise' })
globalThis.Promise = QueuedPromise
globalThis.queueMicrotask = (callback) => {
  if (typeof callback !== 'function') throw new TypeError('queueMicrotask needs a function')
  queueJob(callback)
}
