/** The direct road: instances linked by us, put back to their first state between requests instead of made again. */
import type { Instance, InstanceMaker } from '../instance.ts'
import type { StandardStreams } from '../wasi/basics.ts'
import { Refusal, type SessionSlot } from '../wasi/session.ts'
import { DirectInstance } from './instance.ts'
import type { Plan } from './plan.ts'
import { Snapshot } from './snapshot.ts'

/** `restorable`: no module has state that a snapshot misses. */
export function loadDirect(plan: Plan, modules: readonly WebAssembly.Module[], restorable: boolean): InstanceMaker {
  const handle = plan.exports['wasi:http/incoming-handler#handle']
  const run = plan.exports['wasi:cli/run#run']
  return {
    road: 'direct',
    async make(slot: SessionSlot, streams?: StandardStreams): Promise<Instance> {
      const instance = new DirectInstance(plan, modules, slot, streams)
      const snapshot = restorable ? new Snapshot(instance.cores) : undefined
      return {
        handle: handle && (async (request, out) => void (await instance.call(handle, [request, out]))),
        run:
          run &&
          (async () => {
            try {
              await instance.call(run, [])
              return true
            } catch (thrown) {
              if (thrown instanceof Refusal) return false
              throw thrown
            }
          }),
        memory: () => memoryOf(instance.cores),
        reset() {
          instance.forget()
          return snapshot?.restore() ?? false
        },
      }
    },
  }
}

function memoryOf(cores: readonly WebAssembly.Instance[]): number {
  const memories = new Set<WebAssembly.Memory>()
  for (const { exports } of cores)
    for (const value of Object.values(exports)) if (value instanceof WebAssembly.Memory) memories.add(value)
  let bytes = 0
  for (const memory of memories) bytes += memory.buffer.byteLength
  return bytes
}
