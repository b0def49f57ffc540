import { fail, problemOf, type Problem } from '../error.ts'
import type { ComponentType, Extern } from '../types/graph.ts'
import { WitPackages } from '../wit/packages.ts'
import { findWorld, resolveWorld } from '../wit/resolve.ts'
import { printWorld } from '../wit/print.ts'
import type { DeclaredType } from './graph.ts'

/** A declared import, read: the world that declares it, and the import itself. */
export interface DeclaredImport {
  readonly type: ComponentType
  readonly extern: Extern
}

type Reading = DeclaredImport | { readonly problem: Problem }

const worldName = 'imports'
const readings = new WeakMap<DeclaredType, Reading>()

/** Reads the WIT of a declared import; once per object. Never throws: a project file may hold any text. */
export function readDeclared(declared: DeclaredType): Reading {
  const known = readings.get(declared)
  if (known) return known
  const reading = read(declared)
  readings.set(declared, reading)
  return reading
}

function read({ wit, name }: DeclaredType): Reading {
  try {
    const packages = new WitPackages()
    packages.addFolder([{ path: 'import', text: wit }])
    const type = resolveWorld(packages, findWorld(packages, worldName))
    const extern = type.imports.get(name)
    if (extern) return { type, extern }
    throw fail('wit.unknown-import', `the text declares no import "${name}"`)
  } catch (thrown) {
    return { problem: problemOf(thrown) }
  }
}

/**
 * The declaration of one import of a world, with everything it needs and nothing else. Equal types give equal texts,
 * whichever files they were read from.
 */
export function declareImport(world: ComponentType, name: string): DeclaredType {
  return { wit: printWorld({ kind: 'component', imports: world.imports, exports: new Map() }, worldName), name }
}
