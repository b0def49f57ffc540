import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliDecompressSync, createBrotliDecompress, createGunzip, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Encoder } from './encoder.ts'

describe.each(['gzip', 'br'] as const)('an answer encoded with %s', (encoding) => {
  const decode = encoding === 'gzip' ? gunzipSync : brotliDecompressSync

  it('sends each piece when it comes, and is whole at the end', async () => {
    let next: () => void = () => {}
    const server = createServer((_request, response) => {
      const encoder = new Encoder(encoding, response)
      encoder.write(Buffer.from('first,'), true, () => {})
      // The second piece comes only once the client has read the first.
      next = () => {
        encoder.write(Buffer.from('second'), true, () => {})
        encoder.end()
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const text = await new Promise<string>((resolve) => {
      get({ port: (server.address() as AddressInfo).port, agent: false }, (response) => {
        const decoder = encoding === 'gzip' ? createGunzip() : createBrotliDecompress()
        let got = ''
        response.pipe(decoder)
        decoder.on('data', (chunk: Buffer) => {
          got += chunk.toString()
          if (got === 'first,') next()
        })
        decoder.on('end', () => resolve(got))
      })
    })
    expect(text).toBe('first,second')
    await new Promise((resolve) => server.close(resolve))
  })

  it('keeps no more than a little of what a slow client does not read', async () => {
    const piece = Buffer.alloc(64 * 1024)
    for (let at = 0; at < piece.length; at += 4) piece.writeUInt32LE((at * 2654435761) >>> 0, at)
    let taken = 0
    const count = 400
    const server = createServer((_request, response) => {
      const encoder = new Encoder(encoding, response)
      const write = (left: number): void => {
        if (left === 0) return encoder.end()
        encoder.write(piece, true, () => {
          taken++
          write(left - 1)
        })
      }
      write(count)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const body = await new Promise<Buffer>((resolve) => {
      get({ port: (server.address() as AddressInfo).port, agent: false }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve(Buffer.concat(chunks)))
      })
    })
    expect(taken).toBe(count)
    const whole = decode(body)
    expect(whole.length).toBe(piece.length * count)
    expect(whole.subarray(-piece.length).equals(piece)).toBe(true)
    await new Promise((resolve) => server.close(resolve))
  })
})
