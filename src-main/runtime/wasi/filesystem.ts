/** wasi:filesystem over the granted directories only. Calls are synchronous: they run in the guest's own thread. */
import fs from 'node:fs'
import { resolveBelow } from './paths.ts'
import { Refusal, type Session, type SessionSlot } from './session.ts'
import { closed, failed, InputStream, IoError, OutputStream } from './streams.ts'
import { always } from './wait.ts'

export interface DescriptorFlags {
  readonly read?: boolean
  readonly write?: boolean
  readonly fileIntegritySync?: boolean
  readonly dataIntegritySync?: boolean
  readonly requestedWriteSync?: boolean
  readonly mutateDirectory?: boolean
}
export interface OpenFlags {
  readonly create?: boolean
  readonly directory?: boolean
  readonly exclusive?: boolean
  readonly truncate?: boolean
}
export interface PathFlags {
  readonly symlinkFollow?: boolean
}
export interface Datetime {
  readonly seconds: bigint
  readonly nanoseconds: number
}
export type NewTimestamp =
  { readonly tag: 'no-change' } | { readonly tag: 'now' } | { readonly tag: 'timestamp'; readonly val: Datetime }

const codes: Readonly<Record<string, string>> = {
  EACCES: 'access',
  EAGAIN: 'would-block',
  EBADF: 'bad-descriptor',
  EBUSY: 'busy',
  EDQUOT: 'quota',
  EEXIST: 'exist',
  EFBIG: 'file-too-large',
  EILSEQ: 'illegal-byte-sequence',
  EINVAL: 'invalid',
  EISDIR: 'is-directory',
  ELOOP: 'loop',
  EMLINK: 'too-many-links',
  ENAMETOOLONG: 'name-too-long',
  ENOENT: 'no-entry',
  ENOMEM: 'insufficient-memory',
  ENOSPC: 'insufficient-space',
  ENOTDIR: 'not-directory',
  ENOTEMPTY: 'not-empty',
  ENOTSUP: 'unsupported',
  EPERM: 'not-permitted',
  EPIPE: 'pipe',
  EROFS: 'read-only',
  ETXTBSY: 'text-file-busy',
  EXDEV: 'cross-device',
}

function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  return codes[code] ?? 'io'
}

/** Runs a file operation; what the system refuses becomes the interface's error code. */
function attempt<Value>(work: () => Value): Value {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof Refusal) throw thrown
    throw new Refusal(codeOf(thrown))
  }
}

const typeOf = (stat: fs.BigIntStats | fs.Dirent): string =>
  stat.isFile()
    ? 'regular-file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symbolic-link'
        : stat.isFIFO()
          ? 'fifo'
          : stat.isSocket()
            ? 'socket'
            : stat.isCharacterDevice()
              ? 'character-device'
              : stat.isBlockDevice()
                ? 'block-device'
                : 'unknown'

const datetimeOf = (nanoseconds: bigint): Datetime => ({
  seconds: nanoseconds / 1_000_000_000n,
  nanoseconds: Number(nanoseconds % 1_000_000_000n),
})

const statOf = (stat: fs.BigIntStats) => ({
  type: typeOf(stat),
  linkCount: stat.nlink,
  size: stat.size,
  dataAccessTimestamp: datetimeOf(stat.atimeNs),
  dataModificationTimestamp: datetimeOf(stat.mtimeNs),
  statusChangeTimestamp: datetimeOf(stat.ctimeNs),
})

/** Seconds as Node's utimes takes them. */
function timestamp(wanted: NewTimestamp, current: bigint): number {
  if (wanted.tag === 'now') return Date.now() / 1000
  if (wanted.tag === 'no-change') return Number(current) / 1e9
  if (wanted.val.nanoseconds >= 1e9) throw new Refusal('invalid')
  return Number(wanted.val.seconds) + wanted.val.nanoseconds / 1e9
}

const hashOf = (stat: fs.BigIntStats): { lower: bigint; upper: bigint } => {
  const digest = process
    .getBuiltinModule('node:crypto')
    .createHash('sha256')
    .update(`${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}`)
    .digest()
  return { lower: digest.readBigUInt64LE(0), upper: digest.readBigUInt64LE(8) }
}

const readLimit = 1024 * 1024
const position = (offset: bigint): number => {
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) throw new Refusal('overflow')
  return Number(offset)
}

/** `wasi:filesystem/types.directory-entry-stream` */
class DirectoryEntryStream {
  readonly #entries: Iterator<fs.Dirent>

  constructor(entries: Iterable<fs.Dirent>) {
    this.#entries = entries[Symbol.iterator]()
  }

  readDirectoryEntry(): { type: string; name: string } | undefined {
    const { value, done } = this.#entries.next()
    return done ? undefined : { type: typeOf(value), name: value.name }
  }
}

/**
 * An open file, held by its descriptor and by the streams over it, and closed when the last of them is gone. Its number
 * may stand for another file as soon as it is closed: nobody gets at it then.
 */
class OpenFile {
  readonly #file: number
  #forget: () => void = () => {}
  #holders = 0
  #isClosed = false

  constructor(session: Session, file: number) {
    this.#file = file
    this.#forget = session.onClose(() => this.#close())
  }

  get number(): number {
    if (this.#isClosed) throw new Refusal('bad-descriptor')
    return this.#file
  }

  /** The returned function lets it go, once. */
  hold(): () => void {
    this.#holders++
    let held = true
    return () => {
      if (held && --this.#holders === 0) this.#close()
      held = false
    }
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#forget()
    fs.closeSync(this.#file)
  }
}

/** `wasi:filesystem/types.descriptor`: a directory is known by its path, a file by an open descriptor. */
export class Descriptor {
  readonly #session: Session
  readonly #path: string
  readonly #file: OpenFile | undefined
  readonly #flags: DescriptorFlags
  readonly #release: (() => void) | undefined

  constructor(session: Session, path: string, flags: DescriptorFlags, file?: number) {
    this.#session = session
    this.#path = path
    this.#flags = flags
    this.#file = file === undefined ? undefined : new OpenFile(session, file)
    this.#release = this.#file?.hold()
  }

  [Symbol.dispose](): void {
    this.#release?.()
  }

  #readable(): OpenFile {
    if (this.#file === undefined) throw new Refusal('is-directory')
    if (!this.#flags.read) throw new Refusal('bad-descriptor')
    return this.#file
  }

  #writable(): OpenFile {
    if (this.#file === undefined) throw new Refusal('is-directory')
    if (!this.#flags.write) throw new Refusal('bad-descriptor')
    return this.#file
  }

  #below(path: string, follow: boolean): string {
    if (this.#file !== undefined) throw new Refusal('not-directory')
    return resolveBelow(this.#path, path, follow)
  }

  /** Below, and about to be changed. */
  #changing(path: string): string {
    if (!this.#flags.mutateDirectory) throw new Refusal('read-only')
    return this.#below(path, false)
  }

  #stat(): fs.BigIntStats {
    return this.#file === undefined
      ? fs.statSync(this.#path, { bigint: true })
      : fs.fstatSync(this.#file.number, { bigint: true })
  }

  #statAt(flags: PathFlags, path: string): fs.BigIntStats {
    return fs.lstatSync(this.#below(path, flags.symlinkFollow ?? false), { bigint: true })
  }

  readViaStream(offset: bigint): InputStream {
    const read = this.reader(offset)
    return new InputStream(this.#session, {
      ...always,
      take(max) {
        const bytes = streaming(() => read.next(Math.min(max, 64 * 1024)))
        if (bytes.length === 0 && max > 0) throw closed()
        return bytes
      },
      close: read.close,
    })
  }

  /** For the host: reads on from `offset`, nothing at the end. Throws error codes, at once when it may not be read. */
  reader(offset: bigint): { next(max: number): Uint8Array; close(): void } {
    const file = this.#readable()
    let at = position(offset)
    return {
      next: (max) => {
        const buffer = new Uint8Array(max)
        const count = attempt(() => fs.readSync(file.number, buffer, 0, max, at))
        at += count
        this.#session.tally('file read', count)
        return buffer.subarray(0, count)
      },
      close: file.hold(),
    }
  }

  /** For the host: writes on from `offset`, or wherever the end is. Throws error codes, at once when it may not be written. */
  writer(offset?: bigint): { write(bytes: Uint8Array): void; close(): void } {
    const file = this.#writable()
    let at = offset === undefined ? undefined : position(offset)
    return {
      write(bytes) {
        const start = at ?? Number(attempt(() => fs.fstatSync(file.number)).size)
        attempt(() => writeAll(file.number, bytes, start))
        if (at !== undefined) at += bytes.length
      },
      close: file.hold(),
    }
  }

  writeViaStream(offset: bigint): OutputStream {
    return this.#output(this.writer(offset))
  }

  appendViaStream(): OutputStream {
    return this.#output(this.writer())
  }

  #output({ write, close }: ReturnType<Descriptor['writer']>): OutputStream {
    return new OutputStream(this.#session, {
      ...always,
      room: () => readLimit,
      write: (bytes) => streaming(() => write(bytes)),
      flush: () => {},
      close,
    })
  }

  advise(): void {}

  syncData(): void {
    this.sync()
  }

  sync(): void {
    const file = this.#file
    if (file !== undefined) attempt(() => fs.fsyncSync(file.number))
  }

  getFlags(): DescriptorFlags {
    return this.#flags
  }

  getType(): string {
    return attempt(() => typeOf(this.#stat()))
  }

  setSize(size: bigint): void {
    attempt(() => fs.ftruncateSync(this.#writable().number, position(size)))
  }

  setTimes(access: NewTimestamp, modification: NewTimestamp): void {
    attempt(() => {
      const stat = this.#stat()
      const times = [timestamp(access, stat.atimeNs), timestamp(modification, stat.mtimeNs)] as const
      if (this.#file !== undefined) fs.futimesSync(this.#file.number, ...times)
      else if (this.#flags.mutateDirectory) fs.utimesSync(this.#path, ...times)
      else throw new Refusal('read-only')
    })
  }

  read(length: bigint, offset: bigint): [Uint8Array, boolean] {
    return attempt(() => {
      const buffer = new Uint8Array(length > BigInt(readLimit) ? readLimit : Number(length))
      const count = fs.readSync(this.#readable().number, buffer, 0, buffer.length, position(offset))
      this.#session.tally('file read', count)
      return [buffer.subarray(0, count), count === 0 && length > 0n]
    })
  }

  write(buffer: Uint8Array, offset: bigint): bigint {
    return attempt(() => BigInt(writeAll(this.#writable().number, buffer, position(offset))))
  }

  readDirectory(): DirectoryEntryStream {
    if (this.#file !== undefined) throw new Refusal('not-directory')
    return attempt(() => new DirectoryEntryStream(fs.readdirSync(this.#path, { withFileTypes: true })))
  }

  createDirectoryAt(path: string): void {
    attempt(() => fs.mkdirSync(this.#changing(path)))
  }

  stat(): ReturnType<typeof statOf> {
    return attempt(() => statOf(this.#stat()))
  }

  statAt(flags: PathFlags, path: string): ReturnType<typeof statOf> {
    return attempt(() => statOf(this.#statAt(flags, path)))
  }

  setTimesAt(flags: PathFlags, path: string, access: NewTimestamp, modification: NewTimestamp): void {
    attempt(() => {
      if (!this.#flags.mutateDirectory) throw new Refusal('read-only')
      const stat = this.#statAt(flags, path)
      const target = this.#below(path, flags.symlinkFollow ?? false)
      fs.lutimesSync(target, timestamp(access, stat.atimeNs), timestamp(modification, stat.mtimeNs))
    })
  }

  linkAt(flags: PathFlags, oldPath: string, target: Descriptor, newPath: string): void {
    attempt(() => {
      if (flags.symlinkFollow) throw new Refusal('invalid')
      fs.linkSync(this.#below(oldPath, false), target.#changing(newPath))
    })
  }

  openAt(pathFlags: PathFlags, path: string, open: OpenFlags, flags: DescriptorFlags): Descriptor {
    const ended = this.#session.span('file', `open ${path}`)
    try {
      const opened = this.#open(pathFlags, path, open, flags)
      ended()
      return opened
    } catch (thrown) {
      ended(thrown instanceof Refusal ? String(thrown.payload) : 'failed')
      throw thrown
    }
  }

  #open(pathFlags: PathFlags, path: string, open: OpenFlags, flags: DescriptorFlags): Descriptor {
    return attempt(() => {
      const changes = open.create || open.truncate || flags.write || flags.mutateDirectory
      if (changes && !this.#flags.mutateDirectory) throw new Refusal('read-only')
      const target = this.#below(path, pathFlags.symlinkFollow ?? false)
      const existing = fs.lstatSync(target, { throwIfNoEntry: false })
      if (existing?.isSymbolicLink()) throw new Refusal('loop')
      if (open.directory || existing?.isDirectory()) {
        if (!existing) throw new Refusal('no-entry')
        if (!existing.isDirectory()) throw new Refusal('not-directory')
        if (open.exclusive) throw new Refusal('exist')
        if (flags.write || open.truncate) throw new Refusal('is-directory')
        return new Descriptor(this.#session, target, { ...flags, mutateDirectory: this.#flags.mutateDirectory })
      }
      const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
      const mode =
        (flags.write ? (flags.read ? O_RDWR : O_WRONLY) : O_RDONLY) |
        (open.create ? O_CREAT : 0) |
        (open.exclusive ? O_EXCL : 0) |
        (open.truncate ? O_TRUNC : 0) |
        // No link put there since we looked is followed, and opening a pipe does not hang the thread.
        O_NOFOLLOW |
        O_NONBLOCK
      const file = fs.openSync(target, mode, 0o644)
      return new Descriptor(this.#session, target, flags, file)
    })
  }

  readlinkAt(path: string): string {
    return attempt(() => {
      const target = fs.readlinkSync(this.#below(path, false))
      // An absolute target tells the guest where on the host it is.
      if (target.startsWith('/')) throw new Refusal('not-permitted')
      return target
    })
  }

  removeDirectoryAt(path: string): void {
    attempt(() => fs.rmdirSync(this.#changing(path)))
  }

  renameAt(oldPath: string, target: Descriptor, newPath: string): void {
    attempt(() => fs.renameSync(this.#changing(oldPath), target.#changing(newPath)))
  }

  symlinkAt(oldPath: string, newPath: string): void {
    attempt(() => {
      if (oldPath.startsWith('/')) throw new Refusal('not-permitted')
      fs.symlinkSync(oldPath, this.#changing(newPath))
    })
  }

  unlinkFileAt(path: string): void {
    attempt(() => fs.unlinkSync(this.#changing(path)))
  }

  isSameObject(other: Descriptor): boolean {
    try {
      const [mine, theirs] = [this.#stat(), other.#stat()]
      return mine.dev === theirs.dev && mine.ino === theirs.ino
    } catch {
      return false
    }
  }

  metadataHash(): { lower: bigint; upper: bigint } {
    return attempt(() => hashOf(this.#stat()))
  }

  metadataHashAt(flags: PathFlags, path: string): { lower: bigint; upper: bigint } {
    return attempt(() => hashOf(this.#statAt(flags, path)))
  }
}

function writeAll(file: number, bytes: Uint8Array, at: number): number {
  let done = 0
  while (done < bytes.length) done += fs.writeSync(file, bytes, done, bytes.length - done, at + done)
  return done
}

/** In a stream the error code travels inside `last-operation-failed`. */
function streaming<Value>(work: () => Value): Value {
  try {
    return work()
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    const code = String(thrown.payload)
    throw failed(new IoError(`the file cannot be read or written: ${code}`, { filesystem: code }))
  }
}

/** The directories that were granted, with the paths that the guest knows them by. */
export const openGranted = (session: Session): [Descriptor, string][] =>
  Object.entries(session.grants.directories).map(([guestPath, hostPath]) => [
    new Descriptor(session, fs.realpathSync(hostPath), { read: true, mutateDirectory: true }),
    guestPath,
  ])

export function createFilesystem(slot: SessionSlot) {
  return {
    'wasi:filesystem/preopens': {
      getDirectories: (): [Descriptor, string][] => openGranted(slot.current),
    },
    'wasi:filesystem/types': {
      Descriptor,
      DirectoryEntryStream,
      filesystemErrorCode(error: IoError): string | undefined {
        const { cause } = error
        return typeof cause === 'object' &&
          cause !== null &&
          'filesystem' in cause &&
          typeof cause.filesystem === 'string'
          ? cause.filesystem
          : undefined
      },
    },
  }
}
