import { addExport, connect } from '../src-engine/compose/edit.ts'
import { bestName } from '../src-engine/compose/plug.ts'
import { Bench } from './components.ts'
import type { Random } from './wit-generator.ts'

/** A few instances, each import wired to what has its name, to anything, or left open. */
export function randomBench(random: Random, pool: readonly Uint8Array[]): Bench {
  const bench = new Bench()
  const ids: string[] = []
  const count = 1 + random(5)
  for (let index = 0; index < count; index++) {
    const id = `n${index}`
    bench.add(pool[random(pool.length)] ?? new Uint8Array(), id)
    ids.push(id)
  }
  const typeOf = (id: string) => bench.decodedOf(bench.graph.packages[`${id}-package`]?.hash ?? '')?.type
  const eager = random(4)
  ids.forEach((id, index) => {
    for (const name of typeOf(id)?.imports.keys() ?? []) {
      const providers = ids.slice(0, index).reverse()
      const found = providers.flatMap((each) => {
        const best = bestName(typeOf(each)?.exports.keys() ?? [], name)
        return best === undefined ? [] : [{ instance: each, path: [best] }]
      })
      const chosen = found[random(found.length || 1)]
      if (chosen && random(4) < eager) bench.graph = connect(bench.graph, id, name, { kind: 'instance', ...chosen })
      else if (random(40) === 0) {
        const instance = ids[random(ids.length)] ?? id
        const path = [...(typeOf(instance)?.exports.keys() ?? [])].slice(0, 1)
        bench.graph = connect(bench.graph, id, name, { kind: 'instance', instance, path })
      }
    }
  })
  for (const id of ids) {
    for (const name of typeOf(id)?.exports.keys() ?? []) {
      if (random(3) > 0 || Object.hasOwn(bench.graph.exports, name)) continue
      bench.graph = addExport(bench.graph, name, { kind: 'instance', instance: id, path: [name] })
    }
  }
  return bench
}
