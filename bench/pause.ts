/** `node bench/pause.ts FILE MIDDLEWARE`: opens and composes a file as the workbench does; prints the longest time that nothing else could run. */
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

let last = performance.now()
let longest = 0
const timer = setInterval(() => {
  const now = performance.now()
  longest = Math.max(longest, now - last - 1)
  last = now
}, 1)
/** Longest pause while `work` runs. */
async function during(work: () => Promise<unknown>): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 50))
  last = performance.now()
  longest = 0
  await work()
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
