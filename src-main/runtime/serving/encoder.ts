import type { Writable } from 'node:stream'
import { constants, createBrotliCompress, createGzip, type BrotliCompress, type Gzip } from 'node:zlib'
import type { Encoding } from './negotiation.ts'

/**
 * Encodes a body on its way to the client. Each piece goes out at once, so that a stream stays one; `done` comes when
 * there is room for as much again, so nothing piles up when the client is slow.
 */
export class Encoder {
  readonly #stream: Gzip | BrotliCompress
  readonly #target: Writable

  constructor(encoding: Encoding, target: Writable) {
    this.#target = target
    this.#stream =
      encoding === 'gzip'
        ? createGzip({ level: 5 })
        : createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })
    this.#stream.on('data', (chunk: Buffer) => {
      if (!target.write(chunk)) this.#stream.pause()
    })
    target.on('drain', () => this.#stream.resume())
    target.on('close', () => this.#stream.destroy())
    this.#stream.on('error', () => target.destroy())
  }

  /** `flush` where more may come only later. */
  write(chunk: Uint8Array, flush: boolean, done: () => void): void {
    this.#stream.write(chunk, () => done())
    if (flush) this.#stream.flush()
  }

  /** Ends the target too, once everything is out; `before` may add trailers. */
  end(before?: () => void): void {
    this.#stream.on('end', () => {
      before?.()
      this.#target.end()
    })
    this.#stream.end()
  }
}
