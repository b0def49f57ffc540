/** A request whose worker is played here, so that what comes back comes exactly as it is written. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { fail } from '../../src-engine/error.ts'
import { until } from '../../test/served.ts'
import { FrameWriter, kinds, type Outcome } from './frames.ts'
import { GuestLine, type WorkerLink } from './guest-line.ts'
import { Job, type JobOwner } from './job.ts'
import { writeResponse } from './message-frames.ts'
import { RecordStore } from './records.ts'

const outcome: Outcome = { began: 0, instantiate: 0, guest: 1, waited: 0, spans: [], calls: {}, memory: 65536 }
const trapped: Outcome = {
  ...outcome,
  trap: 'unreachable',
  problem: fail('runtime.trap', 'The guest trapped: unreachable').problem,
}

it('keeps that the guest broke after a whole answer, though the client has both at once', async () => {
  const line = await GuestLine.open()
  const linked = new Promise<WorkerLink>((resolve) => {
    const token = line.expect(1, resolve, () => {})
    const socket = connect(line.address, () => {
      const writer = new FrameWriter(socket)
      writer.json(kinds.hello, 0, { token, worker: 1 })
      // All of it in one piece, as when the workbench was busy with something else.
      socket.once('data', () => {
        writeResponse(writer, kinds.respond, 1, 200, [['content-type', 'text/plain']])
        writer.send(kinds.body, 1, Buffer.from('all of it\n'))
        writer.json(kinds.end, 1, {})
        writer.json(kinds.done, 1, trapped)
      })
    })
  })
  const link = await linked
  const told: string[] = []
  const owner: JobOwner = {
    again: () => told.push('again'),
    started: () => told.push('started'),
    answered: ({ problem }) => told.push(`answered ${problem?.code ?? 'well'}`),
    failedLate: (_job, { code }) => told.push(`failed late: ${code}`),
    over: () => told.push('over'),
    expired: () => told.push('expired'),
    abandoned: () => told.push('abandoned'),
    heldUpBy: () => undefined,
  }
  const records = new RecordStore({})
  const server = createServer((request, response) => {
    const settings = { handler: 'guest', target: '/', maxBody: 1000, timeout: 10_000, admission: 0, compression: false }
    const trace = { id: '1'.repeat(32), span: '2'.repeat(16), flags: '01' }
    new Job('one', request, response, { ...settings, trace }, owner, records).sendTo(link)
    link.writer.flush()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const answer = await fetch(`http://127.0.0.1:${port}/`)
    expect([answer.status, await answer.text()]).toEqual([200, 'all of it\n'])
    await until(() => told.includes('over'))
    expect(records.history().records).toMatchObject([
      { status: 200, state: 'failed', problem: { code: 'runtime.trap' } },
    ])
    expect(told).toEqual(['answered well', 'over', 'failed late: runtime.trap'])
  } finally {
    server.close()
    await line.close()
  }
})
