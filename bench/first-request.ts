/** What a person waits for, and what stays in memory. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'vite'
import { root, sampleFile } from './components.ts'
import { copies, middle, starlingHandler } from './runtime.ts'
import type { Waited } from './serve-once.ts'

/** The script that serves once, as one file: what people run is built, too. */
const script = join(root, 'bench', 'results', 'serve-once.js')

/** Milliseconds; `cold`: nothing prepared yet, `warm`: what an earlier start prepared is in the cache. */
interface Start {
  readonly cold: number
  readonly warm: number
  readonly again: number
  readonly restarted: number
  readonly coldCpu: number
  readonly warmCpu: number
}

export interface FirstRequests {
  readonly starts: Readonly<Record<string, Start>>
  /** Megabytes for each further small handler, and of everything else together. */
  readonly perHandler: number
  readonly base: number
}

export async function benchFirstRequests(rounds: number): Promise<FirstRequests> {
  await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: join(root, 'bench', 'serve-once.ts'), outDir: dirname(script), emptyOutDir: false },
  })
  console.log('\nFrom Run to the first answer, milliseconds')
  const files: [string, string][] = [
    ['small C', sampleFile('hello')],
    ['JavaScript on QuickJS', sampleFile('hello-js')],
  ]
  const { file } = starlingHandler()
  if (file !== undefined) files.push(['JavaScript on StarlingMonkey, 14 MB', file])
  const starts: Record<string, Start> = {}
  for (const [name, path] of files) {
    const waited = Array.from({ length: rounds }, () => {
      const cache = mkdtempSync(join(tmpdir(), 'patchbay-bench-'))
      const [cold, warm] = [serveOnce(cache, [path]), serveOnce(cache, [path])]
      rmSync(cache, { recursive: true })
      return {
        cold: cold.first,
        warm: warm.first,
        again: warm.again,
        restarted: warm.restarted,
        coldCpu: cold.cpu,
        warmCpu: warm.cpu,
      }
    })
    const of = (which: keyof Start) => middle(waited.map((each) => each[which]))
    const found: Start = {
      cold: of('cold'),
      warm: of('warm'),
      again: of('again'),
      restarted: of('restarted'),
      coldCpu: of('coldCpu'),
      warmCpu: of('warmCpu'),
    }
    starts[name] = found
    console.log(
      `  ${name.padEnd(40)} cold ${found.cold.toFixed(0)} (CPU ${found.coldCpu.toFixed(0)}), warm ${found.warm.toFixed(0)} (CPU ${found.warmCpu.toFixed(0)}), run again ${found.again.toFixed(0)}, after a kill ${found.restarted.toFixed(0)}`,
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
  const said = execFileSync(process.execPath, [script, cache, ...files], { encoding: 'utf8' })
  return JSON.parse(said) as Waited
}
