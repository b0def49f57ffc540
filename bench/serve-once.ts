/**
 * In a fresh process: `node serve-once.js CACHE window|command FILE…` serves the files as the workbench does, asks each
 * once, and prints milliseconds and megabytes. `window`: Run is pressed in a window that has been open for a moment;
 * `command`: nothing runs yet, as with `patchbay run`.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createRuntime, type Runtime } from '../src-main/runtime/runtime.ts'
import { createTools } from '../src-main/tools/tools.ts'
import { cpuOf, memoryOf } from './accounting.ts'

export interface Waited {
  /** From Run to the end of the first answer, milliseconds. */
  readonly first: number
  /** Processor time of everything until then, milliseconds: other work on the machine does not show in it. */
  readonly cpu: number
  /** Stopped and run again in the same window. */
  readonly again: number
  /** The guest process is killed, and its handler asked at once. */
  readonly restarted: number
  /** Of everything, with all handlers idle; megabytes. Of the workbench, its guests and the spare. */
  readonly memory: number
  /** Of the spare process, a part of it. */
  readonly spare: number
}

async function serve(cacheFolder: string, from: string, files: readonly string[]): Promise<Waited> {
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
  if (from === 'window') await settle(runtime, tools)
  const before = cpuOf(process.pid)
  const first = await run()
  const cpu = (cpuOf(process.pid) - before) * 1000
  await spareOf(runtime)
  const memory = memoryOf(process.pid)
  const spare = memoryOf(runtime.sparePid() ?? 0)
  await runtime.stop()
  const again = await run()
  const restarted = await restart(runtime)
  await runtime.dispose()
  await tools.dispose()
  return { first, cpu, again, restarted, memory, spare }
}

/** What a window does by itself when it has been open for some seconds; and one request of the client we ask with. */
async function settle(runtime: Runtime, tools: ReturnType<typeof createTools>): Promise<void> {
  runtime.warm()
  tools.warm()
  while (runtime.guestPid() === undefined) await pause(20)
  await fetch('http://127.0.0.1:1/').catch(() => {})
  let busy = cpuOf(process.pid)
  for (let quiet = 0; quiet < 3;) {
    await pause(200)
    const now = cpuOf(process.pid)
    quiet = now - busy < 0.02 ? quiet + 1 : 0
    busy = now
  }
}

async function spareOf(runtime: Runtime): Promise<void> {
  while (runtime.sparePid() === undefined) await pause(20)
}

/** Once the spare is there, as it is a moment after a start. */
async function restart(runtime: Runtime): Promise<number> {
  await spareOf(runtime)
  const { url = '' } = runtime.status()
  const start = performance.now()
  process.kill(runtime.guestPid() ?? 0, 'SIGKILL')
  await (await fetch(`${url}run/handler-0/`)).arrayBuffer()
  return performance.now() - start
}

const [cache = '', from = '', ...files] = process.argv.slice(2)
console.log(JSON.stringify(await serve(cache, from, files)))
process.exit(0)
