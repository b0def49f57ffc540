/** The small interfaces: wasi:cli, wasi:clocks, wasi:random. */
import { GuestExit, GuestTrap, type SessionSlot } from './session.ts'
import { InputStream, OutputStream, sinkTo, sourceOf, type Sink, type Source } from './streams.ts'
import { Pollable, Timer } from './wait.ts'

/** Standard streams of a run; a handler has no input. */
export interface StandardStreams {
  readonly stdin?: Source
  readonly stdout?: Sink
  readonly stderr?: Sink
}

/** Never handed out: no guest has a terminal here. */
class TerminalInput {}
class TerminalOutput {}

export function createCli(slot: SessionSlot, streams: StandardStreams = {}) {
  const out = (source: 'stdout' | 'stderr') => () => {
    const session = slot.current
    return new OutputStream(session, streams[source] ?? sinkTo((bytes) => slot.current.output(source, bytes)))
  }
  const initialDirectory = (): string | undefined =>
    Object.keys(slot.current.grants.directories).length > 0 ? '/' : undefined
  return {
    'wasi:cli/environment': {
      getEnvironment: (): [string, string][] => Object.entries(slot.current.grants.environment),
      getArguments: (): string[] => [...slot.current.grants.arguments],
      initialCwd: initialDirectory,
      // The same in 0.3.
      getInitialCwd: initialDirectory,
    },
    'wasi:cli/exit': {
      exit(status: { readonly tag: 'ok' | 'err' }): never {
        throw new GuestExit(status.tag === 'ok' ? 0 : 1)
      },
      exitWithCode(code: number): never {
        throw new GuestExit(code)
      },
    },
    'wasi:cli/stdin': {
      getStdin: (): InputStream => new InputStream(slot.current, streams.stdin ?? sourceOf(new Uint8Array())),
    },
    'wasi:cli/stdout': { getStdout: out('stdout') },
    'wasi:cli/stderr': { getStderr: out('stderr') },
    'wasi:cli/terminal-input': { TerminalInput },
    'wasi:cli/terminal-output': { TerminalOutput },
    'wasi:cli/terminal-stdin': { getTerminalStdin: (): undefined => undefined },
    'wasi:cli/terminal-stdout': { getTerminalStdout: (): undefined => undefined },
    'wasi:cli/terminal-stderr': { getTerminalStderr: (): undefined => undefined },
  }
}

interface Datetime {
  readonly seconds: bigint
  readonly nanoseconds: number
}

function now(): Datetime {
  const milliseconds = Date.now()
  return { seconds: BigInt(Math.floor(milliseconds / 1000)), nanoseconds: (milliseconds % 1000) * 1_000_000 }
}

export function createClocks(slot: SessionSlot) {
  const timer = (deadline: bigint): Pollable => new Pollable(slot.current, new Timer(slot.current, deadline))
  return {
    'wasi:clocks/wall-clock': {
      now,
      resolution: (): Datetime => ({ seconds: 0n, nanoseconds: 1_000_000 }),
    },
    'wasi:clocks/monotonic-clock': {
      now: (): bigint => process.hrtime.bigint(),
      resolution: (): bigint => 1n,
      subscribeInstant: (when: bigint): Pollable => timer(when),
      subscribeDuration: (duration: bigint): Pollable => timer(process.hrtime.bigint() + duration),
    },
    // Unstable in 0.2. Time zones of the user are none of a guest's business: it lives in UTC.
    'wasi:clocks/timezone': {
      display: () => ({ utcOffset: 0, name: 'UTC', inDaylightSavingTime: false }),
      utcOffset: (): number => 0,
    },
  }
}

/** The clocks of 0.3, where waiting is a function that takes its time. */
export function createClocks3(slot: SessionSlot) {
  const wait = (deadline: bigint): Promise<void> | undefined =>
    new Pollable(slot.current, new Timer(slot.current, deadline)).block()
  return {
    'wasi:clocks/monotonic-clock@0.3': {
      now: (): bigint => process.hrtime.bigint(),
      getResolution: (): bigint => 1n,
      waitUntil: wait,
      waitFor: (duration: bigint): Promise<void> | undefined => wait(process.hrtime.bigint() + duration),
    },
    'wasi:clocks/system-clock@0.3': { now, getResolution: (): bigint => 1_000_000n },
    'wasi:clocks/timezone@0.3': {
      ianaId: (): string => 'UTC',
      utcOffset: (): bigint => 0n,
      toDebugString: (): string => 'UTC',
    },
  }
}

/** One call fills at most this much; more is not randomness but a way to use up memory. */
const randomLimit = 64n * 1024n * 1024n

/** Node's own, looked up at each call: most workers never need it, and it takes a megabyte of each that loads it. */
const fill = <Numbers extends Uint8Array | BigUint64Array>(numbers: Numbers): Numbers =>
  process.getBuiltinModule('node:crypto').randomFillSync(numbers)

function randomBytes(length: bigint): Uint8Array {
  if (length > randomLimit)
    throw new GuestTrap(`${length} random bytes were asked for in one call (at most ${randomLimit})`)
  return fill(new Uint8Array(Number(length)))
}

function randomU64(): bigint {
  return fill(new BigUint64Array(1))[0] ?? 0n
}

export function createRandom(slot: SessionSlot) {
  const bytes = (length: bigint): Uint8Array => {
    slot.current.tally('random', Number(length))
    return randomBytes(length)
  }
  const number = (): bigint => {
    slot.current.tally('random', 8)
    return randomU64()
  }
  const seed = (): [bigint, bigint] => [number(), number()]
  return {
    'wasi:random/random': { getRandomBytes: bytes, getRandomU64: number },
    'wasi:random/insecure': { getInsecureRandomBytes: bytes, getInsecureRandomU64: number },
    'wasi:random/insecure-seed': { insecureSeed: seed },
  }
}

/** The same of 0.3, where a call may give less than was asked for. */
export function createRandom3(slot: SessionSlot) {
  const two = createRandom(slot)
  const { getRandomBytes, getRandomU64 } = two['wasi:random/random']
  const bytes = (length: bigint): Uint8Array => getRandomBytes(length > randomLimit ? randomLimit : length)
  return {
    'wasi:random/random@0.3': { getRandomBytes: bytes, getRandomU64 },
    'wasi:random/insecure@0.3': { getInsecureRandomBytes: bytes, getInsecureRandomU64: getRandomU64 },
    'wasi:random/insecure-seed@0.3': { getInsecureSeed: two['wasi:random/insecure-seed'].insecureSeed },
  }
}
