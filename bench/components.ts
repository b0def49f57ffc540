/** What the engine is measured on: a real component of some 14 MB, padded ones of any size, and generated ones that fit each other. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { componentEmbed, componentNew } from '@bytecodealliance/jco'
import { decode, type DecodedComponent } from '../src-engine/binary/decode.ts'
import { ByteWriter, ChunkedOutput } from '../src-engine/binary/writer.ts'

export const root: string = join(import.meta.dirname, '..')
/** Made once and kept; git does not see it. */
const kept = join(root, 'bench', 'results')

export interface Part {
  readonly hash: string
  readonly bytes: Uint8Array
  readonly decoded: DecodedComponent
}

export function partOf(bytes: Uint8Array): Part {
  return { hash: createHash('sha256').update(bytes).digest('hex'), bytes, decoded: decode(bytes) }
}

export function sampleFile(name: string): string {
  return join(root, 'resources', 'samples', name, `${name}.wasm`)
}

/** A file of about 14 MB and how it came to be. */
export interface LargeComponent {
  readonly file: string
  readonly origin: string
}

/**
 * An HTTP handler in JavaScript on StarlingMonkey, built by the jco of this project; where that does not work, the sample in
 * C with as many bytes of code and data added.
 */
export function largeComponent(): LargeComponent {
  const file = join(kept, 'starlingmonkey.wasm')
  if (!existsSync(file)) {
    try {
      componentize(file)
    } catch (thrown) {
      const padded = join(kept, 'padded.wasm')
      writeFileSync(padded, paddedTo(readFileSync(sampleFile('hello')), 14_000_000))
      const why = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0] ?? ''
      return { file: padded, origin: `synthetic: the C sample padded to 14 MB (${why})` }
    }
  }
  return { file, origin: 'a JavaScript handler on StarlingMonkey, by jco componentize' }
}

function componentize(file: string): void {
  const folder = join(kept, 'handler')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'wit'), { recursive: true })
  cpSync(join(root, 'wit', 'wasi-0.2.12'), join(folder, 'wit', 'deps'), { recursive: true })
  writeFileSync(
    join(folder, 'wit', 'world.wit'),
    'package bench:handler;\nworld handler { export wasi:http/incoming-handler@0.2.12; }\n',
  )
  writeFileSync(join(folder, 'handler.js'), 'export const incomingHandler = { handle() {} }\n')
  const jco = join(root, 'node_modules', '@bytecodealliance', 'jco', 'dist', 'jco.js')
  const source = join(folder, 'handler.js')
  execFileSync(
    process.execPath,
    [jco, 'componentize', source, '-w', join(folder, 'wit'), '-n', 'handler', '-o', file],
    { stdio: 'pipe', timeout: 180_000 },
  )
}

/** The same component with a core module and a custom section more, half of the new bytes each. */
export function paddedTo(bytes: Uint8Array, size: number): Uint8Array {
  const half = Math.max(0, Math.floor((size - bytes.length) / 2))
  // Pseudo-random, so that nothing on the way can cheat on equal pages.
  const filling = new Uint8Array(half)
  let state = 1
  for (let at = 0; at < half; at++) filling[at] = (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24
  const data = new ByteWriter().u32(1).u8(1).u32(half).finish()
  const memory = new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
  const head = new ByteWriter()
    .u8(11)
    .u32(data.length + half)
    .finish()
  const module = memory.length + head.length + data.length + half
  const name = new ByteWriter().name('padding').finish()
  return new ChunkedOutput()
    .push(bytes)
    .push(new ByteWriter().u8(1).u32(module).finish())
    .push(memory)
    .push(head)
    .push(data)
    .push(filling)
    .push(
      new ByteWriter()
        .u8(0)
        .u32(name.length + half)
        .finish(),
    )
    .push(name)
    .push(filling)
    .join()
}

/** A component with exactly the imports and exports of a world. */
export async function componentOf(witSource: string, world: string): Promise<Uint8Array> {
  return componentNew(await componentEmbed({ witSource, dummy: true, world }), [])
}
