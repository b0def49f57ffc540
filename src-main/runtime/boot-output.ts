import { kinds, type FrameWriter } from './frames.ts'
import type { SessionEvents } from './wasi/session.ts'

/** Bytes that are kept until somebody hears them; what a guest says beyond it before it serves is lost. */
const room = 64 * 1024

/** What instances say while they start, before any request: kept as long as there is no line to the workbench. */
export class BootOutput implements SessionEvents {
  #writer: FrameWriter | undefined
  #kept: { readonly kind: number; readonly bytes: Uint8Array }[] = []
  #bytes = 0

  output(source: 'stdout' | 'stderr', bytes: Uint8Array): void {
    this.#tell(source === 'stdout' ? kinds.stdout : kinds.stderr, bytes)
  }

  notice(text: string): void {
    this.#tell(kinds.notice, Buffer.from(text))
  }

  /** Sends what was kept, and from now on everything at once. */
  flow(writer: FrameWriter): void {
    this.#writer = writer
    for (const { kind, bytes } of this.#kept.splice(0)) writer.send(kind, 0, bytes)
  }

  #tell(kind: number, bytes: Uint8Array): void {
    if (this.#writer) return this.#writer.send(kind, 0, bytes)
    if (this.#bytes + bytes.length > room) return
    this.#bytes += bytes.length
    this.#kept.push({ kind, bytes: Uint8Array.from(bytes) })
  }
}
