/**
 * A guest that a test plays by hand: it imports every function of WASI 0.2 and exports a way to call each with any core
 * values. What crosses the border is the guest's own memory, so good and bad arguments alike reach the host as they
 * would from any other guest.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codecOf } from '../../src-main/runtime/direct/codec.ts'
import type { Flat } from '../../src-main/runtime/direct/codec-types.ts'
import { linkComponent } from '../../src-main/runtime/direct/link.ts'
import {
  withoutVersion,
  type AbiType,
  type CoreReference,
  type FunctionPlan,
} from '../../src-main/runtime/direct/plan.ts'
import type { Tools } from '../../src-main/tools/tools.ts'

/** A function that the guest imports. */
export interface MirroredFunction {
  /** `interface#function`, without version. */
  readonly name: string
  readonly plan: FunctionPlan
  /** What crosses at the core level, the pointer to the result included. */
  readonly flat: readonly Flat[]
  readonly flatResult: Flat | undefined
  readonly parametersInMemory: boolean
  readonly resultInMemory: boolean
  /** What the guest exports it as. */
  readonly exported: string
}

export interface Mirror {
  readonly bytes: Uint8Array
  readonly functions: ReadonlyMap<string, MirroredFunction>
  /** `interface#resource` → the export that drops a handle of it. */
  readonly drops: ReadonlyMap<string, string>
}

/** Where the guest's own room for lists and strings that come to it begins. */
export const heapStart = 1024 * 1024
/** Bytes of linear memory. */
export const memorySize = 64 * 65536

const wit = join(import.meta.dirname, '../../wit/wasi-0.2.12')
const unserved = /^wasi:(cli\/run|http\/(incoming-handler|proxy))$/

/** The guest for the release `version` of WASI 0.2: what came later is not in it. */
export async function mirrorOf(tools: Tools, version: string): Promise<Mirror> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-mirror-'))
  try {
    const interfaces = copyWit(folder, version)
    const imports = interfaces.map((name) => `import ${name}@${version};`).join('\n')
    const world = (exports: string): void =>
      writeFileSync(join(folder, 'world.wit'), `package test:mirror;\nworld mirror {\n${imports}\n${exports}\n}\n`)
    world(serving(version))
    const shape = await tools.componentNew(
      await tools.componentEmbed({ witPath: folder, world: 'mirror', dummy: true }),
    )
    const { functions, drops } = readShape(shape)
    world(serving(version) + exportsOf(functions, drops))
    const core = await tools.parseWat(moduleText(functions, drops, version))
    const bytes = await tools.componentNew(
      await tools.componentEmbed({ witPath: folder, world: 'mirror', binary: core }),
    )
    return {
      bytes,
      functions: new Map(functions.map((one) => [one.name, one])),
      drops: new Map(drops.map((resource, at) => [resource, `drop${at}`])),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Copies the packages as of `version`; answers the names of their interfaces, without version. */
function copyWit(folder: string, version: string): string[] {
  const interfaces: string[] = []
  const patch = Number(version.split('.')[2])
  for (const name of readdirSync(wit)) {
    const target = join(folder, 'deps', name)
    mkdirSync(target, { recursive: true })
    cpSync(join(wit, name), target, { recursive: true })
    for (const file of readdirSync(target)) {
      const text = readFileSync(join(target, file), 'utf8')
      writeFileSync(join(target, file), asOf(text, patch).replaceAll('0.2.12', version))
      for (const [, face] of text.matchAll(/^interface ([\w-]+) \{/gm)) {
        const full = `wasi:${name}/${face}`
        if (!unserved.test(full)) interfaces.push(full)
      }
    }
  }
  return interfaces.sort()
}

/** Items behind a feature gate count as well; those of a later release do not. */
function asOf(text: string, patch: number): string {
  return text
    .replaceAll(/^\s*@unstable\(.*\)\n/gm, '')
    .replaceAll(/^\s*@since\(version = 0\.2\.(\d+)\)\n(.*\n)/gm, (_, since: string, item: string) =>
      Number(since) <= patch ? item : '',
    )
}

type Lowered = CoreReference & { readonly kind: 'lower' }

function readShape(shape: Uint8Array): { functions: MirroredFunction[]; drops: string[] } {
  const plan = linkComponent(shape, () => false)
  const lowered = new Map<string, Lowered>()
  const drops = new Set<string>()
  for (const { imports } of plan.instantiations) {
    for (const { source } of imports) {
      if (source.kind === 'lower' && source.target.kind === 'host')
        lowered.set(`${source.target.interface}#${source.target.name}`, source)
    }
  }
  for (const resource of plan.resources)
    if (resource.kind === 'host') drops.add(`${resource.interface}#${resource.name}`)
  const named = plan.resources.map((resource) =>
    resource.kind === 'host' ? `${resource.interface}#${resource.name}` : 'guest',
  )
  const functions = [...lowered].map(([name, { type }], at): MirroredFunction => {
    const labelled: FunctionPlan = {
      parameters: type.parameters.map((one) => withHandlesNamed(one, named)),
      result: type.result && withHandlesNamed(type.result, named),
    }
    const flat = type.parameters.flatMap((one) => codecOf(one).flat)
    const flatResult = type.result ? codecOf(type.result).flat : []
    const parametersInMemory = flat.length > 16
    const resultInMemory = flatResult.length > 1
    return {
      name,
      plan: labelled,
      flat: [...(parametersInMemory ? (['i32'] as const) : flat), ...(resultInMemory ? (['i32'] as const) : [])],
      flatResult: resultInMemory ? undefined : flatResult[0],
      parametersInMemory,
      resultInMemory,
      exported: `call${at}`,
    }
  })
  return { functions, drops: [...drops].sort() }
}

/** Which resource a handle is of, by the number that stands for it in a mirror's types. */
export const resourceNames: string[] = []

function resourceNumber(name: string): number {
  const known = resourceNames.indexOf(name)
  return known >= 0 ? known : resourceNames.push(name) - 1
}

/** The same type; resources are numbered by their place in {@link resourceNames}, whichever component they are of. */
function withHandlesNamed(type: AbiType, names: readonly string[]): AbiType {
  const inner = (one: AbiType): AbiType => withHandlesNamed(one, names)
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return { kind: type.kind, resource: resourceNumber(names[type.resource] ?? '') }
    case 'list':
      return { ...type, element: inner(type.element) }
    case 'record':
      return { kind: 'record', fields: type.fields.map(([name, of]) => [name, inner(of)] as const) }
    case 'tuple':
      return { kind: 'tuple', items: type.items.map(inner) }
    case 'variant':
      return { kind: 'variant', cases: type.cases.map(([name, of]) => [name, of && inner(of)] as const) }
    case 'option':
      return { kind: 'option', some: inner(type.some) }
    case 'result':
      return { kind: 'result', ok: type.ok && inner(type.ok), error: type.error && inner(type.error) }
    default:
      return type
  }
}

const witTypes: Readonly<Record<Flat, string>> = { i32: 's32', i64: 's64', f32: 'f32', f64: 'f64' }

const serving = (version: string): string => `export wasi:http/incoming-handler@${version};\n`

function exportsOf(functions: readonly MirroredFunction[], drops: readonly string[]): string {
  const lines = [
    'export peek: func(at: u32, length: u32) -> list<u8>;',
    'export poke: func(at: u32, bytes: list<u8>);',
    'export rewind: func();',
    'export given: func(which: u32) -> u32;',
    'export top: func() -> u32;',
    ...drops.map((_, at) => `export drop${at}: func(handle: s32);`),
    ...functions.map(({ exported, flat, flatResult }) => {
      const parameters = flat.map((one, at) => `p${at}: ${witTypes[one]}`).join(', ')
      return `export ${exported}: func(${parameters})${flatResult ? ` -> ${witTypes[flatResult]}` : ''};`
    }),
  ]
  return lines.join('\n')
}

function moduleText(functions: readonly MirroredFunction[], drops: readonly string[], version: string): string {
  const imports: string[] = []
  const bodies: string[] = []
  const from = (name: string): string => `"${withoutVersion(name.replace(/#.*/, ''))}@${version}"`
  drops.forEach((resource, at) => {
    imports.push(
      `(import ${from(resource)} "[resource-drop]${resource.replace(/.*#/, '')}" (func $d${at} (param i32)))`,
    )
    bodies.push(`(func (export "drop${at}") (param i32) (call $d${at} (local.get 0)))`)
  })
  for (const { name, exported, flat, flatResult } of functions) {
    const signature = `${flat.map((one) => `(param ${one})`).join(' ')} ${flatResult ? `(result ${flatResult})` : ''}`
    imports.push(`(import ${from(name)} "${name.replace(/^[^#]*#/, '')}" (func $${exported} ${signature}))`)
    const given = flat.map((_, at) => `(local.get ${at})`).join(' ')
    bodies.push(`(func (export "${exported}") ${signature} (call $${exported} ${given}))`)
  }
  return `(module ${imports.join('\n')}
    (memory (export "memory") ${memorySize / 65536})
    (global $top (mut i32) (i32.const ${heapStart}))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $top) (i32.sub (local.get 2) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get 2))))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (if (i32.gt_u (global.get $top) (i32.const ${memorySize})) (then unreachable))
      (local.get $at))
    (func (export "peek") (param i32 i32) (result i32)
      (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1)) (i32.const 8))
    (func (export "poke") (param $at i32) (param $from i32) (param $length i32)
      (memory.copy (local.get $at) (local.get $from) (local.get $length)))
    (func (export "wasi:http/incoming-handler@${version}#handle") (param i32 i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)))
    (func (export "given") (param i32) (result i32)
      (i32.load (i32.add (i32.const 16) (i32.shl (local.get 0) (i32.const 2)))))
    (func (export "rewind") (global.set $top (i32.const ${heapStart})))
    (func (export "top") (result i32) (global.get $top))
    ${bodies.join('\n')})`
}
