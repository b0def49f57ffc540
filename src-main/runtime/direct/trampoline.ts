/**
 * Core functions that stand for functions of the host: they lift the parameters, call, and lower what comes back. Guests call
 * them all the time, so each has as many parameters as its type has core values, and makes nothing but what the host gets.
 */
import { GuestTrap, Refusal } from '../wasi/session.ts'
import type { CoreValue, FlatReader, Frame } from './codec-types.ts'
import type { HostFunction } from './host-functions.ts'
import {
  errorSide,
  liftParameters,
  lowerResult,
  lowerSide,
  okSide,
  type ComponentState,
  type CoreFunction,
  type Signature,
} from './signature.ts'

type Outcome = CoreValue | undefined | Promise<CoreValue | undefined>

export function trampolineOf(
  run: HostFunction,
  signature: Signature,
  component: ComponentState,
  frame: Frame,
): CoreFunction {
  const { result, resultInMemory, fallible } = signature
  const count = (signature.parametersInMemory ? 1 : signature.flat.length) + (resultInMemory ? 1 : 0)
  // Read before anything else runs, so one list does for all calls.
  const values: CoreValue[] = Array.from({ length: count }, () => 0)
  const reader: FlatReader = { values, at: 0 }
  const call = callOf(run, signature, frame, reader)

  const finish = (value: unknown, pointer: CoreValue | undefined): CoreValue | undefined => {
    if (result === undefined) return undefined
    return fallible
      ? lowerSide(component, frame, signature, okSide, value, pointer)
      : lowerResult(component, frame, signature, value, pointer)
  }
  const refuse = (thrown: unknown, pointer: CoreValue | undefined): CoreValue | undefined => {
    if (!fallible || !(thrown instanceof Refusal)) throw thrown
    return lowerSide(component, frame, signature, errorSide, thrown.payload, pointer)
  }
  const enter = (): Outcome => {
    if (!component.mayLeave) throw new GuestTrap('cannot leave component instance')
    const pointer = resultInMemory ? values[count - 1] : undefined
    reader.at = 0
    let outcome: unknown
    try {
      outcome = call()
    } catch (thrown) {
      return refuse(thrown, pointer)
    }
    if (!(outcome instanceof Promise)) return finish(outcome, pointer)
    return outcome.then(
      (value: unknown) => finish(value, pointer),
      (thrown: unknown) => refuse(thrown, pointer),
    )
  }
  return withCount(count, values, enter)
}

/** Lifts as many parameters as there are, and calls. */
function callOf(run: HostFunction, signature: Signature, frame: Frame, from: FlatReader): () => unknown {
  const [first, second, third, ...more] = signature.parameters
  if (signature.parametersInMemory || more.length > 0) return () => run(...liftParameters(frame, signature, from))
  if (first === undefined) return () => run()
  if (second === undefined) return () => run(first.lift(frame, from))
  if (third === undefined) return () => run(first.lift(frame, from), second.lift(frame, from))
  return () => run(first.lift(frame, from), second.lift(frame, from), third.lift(frame, from))
}

/** A function of so many parameters that puts them into `values`. */
function withCount(count: number, values: CoreValue[], enter: () => Outcome): CoreFunction {
  switch (count) {
    case 0:
      return enter
    case 1:
      return (a: CoreValue) => {
        values[0] = a
        return enter()
      }
    case 2:
      return (a: CoreValue, b: CoreValue) => {
        values[0] = a
        values[1] = b
        return enter()
      }
    case 3:
      return (a: CoreValue, b: CoreValue, c: CoreValue) => {
        values[0] = a
        values[1] = b
        values[2] = c
        return enter()
      }
    case 4:
      return (a: CoreValue, b: CoreValue, c: CoreValue, d: CoreValue) => {
        values[0] = a
        values[1] = b
        values[2] = c
        values[3] = d
        return enter()
      }
    default:
      return (...given: CoreValue[]) => {
        for (let at = 0; at < count; at++) values[at] = given[at] ?? 0
        return enter()
      }
  }
}
