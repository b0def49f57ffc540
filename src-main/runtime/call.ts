import { decode } from '../../src-engine/binary/decode.ts'
import { fail, withPlace, type Problem } from '../../src-engine/error.ts'
import { peel, type Extern, type FunctionType, type TypeNode } from '../../src-engine/types/graph.ts'
import { nearest } from '../../src-engine/wac/inference.ts'
import { parseWave, parseWaveArguments } from '../../src-engine/wave/parse.ts'
import { printWave } from '../../src-engine/wave/print.ts'
import { CaseValue, type WaveValue } from '../../src-engine/wave/value.ts'
import { printNamedFunction } from '../../src-engine/wit/print-types.ts'
import { readWhole } from '../project/files.ts'
import { runCommand, type CommandOptions } from './command.ts'
import { packValue, unpackValue } from './plain-values.ts'
import { fromGuest, toGuest } from './wave-values.ts'

/** An exported function of a component. */
export interface ExportedFunction {
  /** The interface, with its version; absent for a function of the world itself. */
  readonly interface?: string
  readonly name: string
  readonly type: FunctionType
}

export interface CallOptions extends Omit<CommandOptions, 'arguments' | 'call'> {
  /** `add`, `ns:pkg/iface#add` or `ns:pkg/iface@1.0.0#add`; arguments may follow in parentheses. */
  readonly export: string
  /** One WAVE value each; left away where they are part of `export`. */
  readonly values: readonly string[]
}

export interface CallResult {
  /** What it answered, as WAVE; absent when it answers nothing or came to grief. */
  readonly result?: string
  /** It answered the error side of a result. */
  readonly refused: boolean
  readonly signature: string
  readonly problem?: Problem
  readonly trap?: string
}

/** Calls an exported function once, in a process of its own. Throws `call.*` and `wave.*` before anything is started. */
export async function callFunction({ export: wanted, values, ...options }: CallOptions): Promise<CallResult> {
  const bytes = await readWhole(options.path)
  const target = findFunction(decodeFile(bytes, options.path), wanted)
  const { type } = target
  const signature = printNamedFunction(target.name, type)
  checkSayable(target, signature)
  const given = readValues(target, signature, wanted, values)
  const done = await runCommand({
    ...options,
    arguments: [],
    call: {
      ...(target.interface === undefined ? {} : { interface: target.interface }),
      name: target.name,
      values: packValue(given.map((value, at) => toGuest(value, partOf(type.parameters[at]).type))),
    },
  })
  const { problem, trap } = done
  const rest = { signature, ...(problem ? { problem } : {}), ...(trap === undefined ? {} : { trap }) }
  if (done.value === undefined) return { refused: false, ...rest }
  const answer = answerOf(unpackValue(done.value), type)
  const refused =
    answer instanceof CaseValue &&
    answer.name === 'err' &&
    type.result !== undefined &&
    peel(type.result).kind === 'result'
  return {
    refused,
    ...rest,
    ...(type.result === undefined || answer === undefined ? {} : { result: printWave(answer, type.result) }),
  }
}

function decodeFile(bytes: Uint8Array, path: string): ExportedFunction[] {
  try {
    const { type, witPackage } = decode(bytes)
    if (witPackage)
      throw fail('input.wit-only', `${path} is a WIT package without code`, {
        hint: 'Build the component that implements it.',
      })
    return [...functionsOf(type.exports)]
  } catch (thrown) {
    throw withPlace(thrown, { file: path })
  }
}

/** Every function that a component exports, in the order of the file. */
export function* functionsOf(exports: ReadonlyMap<string, Extern>): Generator<ExportedFunction> {
  for (const [name, extern] of exports) {
    if (extern.kind === 'function') yield { name, type: extern.type }
    if (extern.kind !== 'instance') continue
    for (const [member, item] of extern.type.exports)
      if (item.kind === 'function') yield { interface: name, name: member, type: item.type }
  }
}

function findFunction(functions: readonly ExportedFunction[], wanted: string): ExportedFunction {
  const path = wanted.replace(/\(.*$/s, '').trim()
  const at = path.lastIndexOf('#')
  const name = path.slice(at + 1)
  const container = at < 0 ? undefined : path.slice(0, at)
  const found = functions.filter(
    (each) =>
      each.name === name &&
      (container === undefined || each.interface === container || each.interface?.replace(/@[^@]*$/, '') === container),
  )
  const [first, ...others] = found
    .filter((each) => container !== undefined || each.interface === undefined)
    .concat(container === undefined ? found.filter((each) => each.interface !== undefined) : [])
  if (first && (others.length === 0 || first.interface === undefined)) return first
  if (first)
    throw fail('call.ambiguous', `"${path}" is exported ${found.length} times: ${found.map(pathOf).join(', ')}`, {
      hint: 'Write the interface before it: INTERFACE#FUNCTION.',
    })
  const all = functions.map(pathOf)
  const near = nearest(path, at < 0 ? functions.map((each) => each.name) : all)
  throw fail('call.unknown-function', `there is no exported function "${path}"`, {
    hint:
      near === undefined
        ? all.length === 0
          ? 'It exports no functions.'
          : `It exports ${all.slice(0, 6).join(', ')}${all.length > 6 ? ' and more: see patchbay inspect' : ''}.`
        : `Did you mean "${near}"?`,
  })
}

function pathOf(target: ExportedFunction): string {
  return target.interface === undefined ? target.name : `${target.interface}#${target.name}`
}

function readValues(
  target: ExportedFunction,
  signature: string,
  wanted: string,
  values: readonly string[],
): WaveValue[] {
  const { parameters } = target.type
  const inline = /\(.*$/s.exec(wanted)?.[0]
  if (inline !== undefined && values.length > 0)
    throw fail('usage.arguments', 'call: values are given twice, in parentheses and behind', {
      hint: 'Leave one of them away.',
    })
  if (inline !== undefined)
    return parseWaveArguments(
      inline,
      parameters.map(({ type }) => type),
    )
  if (values.length !== parameters.length)
    throw fail('call.arguments', `${target.name} takes ${parameters.length} values, ${values.length} are given`, {
      hint: `It is ${signature}. Each value is one argument, as WAVE: 5, '"text"', '[1, 2]', '{x: 1}'.`,
    })
  return parameters.map(({ name, type }, at) => {
    try {
      return parseWave(values[at] ?? '', type)
    } catch (thrown) {
      throw withPlace(thrown, { path: [name] })
    }
  })
}

function checkSayable({ type }: ExportedFunction, signature: string): void {
  const found = [...type.parameters.map((each) => each.type), ...(type.result ? [type.result] : [])]
    .map((each) => unsayable(each))
    .find((each) => each !== undefined)
  if (found !== undefined)
    throw fail('call.type', `${signature} has a ${found}, which cannot be written as text`, {
      hint: 'Handles, streams and futures live only inside a call: call it from another component.',
    })
}

/** The first kind in a type that has no text. */
function unsayable(type: TypeNode): string | undefined {
  const of = peel(type)
  const within = (types: readonly (TypeNode | undefined)[]): string | undefined => {
    for (const each of types) {
      const found = each && unsayable(each)
      if (found !== undefined) return found
    }
    return undefined
  }
  switch (of.kind) {
    case 'own':
    case 'borrow':
    case 'resource':
      return 'resource'
    case 'stream':
    case 'future':
    case 'error-context':
    case 'map':
      return of.kind
    case 'list':
      return within([of.element])
    case 'option':
      return within([of.some])
    case 'result':
      return within([of.ok, of.error])
    case 'tuple':
      return within(of.items)
    case 'record':
      return within(of.fields.map((field) => field.type))
    case 'variant':
      return within(of.cases.map((each) => each.type))
    default:
      return undefined
  }
}

/** The error side of a result comes as a refusal, its good side bare. */
function answerOf(settled: unknown, { result }: FunctionType): WaveValue | undefined {
  if (result === undefined || typeof settled !== 'object' || settled === null) return undefined
  const refused = 'refusal' in settled
  const value: unknown = refused ? settled.refusal : Reflect.get(settled, 'value')
  const of = peel(result)
  if (of.kind !== 'result') return fromGuest(value, result)
  const payload = refused ? of.error : of.ok
  const name = refused ? 'err' : 'ok'
  return payload ? new CaseValue(name, fromGuest(value, payload)) : new CaseValue(name)
}

function partOf<Part>(part: Part | undefined): Part {
  if (part === undefined) throw fail('internal.call', 'a parameter is missing')
  return part
}
