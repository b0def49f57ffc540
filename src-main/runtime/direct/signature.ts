/** How the parameters and the result of a function cross the border. */
import { codecOf } from './codec.ts'
import {
  checkPointer,
  layoutOf,
  type Codec,
  type CoreValue,
  type Flat,
  type FlatReader,
  type Frame,
} from './codec-types.ts'
import type { HandleTable } from './handles.ts'
import type { FunctionPlan } from './plan.ts'

export type CoreResult = CoreValue | undefined
export type CoreFunction = (...values: CoreValue[]) => CoreResult | Promise<CoreResult>

export interface ComponentState {
  readonly handles: HandleTable
  /** False while the host works inside the component: it must not call out then. */
  mayLeave: boolean
  /** A call into the component is under way. */
  entered: boolean
}

export interface Signature {
  readonly parameters: readonly Codec[]
  readonly parametersInMemory: boolean
  /** Size, alignment and offsets of the parameters as a tuple in memory. */
  readonly offsets: readonly number[]
  readonly tupleSize: number
  readonly tupleAlignment: number
  readonly flat: readonly Flat[]
  readonly result: Codec | undefined
  readonly resultInMemory: boolean
  /** The function's own outcome is a `result`: the error side is thrown. */
  readonly fallible: boolean
}

/** Parameters beyond this go through memory. */
const parameterLimit = 16

const signatures = new WeakMap<FunctionPlan, Signature>()

export function signatureOf(plan: FunctionPlan): Signature {
  const known = signatures.get(plan)
  if (known) return known
  const parameters = plan.parameters.map(codecOf)
  const flat = parameters.flatMap((codec) => codec.flat)
  const { offsets, size, alignment } = layoutOf(parameters)
  const result = plan.result && codecOf(plan.result)
  const made: Signature = {
    parameters,
    parametersInMemory: flat.length > parameterLimit,
    offsets,
    tupleSize: size,
    tupleAlignment: alignment,
    flat,
    result,
    resultInMemory: (result?.flat.length ?? 0) > 1,
    fallible: plan.result?.kind === 'result',
  }
  signatures.set(plan, made)
  return made
}

export function liftParameters(frame: Frame, signature: Signature, from: FlatReader): unknown[] {
  if (signature.parametersInMemory) {
    const pointer = Number(from.values[0]) >>> 0
    checkPointer(frame, pointer, signature.tupleSize, signature.tupleAlignment)
    return signature.parameters.map((codec, at) => codec.load(frame, pointer + (signature.offsets[at] ?? 0)))
  }
  return signature.parameters.map((codec) => codec.lift(frame, from))
}

export function lowerParameters(
  callee: ComponentState,
  frame: Frame,
  signature: Signature,
  values: readonly unknown[],
): CoreValue[] {
  const { parameters } = signature
  const flat: CoreValue[] = []
  callee.mayLeave = false
  if (signature.parametersInMemory) {
    const pointer = frame.realloc(signature.tupleSize, signature.tupleAlignment)
    checkPointer(frame, pointer, signature.tupleSize, signature.tupleAlignment)
    parameters.forEach((codec, at) => codec.store(frame, values[at], pointer + (signature.offsets[at] ?? 0)))
    flat.push(pointer)
  } else for (let at = 0; at < parameters.length; at++) parameters[at]?.lower(frame, values[at], flat)
  callee.mayLeave = true
  return flat
}

export function liftResult(frame: Frame, { result, resultInMemory }: Signature, raw: CoreValue | undefined): unknown {
  if (!result) return undefined
  if (resultInMemory) {
    const pointer = Number(raw) >>> 0
    checkPointer(frame, pointer, result.size, result.alignment)
    return result.load(frame, pointer)
  }
  return result.lift(frame, { values: raw === undefined ? [] : [raw], at: 0 })
}

/** `pointer`: where the caller wants a result that goes through memory. */
export function lowerResult(
  into: ComponentState,
  frame: Frame,
  { result, resultInMemory }: Signature,
  value: unknown,
  pointer: CoreValue | undefined,
): CoreValue | undefined {
  if (!result) return undefined
  into.mayLeave = false
  let lowered: CoreValue | undefined
  if (resultInMemory) {
    const at = Number(pointer) >>> 0
    checkPointer(frame, at, result.size, result.alignment)
    result.store(frame, value, at)
  } else lowered = lowerOne(result, frame, value)
  into.mayLeave = true
  return lowered
}

/** The same for one side of a `result`, without an object that says which. */
export function lowerSide(
  into: ComponentState,
  frame: Frame,
  { result, resultInMemory }: Signature,
  side: Side,
  value: unknown,
  pointer: CoreValue | undefined,
): CoreValue | undefined {
  if (!result?.storeCase) return undefined
  into.mayLeave = false
  let lowered: CoreValue | undefined
  if (resultInMemory) {
    const at = Number(pointer) >>> 0
    checkPointer(frame, at, result.size, result.alignment)
    result.storeCase(frame, side, value, at)
    // One core value has no room for more than which side it is.
  } else lowered = side
  into.mayLeave = true
  return lowered
}

/** Index of the case of a `result`. */
export type Side = 0 | 1
export const okSide: Side = 0
export const errorSide: Side = 1

function lowerOne(codec: Codec, frame: Frame, value: unknown): CoreValue | undefined {
  if (codec.lowerOne) return codec.lowerOne(frame, value)
  const flat: CoreValue[] = []
  codec.lower(frame, value, flat)
  return flat[0]
}
