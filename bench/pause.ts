/** `node bench/pause.ts FILE MIDDLEWARE`: opens and composes a file as the workbench does; prints, in milliseconds, the longest time that nothing else could run, and the longest work in one turn, whatever else the machine does. */
import { performance } from 'node:perf_hooks'
import { addExport, addInstance, connect, setPackage } from '../src-engine/compose/edit.ts'
import { emptyGraph } from '../src-engine/compose/graph.ts'
import { Contents } from '../src-main/project/contents.ts'
import { Composer } from '../src-main/services/composer.ts'
import { createEngineThread } from '../src-main/tools/engine-thread.ts'
import { createTools } from '../src-main/tools/tools.ts'

const [file = '', middleware = ''] = process.argv.slice(2)
const contents = new Contents()
const tools = createTools()
const engine = createEngineThread()
const composer = new Composer(contents, tools, engine)
const handler = 'wasi:http/incoming-handler@0.2.12'

/** Milliseconds that this thread has worked. */
const worked = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

interface Pause {
  readonly clock: number
  readonly work: number
}

let last = { clock: 0, work: 0 }
let longest = last
function look(): void {
  const now = { clock: performance.now(), work: worked() }
  longest = {
    clock: Math.max(longest.clock, now.clock - last.clock - 1),
    work: Math.max(longest.work, now.work - last.work),
  }
  last = now
}
const timer = setInterval(look, 1)
/** Longest pause while `run` runs. */
async function during(run: () => Promise<unknown>): Promise<Pause> {
  await new Promise((resolve) => setTimeout(resolve, 50))
  last = { clock: performance.now(), work: worked() }
  longest = { clock: 0, work: 0 }
  await run()
  return longest
}

const { hash: other } = await contents.addFile(middleware)
await contents.decoded(other)
let hash = ''
const open = await during(async () => {
  ;({ hash } = await contents.addFile(file))
  await contents.decoded(hash)
})
let graph = setPackage(emptyGraph, 'large', { name: 'bench:large', hash })
graph = setPackage(graph, 'middleware', { name: 'bench:middleware', hash: other })
graph = addInstance(addInstance(graph, 'large').graph, 'middleware').graph
graph = connect(graph, 'middleware', handler, { kind: 'instance', instance: 'large', path: [handler] })
graph = addExport(graph, handler, { kind: 'instance', instance: 'middleware', path: [handler] })
const compose = await during(() => composer.compose(graph))
clearInterval(timer)
console.log(JSON.stringify({ open, compose }))
await Promise.all([tools.dispose(), engine.dispose()])
