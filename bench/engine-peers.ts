/** The same work by others, as they are meant to be used: jco's functions in this process, native tools as processes. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './components.ts'
import type { Row } from './engine.ts'

interface Peer {
  readonly name: string
  readonly command: string
  readonly parameters: readonly string[]
}

/** From the variable, else by its name from the path. */
const wac = process.env['PATCHBAY_BENCH_WAC'] ?? 'wac'
const wasmTools = process.env['PATCHBAY_BENCH_WASM_TOOLS'] ?? 'wasm-tools'

export function* peers(file: string, middleware: string): Generator<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-'))
  const output = join(folder, 'out.wasm')
  const patchbay = join(root, 'out', 'main', 'cli.js')
  const jco = join(root, 'node_modules', '@bytecodealliance', 'jco', 'dist', 'jco.js')
  const entries: readonly Peer[] = [
    { name: 'patchbay inspect --wit', command: process.execPath, parameters: [patchbay, 'inspect', file, '--wit'] },
    { name: 'wasm-tools component wit', command: wasmTools, parameters: ['component', 'wit', file] },
    { name: 'jco wit', command: process.execPath, parameters: [jco, 'wit', file] },
    {
      name: 'patchbay plug (validated)',
      command: process.execPath,
      parameters: [patchbay, 'plug', middleware, '--plug', file, '-o', output],
    },
    { name: 'wac plug (validated)', command: wac, parameters: ['plug', middleware, '--plug', file, '-o', output] },
    {
      name: 'wasm-tools compose (validated)',
      command: wasmTools,
      parameters: ['compose', middleware, '-d', file, '-o', output],
    },
  ]
  try {
    for (const peer of entries) {
      const times: number[] = []
      try {
        for (let run = 0; run < 3; run++) {
          const start = performance.now()
          execFileSync(peer.command, [...peer.parameters], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000 })
          times.push(performance.now() - start)
        }
      } catch (thrown) {
        const said = thrown instanceof Error ? thrown.message.split('\n').slice(0, 2).join(' ') : String(thrown)
        console.log(`  ${peer.name}: not measured (${said.slice(0, 160)})`)
        continue
      }
      const value = times.sort((left, right) => left - right)[1] ?? 0
      yield { name: `${peer.name}, whole process`, unit: 'ms', value }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
