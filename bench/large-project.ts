import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { componentOf } from '../test/components.ts'
import { largeGraph, largeWorld } from './canvas-graph.ts'

/** Writes the project with the large graph, and the one component all of it is made of. Answers the folder. */
export async function writeLargeProject(folder: string): Promise<string> {
  const bytes = await componentOf(largeWorld, 'part')
  mkdirSync(join(folder, 'components'), { recursive: true })
  writeFileSync(join(folder, 'components', 'part.wasm'), bytes)
  const { instances, wires } = largeGraph()
  const name = (port: string): string => `bench:large/${port}`
  const document = {
    version: 1,
    name: 'Large',
    components: { part: { path: 'components/part.wasm' } },
    graph: {
      packages: { part: { name: 'bench:part', hash: createHash('sha256').update(bytes).digest('hex') } },
      instances: Object.fromEntries(instances.map(({ id }) => [id, { package: 'part' }])),
      arguments: Object.fromEntries(
        wires.map(({ from, to, port }) => [
          `${to} ${name(port)}`,
          { instance: to, name: name(port), source: { kind: 'instance', instance: from, path: [name(port)] } },
        ]),
      ),
      imports: {},
      exports: {},
    },
    view: { positions: Object.fromEntries(instances.map(({ id, x, y }) => [id, { x, y }])) },
  }
  writeFileSync(join(folder, 'patchbay.json'), JSON.stringify(document))
  return folder
}
