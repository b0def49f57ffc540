/**
 * What a person waits for and what stays in memory. As a script, in a fresh process: `node bench/first-request.ts CACHE
 * FILE…` serves the files as the workbench does, asks each once, and prints milliseconds and megabytes.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime } from '../src-main/runtime/runtime.ts'
import { createTools } from '../src-main/tools/tools.ts'
import { memoryOf } from './accounting.ts'
import { sampleFile } from './components.ts'
import { copies, middle, starlingHandler } from './runtime.ts'

interface Waited {
  /** From Run to the end of the first answer, milliseconds. */
  readonly first: number
  /** Stopped and run again in the same window. */
  readonly again: number
  /** Of everything, with all handlers idle; megabytes. */
  readonly memory: number
}

export interface FirstRequests {
  readonly starts: Readonly<Record<string, { readonly cold: number; readonly warm: number; readonly again: number }>>
  /** Megabytes for each further small handler, and of everything else together. */
  readonly perHandler: number
  readonly base: number
}

/** `cold`: nothing prepared yet; `warm`: what an earlier start prepared is in the cache. */
export function benchFirstRequests(rounds: number): FirstRequests {
  console.log('\nFrom Run to the first answer, milliseconds')
  const files: [string, string][] = [
    ['small C', sampleFile('hello')],
    ['JavaScript on QuickJS', sampleFile('hello-js')],
  ]
  const { file } = starlingHandler()
  if (file !== undefined) files.push(['JavaScript on StarlingMonkey, 14 MB', file])
  const starts: Record<string, { cold: number; warm: number; again: number }> = {}
  for (const [name, path] of files) {
    const waited = Array.from({ length: rounds }, () => {
      const cache = mkdtempSync(join(tmpdir(), 'patchbay-bench-'))
      const [cold, warm] = [serveOnce(cache, [path]), serveOnce(cache, [path])]
      rmSync(cache, { recursive: true })
      return { cold: cold.first, warm: warm.first, again: warm.again }
    })
    const of = (which: 'cold' | 'warm' | 'again') => middle(waited.map((each) => each[which]))
    const found = { cold: of('cold'), warm: of('warm'), again: of('again') }
    starts[name] = found
    console.log(
      `  ${name.padEnd(40)} cold ${found.cold.toFixed(0)}, warm ${found.warm.toFixed(0)}, run again ${found.again.toFixed(0)}`,
    )
  }
  const memory = handlerMemory()
  console.log(
    `\nIdle memory: ${memory.perHandler.toFixed(1)} MB for each small handler, ${memory.base.toFixed(0)} MB beside`,
  )
  return { starts, ...memory }
}

/** One handler against eleven: what lies between is theirs. */
function handlerMemory(): { readonly perHandler: number; readonly base: number } {
  const many = copies(11)
  const cache = mkdtempSync(join(tmpdir(), 'patchbay-bench-'))
  const one = serveOnce(cache, many.files.slice(0, 1)).memory
  const eleven = serveOnce(cache, many.files).memory
  rmSync(many.folder, { recursive: true })
  rmSync(cache, { recursive: true })
  const perHandler = (eleven - one) / 10
  return { perHandler, base: one - perHandler }
}

function serveOnce(cache: string, files: readonly string[]): Waited {
  const said = execFileSync(process.execPath, [import.meta.filename, cache, ...files], { encoding: 'utf8' })
  return JSON.parse(said) as Waited
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
  const first = await run()
  const memory = memoryOf(process.pid)
  await runtime.stop()
  const again = await run()
  await runtime.dispose()
  await tools.dispose()
  return { first, again, memory }
}

if (process.argv[1] === import.meta.filename) {
  const [cache = '', ...files] = process.argv.slice(2)
  console.log(JSON.stringify(await serve(cache, files)))
  process.exit(0)
}
