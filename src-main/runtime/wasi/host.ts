import { createCli, createClocks, createClocks3, createRandom, createRandom3, type StandardStreams } from './basics.ts'
import { createCli3 } from './cli3.ts'
import { createFilesystem } from './filesystem.ts'
import { createFilesystem3 } from './filesystem3.ts'
import { createHttpTypes } from './http-types.ts'
import { createOutgoing } from './outgoing.ts'
import { createHttp3 } from './http3.ts'
import type { SessionSlot } from './session.ts'
import { createSockets, createSockets3 } from './sockets/sockets.ts'
import { InputStream, IoError, OutputStream } from './streams.ts'
import { createPoll } from './wait.ts'

/** Functions and classes of one interface, under jco's names for them. */
export type HostInterface = Readonly<Record<string, unknown>>
/** Interface, by the name that `hostName` gives it → what it offers. */
export type HostImports = Readonly<Record<string, HostInterface>>

/** Everything of WASI 0.2 and 0.3 for one instance; `slot` says for whom it works at the moment. */
export function createHost(slot: SessionSlot, streams?: StandardStreams): HostImports {
  const cli = createCli(slot, streams)
  return {
    'wasi:io/error': { Error: IoError },
    'wasi:io/poll': createPoll(slot),
    'wasi:io/streams': { InputStream, OutputStream },
    ...cli,
    ...createClocks(slot),
    ...createRandom(slot),
    ...createFilesystem(slot),
    ...createSockets(slot),
    'wasi:http/types': createHttpTypes(slot),
    ...createOutgoing(slot),

    'wasi:cli/environment@0.3': cli['wasi:cli/environment'],
    'wasi:cli/exit@0.3': cli['wasi:cli/exit'],
    'wasi:cli/terminal-input@0.3': cli['wasi:cli/terminal-input'],
    'wasi:cli/terminal-output@0.3': cli['wasi:cli/terminal-output'],
    'wasi:cli/terminal-stdin@0.3': cli['wasi:cli/terminal-stdin'],
    'wasi:cli/terminal-stdout@0.3': cli['wasi:cli/terminal-stdout'],
    'wasi:cli/terminal-stderr@0.3': cli['wasi:cli/terminal-stderr'],
    ...createCli3(slot, streams),
    ...createClocks3(slot),
    ...createRandom3(slot),
    ...createFilesystem3(slot),
    ...createSockets3(slot),
    ...createHttp3(slot),
  }
}

/** Host functions that may make a guest wait, as jco's selectors (no version: all of them). */
export const blockingImports: readonly string[] = [
  'wasi:io/poll#poll',
  'wasi:io/poll#[method]pollable.block',
  'wasi:io/streams#[method]input-stream.blocking-read',
  'wasi:io/streams#[method]input-stream.blocking-skip',
  'wasi:io/streams#[method]output-stream.blocking-flush',
  'wasi:io/streams#[method]output-stream.blocking-write-and-flush',
  'wasi:io/streams#[method]output-stream.blocking-write-zeroes-and-flush',
  'wasi:io/streams#[method]output-stream.blocking-splice',
]

/** Exports that run a whole request or command, and so may wait. */
export const waitingExports: readonly string[] = ['wasi:cli/run#run', 'wasi:http/incoming-handler#handle']
