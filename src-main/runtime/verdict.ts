import { fail, PatchbayError, type Problem } from '../../src-engine/error.ts'
import { standingModule } from './direct/standing-call.ts'
import { GuestCancelled, GuestExit, GuestTrap } from './wasi/session.ts'

/** How a guest came to grief, for the caller and for the log. */
export interface Verdict {
  readonly problem: Problem
  /** Absent when the guest is not at fault. */
  readonly trap?: string
}

const frameLimit = 12

/** Frames of the guest in a stack trace, innermost first: `function (offset)`, names where the module has them. */
function guestFrames(stack: string): string[] {
  const frames: string[] = []
  for (const line of stack.split('\n')) {
    if (line.includes(`wasm://wasm/${standingModule}-`)) continue
    const named = /^\s+at (?:async )?(.+?) \(wasm:\/\/[^)]*wasm-function\[(\d+)\]:(0x[0-9a-f]+)\)/.exec(line)
    const plain = named ? undefined : /^\s+at wasm:\/\/\S*wasm-function\[(\d+)\]:(0x[0-9a-f]+)/.exec(line)
    if (named)
      frames.push(`${(named[1] ?? '').replace(/^wasm-function\[\d+\]$/, '') || `function ${named[2]}`} (${named[3]})`)
    else if (plain) frames.push(`function ${plain[1]} (${plain[2]})`)
  }
  if (frames.length <= frameLimit) return frames
  return [...frames.slice(0, frameLimit), `… ${frames.length - frameLimit} more`]
}

/**
 * `memory` and `limit` in bytes: what the instance held at the end, and might hold. `refused`: whether it asked for more
 * and got none; undefined when that is not known.
 */
export function judge(thrown: unknown, memory: number, limit: number, refused?: boolean): Verdict {
  if (thrown instanceof GuestCancelled)
    return { problem: thrown.problem ?? fail('runtime.cancelled', thrown.message).problem }
  if (thrown instanceof PatchbayError) return { problem: thrown.problem }
  if (thrown instanceof GuestExit) {
    return {
      problem: fail('runtime.exit', `The guest ended itself with exit code ${thrown.code}`, {
        hint: 'A handler answers each request and returns; wasi:cli/exit is for commands',
      }).problem,
      trap: `exit(${thrown.code})`,
    }
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const frames = guestFrames(error.stack ?? '')
  const message = messageOf(error)
  const trap = [message, ...frames.map((frame) => `    at ${frame}`)].join('\n')
  // A guest that gets no more memory gives up soon after, mostly by `unreachable`. Where it is not known whether it asked:
  // an allocator that doubles asks for as much as it has, so from half the limit on the limit is the likeliest reason.
  const wasRefused = refused ?? memory * 2 > limit
  if (wasRefused && !(error instanceof GuestTrap) && error instanceof WebAssembly.RuntimeError) {
    return {
      problem: fail(
        'runtime.memory',
        `The guest ran out of memory: it holds ${mebibytes(memory)} of at most ${mebibytes(limit)} and was refused more`,
        {
          hint: 'Raise the memory limit of the handler, or look for what it keeps',
        },
      ).problem,
      trap,
    }
  }
  const where = frames[0] === undefined ? '' : ` in ${frames[0].replace(/ \(0x[0-9a-f]+\)$/, '')}`
  return {
    problem: fail('runtime.trap', `The guest trapped${where}: ${message}`, {
      hint: 'The console shows what it wrote before, and the functions it was in',
    }).problem,
    trap,
  }
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`

const trapNames: Readonly<Record<string, string>> = {
  'wasm `unreachable` instruction executed': 'unreachable',
  'out of bounds memory access': 'memory access out of bounds',
  'integer divide by zero': 'divide by zero',
}

function messageOf(error: Error): string {
  if (error instanceof RangeError && /call stack/.test(error.message)) return 'the call stack is exhausted'
  // The same trap reads the same whichever engine ran the guest.
  const known = /^wasm trap: (.*)$/s.exec(error.message)?.[1]
  if (known !== undefined) return trapNames[known] ?? known
  return error.message || error.name
}
