import type { Handle } from '../guest.ts'
import { fatal, handle, type Scenario } from './stage.ts'

export const basics: Record<string, Scenario> = {
  surroundings: async ({ guest }) => {
    await guest.call('get-environment')
    await guest.call('get-arguments')
    await guest.call('initial-cwd')
  },
  'the end, well': async ({ guest }) => fatal(() => guest.call('exit', { tag: 'ok' })),
  'the end, badly': async ({ guest }) => fatal(() => guest.call('exit', { tag: 'err' })),
  'the end, with a number': async ({ guest }) => fatal(() => guest.call('exit-with-code', 42)),
  clocks: async ({ guest }) => {
    await guest.call('wasi:clocks/wall-clock#now')
    await guest.call('wasi:clocks/wall-clock#resolution')
    const now = await guest.call('wasi:clocks/monotonic-clock#now')
    await guest.call('wasi:clocks/monotonic-clock#resolution')
    await guest.call('display', { seconds: 1n, nanoseconds: 0 })
    await guest.call('utc-offset', { seconds: 1n, nanoseconds: 0 })
    const past = handle(await guest.call('subscribe-instant', 0n))
    await guest.call('pollable.ready', past)
    await guest.call('pollable.block', past)
    const soon = handle(await guest.call('subscribe-duration', 2_000_000n))
    const never = handle(await guest.call('subscribe-instant', 0xffff_ffff_ffff_ffffn))
    await guest.call('pollable.ready', never)
    await guest.call('poll', [never, soon])
    await guest.call('poll', [soon, never, past, soon])
    await guest.call('pollable.ready', soon)
    for (const one of [past, soon, never]) await guest.drop(one)
    if (typeof now !== 'bigint') throw new Error('no time')
  },
  'many pollables': async ({ guest }) => {
    const list: Handle[] = []
    for (let at = 0; at < 100; at++)
      list.push(handle(await guest.call('subscribe-duration', at % 2 ? 0n : 0xffff_ffff_ffff_ffffn)))
    await guest.call('poll', list)
  },
  'waiting for nothing at all': async ({ guest }) => fatal(() => guest.call('poll', [])),
  'random numbers': async ({ guest }) => {
    for (const length of [0n, 1n, 100_000n]) {
      await guest.call('get-random-bytes', length)
      await guest.call('get-insecure-random-bytes', length)
    }
    await guest.call('get-random-u64')
    await guest.call('get-insecure-random-u64')
    await guest.call('insecure-seed')
  },
  'more random bytes than there is memory for': async ({ guest }) =>
    fatal(() => guest.call('get-random-bytes', 0xffff_ffff_ffffn)),
}
