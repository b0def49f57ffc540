import { matchNames } from '../../src-engine/types/names.ts'
import type { CanvasModel } from './model.ts'

export type Step =
  | {
      readonly kind: 'wire'
      readonly from: { readonly instance: string; readonly name: string }
      readonly to: { readonly instance: string; readonly name: string }
    }
  | { readonly kind: 'run' | 'send' | 'done' }

const mostInstances = 8

/** What a newcomer does next; undefined when this project gives nothing to teach. */
export function nextStep(model: CanvasModel, running: boolean, answered: boolean): Step | undefined {
  // A big composition is nobody's first, and with an empty canvas something else is served.
  if (model.instances.length === 0 || model.instances.length > mostInstances) return undefined
  if (running) return { kind: answered ? 'done' : 'send' }
  for (const consumer of model.instances) {
    for (const input of consumer.inputs) {
      if (input.wired) continue
      for (const provider of model.instances) {
        if (provider.id === consumer.id) continue
        const output = provider.outputs.find((port) => !port.wired && matchNames(port.name, input.name) !== 'no')
        if (output)
          return {
            kind: 'wire',
            from: { instance: provider.id, name: output.name },
            to: { instance: consumer.id, name: input.name },
          }
      }
    }
  }
  const sound =
    model.imports.length === 0 &&
    model.wires.every((wire) => wire.problem === undefined) &&
    model.instances.every((instance) => instance.state === 'ready' && instance.problems.length === 0)
  return model.wires.length > 0 && sound ? { kind: 'run' } : undefined
}
