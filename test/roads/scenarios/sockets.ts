import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { MirrorGuest } from '../guest.ts'
import { bytes, fatal, handle, readAll, type Scenario, type Stage } from './stage.ts'

const ipv4 = (port: number, ...address: number[]): object => ({
  tag: 'ipv4',
  val: { port, address: address.length > 0 ? address : [127, 0, 0, 1] },
})
const ipv6 = (port: number, ...address: number[]): object => ({
  tag: 'ipv6',
  val: { port, flowInfo: 0, address: address.length > 0 ? address : [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 },
})

const network = async (guest: MirrorGuest): Promise<unknown> => handle(await guest.call('instance-network'))

/** Waits for what was started. */
async function settled(guest: MirrorGuest, kind: 'tcp' | 'udp', socket: unknown): Promise<void> {
  const ready = handle(await guest.call(`${kind}-socket.subscribe`, socket))
  await guest.call('pollable.block', ready)
  await guest.drop(ready)
}

async function connected({ guest, echo }: Stage): Promise<[unknown, unknown, unknown]> {
  const socket = handle(await guest.call('create-tcp-socket', 'ipv4'))
  await guest.call('tcp-socket.start-connect', socket, await network(guest), ipv4(echo))
  await settled(guest, 'tcp', socket)
  const streams = await guest.call('tcp-socket.finish-connect', socket)
  return [socket, handle(streams, 0), handle(streams, 1)]
}

export const sockets: Record<string, Scenario> = {
  'a connection there and back': async (stage) => {
    const { guest } = stage
    const [socket, input, output] = await connected(stage)
    await guest.call('tcp-socket.remote-address', socket)
    await guest.call('tcp-socket.local-address', socket)
    await guest.call('tcp-socket.address-family', socket)
    await guest.call('tcp-socket.is-listening', socket)
    await guest.call('tcp-socket.finish-connect', socket)
    await guest.call('tcp-socket.start-connect', socket, await network(guest), ipv4(stage.echo))
    await guest.call('tcp-socket.start-bind', socket, await network(guest), ipv4(0))
    await guest.call('tcp-socket.accept', socket)
    await guest.call('output-stream.blocking-write-and-flush', output, bytes('over the wire'))
    await guest.call('input-stream.blocking-read', input, 4n)
    await guest.call('tcp-socket.shutdown', socket, 'send')
    await guest.call('output-stream.check-write', output)
    await readAll(guest, handle(input))
    await guest.call('tcp-socket.shutdown', socket, 'receive')
    await guest.call('tcp-socket.shutdown', socket, 'both')
    await guest.drop(handle(socket))
    await guest.drop(handle(input))
    await guest.drop(handle(output))
  },
  'a socket that goes before its streams': async (stage) => {
    const { guest } = stage
    const [socket, input, output] = await connected(stage)
    await guest.drop(handle(socket))
    await guest.call('output-stream.blocking-write-and-flush', output, bytes('still there'))
    await guest.call('input-stream.blocking-read', input, 5n)
    await guest.drop(handle(output))
    await guest.drop(handle(input))
  },
  'connections that are refused': async ({ guest, echo, closed }) => {
    const net = await network(guest)
    const attempts = [
      ipv4(echo, 10, 0, 0, 1),
      ipv4(echo === 1 ? 2 : 1),
      ipv6(echo),
      ipv4(echo, 0, 0, 0, 0),
      ipv4(0),
      ipv4(echo, 224, 0, 0, 1),
    ]
    const socket = handle(await guest.call('create-tcp-socket', 'ipv4'))
    for (const address of attempts) await guest.call('tcp-socket.start-connect', socket, net, address)
    await guest.call('tcp-socket.finish-connect', socket)
    await guest.call('tcp-socket.remote-address', socket)
    await guest.call('tcp-socket.local-address', socket)
    await guest.call('tcp-socket.shutdown', socket, 'both')
    await guest.call('tcp-socket.start-connect', socket, net, ipv4(closed))
    await guest.call('tcp-socket.finish-connect', socket)
    await settled(guest, 'tcp', socket)
    await guest.call('tcp-socket.finish-connect', socket)
    await guest.call('tcp-socket.start-connect', socket, net, ipv4(echo))
    const six = handle(await guest.call('create-tcp-socket', 'ipv6'))
    await guest.call('tcp-socket.start-connect', six, net, ipv6(1))
    await guest.call('tcp-socket.start-connect', six, net, ipv6(1, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1))
  },
  'listening on the machine itself': async ({ guest, note }) => {
    const net = await network(guest)
    const socket = handle(await guest.call('create-tcp-socket', 'ipv4'))
    await guest.call('tcp-socket.start-listen', socket)
    await guest.call('tcp-socket.finish-listen', socket)
    await guest.call('tcp-socket.finish-bind', socket)
    await guest.call('tcp-socket.start-bind', socket, net, ipv4(0, 0, 0, 0, 0))
    await guest.call('tcp-socket.start-bind', socket, net, ipv4(81))
    await guest.call('tcp-socket.start-bind', socket, net, ipv4(0))
    await settled(guest, 'tcp', socket)
    await guest.call('tcp-socket.finish-bind', socket)
    await guest.call('tcp-socket.set-listen-backlog-size', socket, 0n)
    await guest.call('tcp-socket.set-listen-backlog-size', socket, 5n)
    await guest.call('tcp-socket.start-listen', socket)
    await guest.call('tcp-socket.finish-listen', socket)
    await guest.call('tcp-socket.is-listening', socket)
    await guest.call('tcp-socket.accept', socket)
    const local = await guest.call('tcp-socket.local-address', socket)
    const client = connect(portOf(local), '127.0.0.1')
    client.end('from outside')
    await settled(guest, 'tcp', socket)
    const accepted = await guest.call('tcp-socket.accept', socket)
    const [input, output] = [handle(accepted, 1), handle(accepted, 2)]
    await readAll(guest, input)
    await guest.call('output-stream.blocking-write-and-flush', output, bytes('from the guest'))
    await guest.drop(handle(accepted))
    await guest.drop(input)
    await guest.drop(output)
    note(`the client heard: ${await text(client)}`)
    await guest.drop(socket)
  },
  'the options of a connection': async ({ guest }) => {
    const socket = handle(await guest.call('create-tcp-socket', 'ipv4'))
    const options: Record<string, readonly unknown[]> = {
      'keep-alive-enabled': [true],
      'keep-alive-idle-time': [0n, 5_000_000_000n],
      'keep-alive-interval': [0n, 5_000_000_000n],
      'keep-alive-count': [0, 3],
      'hop-limit': [0, 9],
      'receive-buffer-size': [0n, 1000n],
      'send-buffer-size': [0n, 1000n],
    }
    for (const [name, values] of Object.entries(options)) {
      await guest.call(`tcp-socket.${name}`, socket)
      for (const value of values) await guest.call(`tcp-socket.set-${name}`, socket, value)
      await guest.call(`tcp-socket.${name}`, socket)
    }
  },
  datagrams: async ({ guest, datagrams }) => {
    const net = await network(guest)
    const socket = handle(await guest.call('create-udp-socket', 'ipv4'))
    await guest.call('udp-socket.stream', socket, undefined)
    await guest.call('udp-socket.finish-bind', socket)
    await guest.call('udp-socket.local-address', socket)
    await guest.call('udp-socket.start-bind', socket, net, ipv4(82))
    await guest.call('udp-socket.start-bind', socket, net, ipv4(0))
    await guest.call('udp-socket.start-bind', socket, net, ipv4(0))
    await settled(guest, 'udp', socket)
    await guest.call('udp-socket.finish-bind', socket)
    await guest.call('udp-socket.local-address', socket)
    await guest.call('udp-socket.address-family', socket)
    for (const [name, value] of [
      ['unicast-hop-limit', 9],
      ['receive-buffer-size', 1000n],
      ['send-buffer-size', 1000n],
    ] as const) {
      await guest.call(`udp-socket.${name}`, socket)
      await guest.call(`udp-socket.set-${name}`, socket, typeof value === 'number' ? 0 : 0n)
      await guest.call(`udp-socket.set-${name}`, socket, value)
      await guest.call(`udp-socket.${name}`, socket)
    }
    const both = await guest.call('udp-socket.stream', socket, undefined)
    const [input, output] = [handle(both, 0), handle(both, 1)]
    await guest.call('udp-socket.remote-address', socket)
    const room = handle(await guest.call('outgoing-datagram-stream.subscribe', output))
    await guest.call('pollable.block', room)
    await guest.call('outgoing-datagram-stream.check-send', output)
    const to = (remoteAddress: object | undefined, data = bytes('ping')): object => ({ data, remoteAddress })
    await guest.call('outgoing-datagram-stream.send', output, [to(undefined)])
    await guest.call('outgoing-datagram-stream.send', output, [to(ipv4(9, 10, 0, 0, 1))])
    await guest.call('outgoing-datagram-stream.send', output, [to(ipv4(datagrams), new Uint8Array(70_000))])
    await guest.call('incoming-datagram-stream.receive', input, 5n)
    await guest.call('outgoing-datagram-stream.send', output, [to(ipv4(datagrams)), to(ipv4(9, 10, 0, 0, 1))])
    const ready = handle(await guest.call('incoming-datagram-stream.subscribe', input))
    await guest.call('pollable.block', ready)
    await guest.call('incoming-datagram-stream.receive', input, 5n)
    await guest.call('udp-socket.stream', socket, ipv4(9, 10, 0, 0, 1))
    const one = await guest.call('udp-socket.stream', socket, ipv4(datagrams))
    await guest.call('udp-socket.remote-address', socket)
    await guest.call('outgoing-datagram-stream.send', handle(one, 1), [to(undefined)])
    const answer = handle(await guest.call('incoming-datagram-stream.subscribe', handle(one, 0)))
    await guest.call('pollable.block', answer)
    await guest.call('incoming-datagram-stream.receive', handle(one, 0), 1n)
    await guest.drop(socket)
  },
  'more datagrams than permitted': async ({ guest, datagrams }) => {
    const socket = handle(await guest.call('create-udp-socket', 'ipv4'))
    await guest.call('udp-socket.start-bind', socket, await network(guest), ipv4(0))
    await settled(guest, 'udp', socket)
    await guest.call('udp-socket.finish-bind', socket)
    const streams = await guest.call('udp-socket.stream', socket, ipv4(datagrams))
    const many = Array.from({ length: 65 }, () => ({ data: bytes('x'), remoteAddress: undefined }))
    await fatal(() => guest.call('outgoing-datagram-stream.send', handle(streams, 1), many))
  },
  'looking up names': async ({ guest }) => {
    const net = await network(guest)
    for (const name of ['elsewhere.test', '', 'a b', 'x'.repeat(300), 'with/slash'])
      await guest.call('resolve-addresses', net, name)
    for (const name of ['127.0.0.1', '[::1]', '::2', 'localhost']) {
      const stream = handle(await guest.call('resolve-addresses', net, name))
      if (name === 'localhost') await guest.call('resolve-address-stream.resolve-next-address', stream)
      const ready = handle(await guest.call('resolve-address-stream.subscribe', stream))
      await guest.call('pollable.block', ready)
      if (name === 'localhost') continue
      await guest.call('resolve-address-stream.resolve-next-address', stream)
      await guest.call('resolve-address-stream.resolve-next-address', stream)
    }
  },
}

function portOf(address: unknown): number {
  const found = /"port":(\d+)/.exec(JSON.stringify(address))
  return Number(found?.[1])
}
