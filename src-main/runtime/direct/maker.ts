/** The direct road: instances linked by us, put back to their first state between requests instead of made again. */
import { refusalsOf, takeRefusal } from '../growth.ts'
import { fail } from '../../../src-engine/error.ts'
import type { Instance, InstanceMaker } from '../instance.ts'
import type { StandardStreams } from '../wasi/basics.ts'
import { Refusal, type SessionSlot } from '../wasi/session.ts'
import { DirectInstance } from './instance.ts'
import { withoutVersion, type Plan } from './plan.ts'
import { Snapshot } from './snapshot.ts'

/** `restorable`: no module has state that a snapshot misses. */
export function loadDirect(plan: Plan, modules: readonly WebAssembly.Module[], restorable: boolean): InstanceMaker {
  const handle = plan.exports['wasi:http/incoming-handler#handle']
  const run = plan.exports['wasi:cli/run#run']
  return {
    road: 'direct',
    async make(slot: SessionSlot, streams?: StandardStreams): Promise<Instance> {
      const instance = new DirectInstance(plan, modules, slot, streams)
      const memories = memoriesOf(instance.cores)
      const refusals = refusalsOf(instance.cores)
      const snapshot = restorable ? new Snapshot(instance.cores) : undefined
      return {
        handle: handle && ((request, out) => instance.call(handle, [request, out]) as void | Promise<void>),
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
        async call(interfaceName, name, values) {
          const target = plan.exports[interfaceName === undefined ? name : `${withoutVersion(interfaceName)}#${name}`]
          if (!target) throw fail('call.unknown-function', `"${name}" is not a function of the component's own`)
          return instance.call(target, values)
        },
        memory: () => bytesOf(memories),
        refused: () => takeRefusal(refusals),
        end: () => instance.end(),
        ...(snapshot ? { difference: () => snapshot.difference() } : {}),
        reset() {
          instance.forget()
          return snapshot?.restore() ?? false
        },
      }
    },
  }
}

function memoriesOf(cores: readonly WebAssembly.Instance[]): readonly WebAssembly.Memory[] {
  const memories = new Set<WebAssembly.Memory>()
  for (const { exports } of cores)
    for (const value of Object.values(exports)) if (value instanceof WebAssembly.Memory) memories.add(value)
  return [...memories]
}

function bytesOf(memories: readonly WebAssembly.Memory[]): number {
  let bytes = 0
  for (const memory of memories) bytes += memory.buffer.byteLength
  return bytes
}
