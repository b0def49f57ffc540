/** wasi:cli@0.3: standard streams, handed over whole. */
import type { StandardStreams } from './basics.ts'
import { GuestCancelled, type SessionSlot } from './session.ts'
import { sinkTo, sourceOf } from './streams.ts'
import { HostStream, isEnd, pumpInto, success, takeBytes, type ByteStream, type Result } from './streams3.ts'

type Outcome = Result<undefined, 'io' | 'illegal-byte-sequence' | 'pipe'>

export function createCli3(slot: SessionSlot, streams: StandardStreams = {}) {
  const out =
    (name: 'stdout' | 'stderr') =>
    async (stream: ByteStream): Promise<Outcome> => {
      const session = slot.current
      try {
        await pumpInto(session, stream, streams[name] ?? sinkTo((bytes) => session.output(name, bytes)))
        return success
      } catch {
        // Whoever reads is gone.
        return { tag: 'err', val: 'pipe' }
      }
    }
  // All that read share it, as they share the descriptor elsewhere.
  const stdin = streams.stdin ?? sourceOf(new Uint8Array())
  return {
    'wasi:cli/stdout@0.3': { writeViaStream: out('stdout') },
    'wasi:cli/stderr@0.3': { writeViaStream: out('stderr') },
    'wasi:cli/stdin@0.3': {
      readViaStream(): [HostStream<Uint8Array>, Promise<Outcome>] {
        const session = slot.current
        let settle: (outcome: Outcome) => void = () => {}
        const done = new Promise<Outcome>((resolve) => (settle = resolve))
        const stream = new HostStream(
          () => takeBytes(session, stdin),
          (thrown) =>
            settle(
              thrown === undefined || isEnd(thrown) || thrown instanceof GuestCancelled
                ? success
                : { tag: 'err', val: 'io' },
            ),
        )
        return [stream, done]
      },
    },
  }
}
