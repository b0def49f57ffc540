import { createCli, createClocks, createRandom, type StandardStreams } from './basics.ts'
import { createFilesystem } from './filesystem.ts'
import { createHttpTypes } from './http-types.ts'
import { createOutgoing } from './outgoing.ts'
import { createHttp3 } from './http3.ts'
import type { SessionSlot } from './session.ts'
import { createSockets } from './sockets.ts'
import { InputStream, IoError, OutputStream } from './streams.ts'
import { createPoll } from './wait.ts'

/** Functions and classes of one interface, under jco's names for them. */
export type HostInterface = Readonly<Record<string, unknown>>
/** Interface name without version → what it offers. One host serves every 0.2.x: later ones only add to earlier ones. */
export type HostImports = Readonly<Record<string, HostInterface>>

/** Everything of WASI 0.2 and 0.3 for one instance; `slot` says for whom it works at the moment. */
export function createHost(slot: SessionSlot, streams?: StandardStreams): HostImports {
  const http3 = createHttp3(slot)
  return {
    'wasi:io/error': { Error: IoError },
    'wasi:io/poll': createPoll(slot),
    'wasi:io/streams': { InputStream, OutputStream },
    ...createCli(slot, streams),
    ...createClocks(slot),
    ...createRandom(slot),
    ...createFilesystem(slot),
    ...createSockets(slot),
    'wasi:http/types': { ...createHttpTypes(slot), ...http3.types },
    'wasi:http/client': http3['wasi:http/client'],
    ...createOutgoing(slot),
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
