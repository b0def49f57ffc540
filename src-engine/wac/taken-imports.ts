import type { CompositionGraph, GraphImport } from '../compose/graph.ts'
import { printImportType } from './import-type.ts'
import { Statements, type TypeOfHash } from './statements.ts'

/**
 * A graph read from a text, with the imports that a canvas made as they were: a text can only declare them, though their
 * type is that of whoever takes them. One whose declaration says another type now is what the text says.
 */
export function keepTaken(read: CompositionGraph, known: CompositionGraph, typeOf: TypeOfHash): CompositionGraph {
  const taken = Object.entries(known.imports).filter(
    ([name, { typeOf: taker, declared }]) =>
      taker && !declared && read.imports[name]?.declared && Object.hasOwn(read.instances, taker.instance),
  )
  if (taken.length === 0) return read
  const typeIn = (graph: CompositionGraph): ((name: string) => string) => {
    const statements = new Statements(graph, typeOf, printImportType)
    return (name) => statements.importType(name)
  }
  const [said, before] = [typeIn(read), typeIn(known)]
  const kept = taken.filter(([name]) => said(name) === before(name))
  const imports: Record<string, GraphImport> = { ...read.imports, ...Object.fromEntries(kept) }
  return { ...read, imports }
}
