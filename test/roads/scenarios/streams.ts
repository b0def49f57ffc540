import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytes, fatal, handle, open, preopened, type Scenario } from './stage.ts'

export const streams: Record<string, Scenario> = {
  'reading a file through a stream, past its end': async ({ guest, folder }) => {
    writeFileSync(join(folder, 'file'), '0123456789')
    const file = handle(await open(guest, await preopened(guest), 'file', {}, { read: true }))
    const stream = handle(await guest.call('descriptor.read-via-stream', file, 2n))
    const ready = handle(await guest.call('input-stream.subscribe', stream))
    await guest.call('pollable.ready', ready)
    await guest.drop(ready)
    await guest.call('input-stream.read', stream, 0n)
    await guest.call('input-stream.read', stream, 3n)
    await guest.call('input-stream.skip', stream, 1n)
    await guest.call('input-stream.blocking-skip', stream, 1n)
    await guest.call('input-stream.blocking-read', stream, 1n)
    await guest.call('input-stream.blocking-read', stream, 0n)
    await guest.call('input-stream.read', stream, 0xffff_ffff_ffff_ffffn)
    for (const how of ['read', 'skip', 'blocking-read', 'blocking-skip'])
      await guest.call(`input-stream.${how}`, stream, 1n)
    await guest.drop(stream)
    const beyond = handle(await guest.call('descriptor.read-via-stream', file, 100n))
    await guest.call('input-stream.read', beyond, 1n)
    await guest.call('descriptor.read-via-stream', file, 0xffff_ffff_ffff_ffffn)
  },
  'writing to a file through streams': async ({ guest }) => {
    const root = await preopened(guest)
    const file = handle(await open(guest, root, 'out', { create: true }, { read: true, write: true }))
    const stream = handle(await guest.call('descriptor.write-via-stream', file, 1n))
    await guest.call('output-stream.check-write', stream)
    await guest.call('output-stream.write', stream, bytes('abc'))
    await guest.call('output-stream.write', stream, bytes(''))
    await guest.call('output-stream.write-zeroes', stream, 2n)
    await guest.call('output-stream.check-write', stream)
    await guest.call('output-stream.flush', stream)
    await guest.call('output-stream.check-write', stream)
    await guest.call('output-stream.blocking-flush', stream)
    await guest.call('output-stream.blocking-write-and-flush', stream, bytes('d'))
    await guest.call('output-stream.blocking-write-zeroes-and-flush', stream, 1n)
    const ready = handle(await guest.call('output-stream.subscribe', stream))
    await guest.call('pollable.ready', ready)
    await guest.drop(ready)
    await guest.drop(stream)
    const more = handle(await guest.call('descriptor.append-via-stream', file))
    await guest.call('output-stream.blocking-write-and-flush', more, bytes('end'))
    await guest.call('descriptor.read', file, 100n, 0n)
  },
  'large writes': async ({ guest }) => {
    const root = await preopened(guest)
    const file = handle(await open(guest, root, 'out', { create: true }, { read: true, write: true }))
    const stream = handle(await guest.call('descriptor.write-via-stream', file, 0n))
    const large = new Uint8Array(600_000).fill(0x61)
    await guest.call('output-stream.blocking-write-and-flush', stream, large.subarray(0, 5000))
    await guest.call('output-stream.write', stream, large)
    await guest.call('output-stream.blocking-flush', stream)
    await guest.call('descriptor.read', file, 1n, 604_999n)
    await guest.call('output-stream.blocking-write-zeroes-and-flush', stream, 5000n)
    await fatal(() => guest.call('output-stream.write-zeroes', stream, 2_000_000n))
  },
  'more than check-write permits': async ({ guest }) => {
    const output = handle(await guest.call('get-stdout'))
    await guest.call('output-stream.check-write', output)
    await fatal(() => guest.call('output-stream.write', output, new Uint8Array(70_000)))
  },
  'more zeroes than there is memory for': async ({ guest }) => {
    const output = handle(await guest.call('get-stdout'))
    await fatal(() => guest.call('output-stream.blocking-write-zeroes-and-flush', output, 0xffff_ffff_ffffn))
  },
  'from one stream into another': async ({ guest, folder }) => {
    writeFileSync(join(folder, 'from'), 'to be copied')
    const root = await preopened(guest)
    const from = handle(await open(guest, root, 'from', {}, { read: true }))
    const to = handle(await open(guest, root, 'to', { create: true }, { read: true, write: true }))
    const input = handle(await guest.call('descriptor.read-via-stream', from, 0n))
    const output = handle(await guest.call('descriptor.write-via-stream', to, 0n))
    await guest.call('output-stream.check-write', output)
    await guest.call('output-stream.splice', output, input, 3n)
    await guest.call('output-stream.splice', output, input, 0n)
    await guest.call('output-stream.blocking-splice', output, input, 4n)
    await guest.call('output-stream.blocking-splice', output, input, 0n)
    await guest.call('output-stream.check-write', output)
    await guest.call('output-stream.splice', output, input, 0xffff_ffff_ffff_ffffn)
    await guest.call('output-stream.splice', output, input, 1n)
    await guest.call('output-stream.blocking-splice', output, input, 1n)
    await guest.call('descriptor.read', to, 100n, 0n)
  },
  'a stream whose body is over': async ({ guest }) => {
    const made = handle(await guest.call('new outgoing-response', handle(await guest.call('new fields'))))
    const body = handle(await guest.call('outgoing-response.body', made))
    const output = handle(await guest.call('outgoing-body.write', body))
    await guest.call('output-stream.check-write', output)
    // Nobody takes it off: there is room for so much.
    await guest.call('output-stream.write', output, new Uint8Array(900_000))
    await guest.call('output-stream.check-write', output)
    const ready = handle(await guest.call('output-stream.subscribe', output))
    await guest.call('pollable.ready', ready)
  },
  'the standard streams': async ({ guest }) => {
    const input = handle(await guest.call('get-stdin'))
    await guest.call('input-stream.read', input, 10n)
    await guest.call('input-stream.blocking-read', input, 10n)
    for (const name of ['stdout', 'stderr']) {
      const output = handle(await guest.call(`get-${name}`))
      await guest.call('output-stream.check-write', output)
      await guest.call('output-stream.blocking-write-and-flush', output, bytes(`to ${name}`))
      await guest.call('output-stream.blocking-flush', output)
      await guest.drop(output)
    }
    for (const name of ['stdin', 'stdout', 'stderr']) await guest.call(`get-terminal-${name}`)
  },
}
