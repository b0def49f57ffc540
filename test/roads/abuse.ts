/** Ways to call a host function that break the rules of the Canonical ABI, derived from its type. */
import { codecOf } from '../../src-main/runtime/direct/codec.ts'
import type { CoreValue, Flat } from '../../src-main/runtime/direct/codec-types.ts'
import type { AbiType } from '../../src-main/runtime/direct/plan.ts'
import { memorySize, resourceNames, type MirroredFunction } from './mirror.ts'

/** Where one thing is wrong, the rest right. */
export interface Abuse {
  readonly kind:
    | 'unknown handle'
    | 'pointer outside'
    | 'pointer unaligned'
    | 'text not UTF-8'
    | 'no such case'
    | 'no such character'
    | 'result outside'
    | 'result unaligned'
  /** Core values; a resource's name stands for a handle of it that is to be put there. */
  readonly flat: readonly (CoreValue | string)[]
}

/** Two bytes that no text in UTF-8 has, at this place of the guest's memory. */
export const badText = { at: 512, bytes: new Uint8Array([0xff, 0xfe]) }
const outside = memorySize - 1
const result = 1024

/** Every abuse of the function, first to last parameter. */
export function abusesOf({ plan, flat, parametersInMemory, resultInMemory }: MirroredFunction): Abuse[] {
  if (parametersInMemory) return [{ kind: 'pointer outside', flat: [outside, ...(resultInMemory ? [result] : [])] }]
  const good = plan.parameters.flatMap(goodValues)
  const found: Abuse[] = []
  let at = 0
  const put = (kind: Abuse['kind'], values: readonly CoreValue[], place: number): void => {
    const whole: (CoreValue | string)[] = [...good, ...(resultInMemory ? [result] : [])]
    values.forEach((value, offset) => (whole[place + offset] = value))
    found.push({ kind, flat: whole })
  }
  for (const type of plan.parameters) {
    for (const [kind, values] of badValues(type)) put(kind, values, at)
    at += codecOf(type).flat.length
  }
  if (resultInMemory && plan.result) {
    put('result outside', [outside], flat.length - 1)
    if (codecOf(plan.result).alignment > 1) put('result unaligned', [result + 1], flat.length - 1)
  }
  return found
}

const zero = (flat: Flat): CoreValue => (flat === 'i64' ? 0n : 0)

function goodValues(type: AbiType): (CoreValue | string)[] {
  if (type.kind === 'own' || type.kind === 'borrow') return [resourceNames[type.resource] ?? '']
  if (type.kind === 'record' || type.kind === 'tuple') {
    const parts = type.kind === 'record' ? type.fields.map(([, of]) => of) : type.items
    return parts.flatMap(goodValues)
  }
  // The first case of a variant, nothing of an option, an empty list or text.
  const flat: (CoreValue | string)[] = codecOf(type).flat.map(zero)
  if (type.kind === 'result' && type.ok?.kind === 'own') flat[1] = resourceNames[type.ok.resource] ?? ''
  return flat
}

function badValues(type: AbiType): [Abuse['kind'], CoreValue[]][] {
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return [
        ['unknown handle', [0]],
        ['unknown handle', [99_999]],
      ]
    case 'string':
      return [
        ['pointer outside', [outside, 100]],
        ['text not UTF-8', [badText.at, badText.bytes.length]],
      ]
    case 'list': {
      const { alignment } = codecOf(type.element)
      return [
        ['pointer outside', [outside & -alignment, 100]],
        ...(alignment > 1 ? [['pointer unaligned', [result + 1, 1]] satisfies [Abuse['kind'], CoreValue[]]] : []),
      ]
    }
    case 'enum':
    case 'variant':
      return [['no such case', [100]]]
    case 'option':
    case 'result':
      return [['no such case', [2]]]
    case 'char':
      return [['no such character', [0xd800]]]
    default:
      return []
  }
}
