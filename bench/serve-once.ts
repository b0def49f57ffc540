/**
 * In a fresh process: `node serve-once.js CACHE FILE…` serves the files as the workbench does, asks each once, and prints
 * milliseconds and megabytes.
 */
import { createRuntime } from '../src-main/runtime/runtime.ts'
import { createTools } from '../src-main/tools/tools.ts'
import { cpuOf, memoryOf } from './accounting.ts'

export interface Waited {
  /** From Run to the end of the first answer, milliseconds. */
  readonly first: number
  /** Processor time of everything until then, milliseconds: other work on the machine does not show in it. */
  readonly cpu: number
  /** Stopped and run again in the same window. */
  readonly again: number
  /** Of everything, with all handlers idle; megabytes. */
  readonly memory: number
}

async function serve(cacheFolder: string, files: readonly string[]): Promise<Waited> {
  const tools = createTools()
  const runtime = createRuntime({ tools, cacheFolder, version: 'bench' })
  const handlers = files.map((path, index) => ({ name: `handler-${index}`, path }))
  const run = async (): Promise<number> => {
    const start = performance.now()
    const { url = '' } = await runtime.start({ handlers })
    const answer = await fetch(`${url}run/handler-0/`)
    await answer.arrayBuffer()
    if (answer.status !== 200) throw new Error(`it answered ${answer.status}`)
    const waited = performance.now() - start
    for (const { name } of handlers.slice(1)) await (await fetch(`${url}run/${name}/`)).arrayBuffer()
    return waited
  }
  const before = cpuOf(process.pid)
  const first = await run()
  const cpu = (cpuOf(process.pid) - before) * 1000
  const memory = memoryOf(process.pid)
  await runtime.stop()
  const again = await run()
  await runtime.dispose()
  await tools.dispose()
  return { first, cpu, again, memory }
}

const [cache = '', ...files] = process.argv.slice(2)
console.log(JSON.stringify(await serve(cache, files)))
process.exit(0)
