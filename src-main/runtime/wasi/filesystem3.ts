/**
 * wasi:filesystem@0.3: the same files under the same rules as in 0.2. Functions are asynchronous, contents are streams,
 * and codes and kinds are variants.
 */
import {
  Descriptor,
  openGranted,
  type DescriptorFlags,
  type NewTimestamp,
  type OpenFlags,
  type PathFlags,
} from './filesystem.ts'
import { Refusal, type SessionSlot } from './session.ts'
import { chunkSize, drop, HostStream, pump, success, type ByteStream, type Result } from './streams3.ts'

interface Variant {
  readonly tag: string
  readonly val?: string | undefined
}
interface Entry {
  readonly type: Variant
  readonly name: string
}
type Outcome = Result<undefined, Variant>
type Stat = Omit<ReturnType<Descriptor['stat']>, 'type'> & { readonly type: Variant }

/** Codes of 0.2 that 0.3 has no case for. */
const unnamed: ReadonlySet<string> = new Set(['would-block'])

const codeOf = (thrown: unknown): Variant => {
  const code = thrown instanceof Refusal && typeof thrown.payload === 'string' ? thrown.payload : 'io'
  return unnamed.has(code) ? { tag: 'other', val: code } : { tag: code }
}

const kindOf = (type: string): Variant => (type === 'unknown' ? { tag: 'other', val: undefined } : { tag: type })

/** What 0.2 answers, or its refusal with a code of 0.3. */
async function answer<Value>(work: () => Value): Promise<Value> {
  try {
    return work()
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    throw new Refusal(codeOf(thrown))
  }
}

const failure = (thrown: unknown): Outcome => ({ tag: 'err', val: codeOf(thrown) })

/** A stream of what `next` gives until it gives nothing, and how that ended. `open` is called before, and may refuse. */
function streamOf<Item>(open: () => { next(): Item | undefined; close(): void }): [HostStream<Item>, Promise<Outcome>] {
  let settle: (outcome: Outcome) => void = () => {}
  const done = new Promise<Outcome>((resolve) => (settle = resolve))
  try {
    const { next, close } = open()
    const over = (thrown?: unknown): void => {
      close()
      settle(thrown === undefined ? success : failure(thrown))
    }
    return [new HostStream(next, over), done]
  } catch (thrown) {
    settle(failure(thrown))
    return [
      new HostStream<Item>(
        () => undefined,
        () => {},
      ),
      done,
    ]
  }
}

/** Writes a guest's stream where `open` says. Breaks off at the first failure: the guest's end is dropped then. */
async function writeStream(
  stream: ByteStream,
  open: () => { write(bytes: Uint8Array): void; close(): void },
): Promise<Outcome> {
  let close: (() => void) | undefined
  try {
    const file = open()
    close = file.close
    await pump(stream, file.write)
    return success
  } catch (thrown) {
    // Without a file nobody began to read.
    if (!close) drop(stream)
    return failure(thrown)
  } finally {
    close?.()
  }
}

/** `wasi:filesystem/types.descriptor` of 0.3 */
class Descriptor3 {
  readonly #two: Descriptor

  constructor(two: Descriptor) {
    this.#two = two
  }

  [Symbol.dispose](): void {
    this.#two[Symbol.dispose]()
  }

  readViaStream(offset: bigint): [HostStream<Uint8Array>, Promise<Outcome>] {
    return streamOf(() => {
      const { next, close } = this.#two.reader(offset)
      return {
        next() {
          const bytes = next(chunkSize)
          return bytes.length > 0 ? bytes : undefined
        },
        close,
      }
    })
  }

  writeViaStream(data: ByteStream, offset: bigint): Promise<Outcome> {
    return writeStream(data, () => this.#two.writer(offset))
  }

  appendViaStream(data: ByteStream): Promise<Outcome> {
    return writeStream(data, () => this.#two.writer())
  }

  readDirectory(): [HostStream<Entry>, Promise<Outcome>] {
    return streamOf(() => {
      const entries = this.#two.readDirectory()
      return {
        next() {
          const entry = entries.readDirectoryEntry()
          return entry && { type: kindOf(entry.type), name: entry.name }
        },
        close() {},
      }
    })
  }

  advise(): Promise<void> {
    return answer(() => this.#two.advise())
  }

  syncData(): Promise<void> {
    return answer(() => this.#two.syncData())
  }

  sync(): Promise<void> {
    return answer(() => this.#two.sync())
  }

  getFlags(): Promise<DescriptorFlags> {
    return answer(() => this.#two.getFlags())
  }

  getType(): Promise<Variant> {
    return answer(() => kindOf(this.#two.getType()))
  }

  setSize(size: bigint): Promise<void> {
    return answer(() => this.#two.setSize(size))
  }

  setTimes(access: NewTimestamp, modification: NewTimestamp): Promise<void> {
    return answer(() => this.#two.setTimes(access, modification))
  }

  createDirectoryAt(path: string): Promise<void> {
    return answer(() => this.#two.createDirectoryAt(path))
  }

  stat(): Promise<Stat> {
    return answer(() => statOf(this.#two.stat()))
  }

  statAt(flags: PathFlags, path: string): Promise<Stat> {
    return answer(() => statOf(this.#two.statAt(flags, path)))
  }

  setTimesAt(flags: PathFlags, path: string, access: NewTimestamp, modification: NewTimestamp): Promise<void> {
    return answer(() => this.#two.setTimesAt(flags, path, access, modification))
  }

  linkAt(flags: PathFlags, oldPath: string, target: Descriptor3, newPath: string): Promise<void> {
    return answer(() => this.#two.linkAt(flags, oldPath, target.#two, newPath))
  }

  openAt(pathFlags: PathFlags, path: string, open: OpenFlags, flags: DescriptorFlags): Promise<Descriptor3> {
    return answer(() => new Descriptor3(this.#two.openAt(pathFlags, path, open, flags)))
  }

  readlinkAt(path: string): Promise<string> {
    return answer(() => this.#two.readlinkAt(path))
  }

  removeDirectoryAt(path: string): Promise<void> {
    return answer(() => this.#two.removeDirectoryAt(path))
  }

  renameAt(oldPath: string, target: Descriptor3, newPath: string): Promise<void> {
    return answer(() => this.#two.renameAt(oldPath, target.#two, newPath))
  }

  symlinkAt(oldPath: string, newPath: string): Promise<void> {
    return answer(() => this.#two.symlinkAt(oldPath, newPath))
  }

  unlinkFileAt(path: string): Promise<void> {
    return answer(() => this.#two.unlinkFileAt(path))
  }

  isSameObject(other: Descriptor3): Promise<boolean> {
    return answer(() => this.#two.isSameObject(other.#two))
  }

  metadataHash(): Promise<{ lower: bigint; upper: bigint }> {
    return answer(() => this.#two.metadataHash())
  }

  metadataHashAt(flags: PathFlags, path: string): Promise<{ lower: bigint; upper: bigint }> {
    return answer(() => this.#two.metadataHashAt(flags, path))
  }
}

const statOf = (stat: ReturnType<Descriptor['stat']>): Stat => ({ ...stat, type: kindOf(stat.type) })

export function createFilesystem3(slot: SessionSlot) {
  return {
    'wasi:filesystem/preopens@0.3': {
      getDirectories: (): [Descriptor3, string][] =>
        openGranted(slot.current).map(([descriptor, path]) => [new Descriptor3(descriptor), path]),
    },
    'wasi:filesystem/types@0.3': { Descriptor: Descriptor3 },
  }
}
