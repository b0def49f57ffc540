/** Compositions of a given size. */
import type { DecodedComponent } from '../src-engine/binary/decode.ts'
import { addExport, addInstance, connect, setPackage } from '../src-engine/compose/edit.ts'
import { argumentKey, emptyGraph, type CompositionGraph, type GraphArgument } from '../src-engine/compose/graph.ts'
import { componentOf, partOf, type Part } from './components.ts'

export interface Composition {
  readonly graph: CompositionGraph
  readonly decodedOf: (hash: string) => DecodedComponent | undefined
  readonly bytesOf: (hash: string) => Uint8Array
}

const handler = 'wasi:http/incoming-handler@0.2.12'

function over(graph: CompositionGraph, parts: readonly Part[]): Composition {
  const byHash = new Map(parts.map((part) => [part.hash, part]))
  return {
    graph,
    decodedOf: (hash) => byHash.get(hash)?.decoded,
    bytesOf: (hash) => byHash.get(hash)?.bytes ?? new Uint8Array(),
  }
}

/** `length` instances: the middleware again and again, in front of one handler. */
export function chain(length: number, middleware: Part, last: Part): Composition {
  let graph = setPackage(emptyGraph, 'middleware', { name: 'bench:middleware', hash: middleware.hash })
  graph = setPackage(graph, 'handler', { name: 'bench:handler', hash: last.hash })
  let at = addInstance(graph, 'handler')
  for (let count = 1; count < length; count++) {
    const behind = at.instance
    at = addInstance(at.graph, 'middleware')
    graph = connect(at.graph, at.instance, handler, { kind: 'instance', instance: behind, path: [handler] })
    at = { ...at, graph }
  }
  return over(addExport(at.graph, handler, { kind: 'instance', instance: at.instance, path: [handler] }), [
    middleware,
    last,
  ])
}

/** Twenty packages that hand a resource and a record on, five instances of each in a row: a hundred instances. */
export async function hundredOfTwenty(): Promise<Composition> {
  const parts: Part[] = []
  let graph: CompositionGraph = emptyGraph
  for (let index = 0; index < 20; index++) {
    const body =
      'use bench:shared/types@1.0.0.{item, spot, mode}; go: func(a: borrow<item>, b: spot, m: mode) -> result<list<spot>, mode>;'
    const text = `package bench:p${index}@1.0.0;
      package bench:shared@1.0.0 { interface types {
        resource item { constructor(); size: func() -> u32; }
        record spot { x: u32, y: list<string> }
        enum mode { on, off }
      } }
      world link {
        import bench:shared/types@1.0.0;
        import before: interface { ${body} }
        export after: interface { ${body} extra-${index}: func(); }
      }`
    const part = partOf(await componentOf(text, 'link'))
    parts.push(part)
    graph = setPackage(graph, `p${index}`, { name: `bench:p${index}`, version: '1.0.0', hash: part.hash })
  }
  let behind: string | undefined
  for (let index = 0; index < 100; index++) {
    const added = addInstance(graph, `p${index % 20}`)
    graph = added.graph
    if (behind !== undefined)
      graph = connect(graph, added.instance, 'before', { kind: 'instance', instance: behind, path: ['after'] })
    behind = added.instance
  }
  if (behind !== undefined) graph = addExport(graph, 'after', { kind: 'instance', instance: behind, path: ['after'] })
  return over(graph, parts)
}

/** A row of instances with five wires between neighbours: an edge is a wire. Wires carry functions, or interfaces with types. */
export async function wires(edges: number, carrying: 'functions' | 'interfaces'): Promise<Composition> {
  const names = ['a', 'b', 'c', 'd', 'e']
  const item = (name: string) =>
    carrying === 'functions'
      ? `${name}: func(s: string) -> list<u8>`
      : `${name}: interface { record spot { x: u32, y: string } f: func(s: spot) -> result<spot, string>; }`
  const end = carrying === 'functions' ? ';' : ''
  const text = `package bench:wires; world link { ${names.map((name) => `import in-${item(name)}${end} export out-${item(name)}${end}`).join('\n')} }`
  const part = partOf(await componentOf(text, 'link'))
  let graph = setPackage(emptyGraph, 'link', { name: 'bench:link', hash: part.hash })
  // The table is filled at once: adding wires one by one copies it each time.
  const given: Record<string, GraphArgument> = {}
  const instances: string[] = []
  for (let count = 0; count <= edges / names.length; count++) instances.push(`link-${count}`)
  instances.forEach((instance, index) => {
    const behind = instances[index - 1]
    if (behind === undefined) return
    for (const name of names) {
      const source = { kind: 'instance' as const, instance: behind, path: [`out-${name}`] }
      given[argumentKey(instance, `in-${name}`)] = { instance, name: `in-${name}`, source }
    }
  })
  graph = {
    ...graph,
    instances: Object.fromEntries(instances.map((id) => [id, { package: 'link' }])),
    arguments: given,
  }
  return over(graph, [part])
}
