import { basename, dirname, extname, join, resolve } from 'node:path'
import { decode, type DecodedComponent } from '../../src-engine/binary/decode.ts'
import { fail, withPlace } from '../../src-engine/error.ts'
import { sha256 } from '../project/contents.ts'
import { readWhole, writeWhole } from '../project/files.ts'
import type { VerbContext } from './verb.ts'

/** A component read from a file that the user named. */
export interface ComponentFile {
  readonly path: string
  /** File name without extension. */
  readonly name: string
  readonly bytes: Uint8Array
  readonly hash: string
  readonly decoded: DecodedComponent
}

/** Reads and decodes a component; `.wat` text is built first. Throws `input.*` naming the file. */
export async function readComponent(path: string, cwd: string): Promise<ComponentFile> {
  const file = resolve(cwd, path)
  const bytes = await readBinary(file)
  try {
    return { path, name: basename(path, extname(path)), bytes, hash: sha256(bytes), decoded: decode(bytes) }
  } catch (thrown) {
    throw withPlace(thrown, { file: path })
  }
}

/** The same for a component that is to be used: WIT alone has no code. Throws `input.wit-only`. */
export async function readCode(path: string, cwd: string): Promise<ComponentFile> {
  const component = await readComponent(path, cwd)
  if (!component.decoded.witPackage) return component
  throw fail('input.wit-only', `${path} is a WIT package: it has types and no code`, {
    where: { file: path },
    hint: 'Name the component that was built from it; `patchbay inspect --wit` shows what it declares.',
  })
}

async function readBinary(file: string): Promise<Uint8Array> {
  const bytes = await readWhole(file)
  if (extname(file) !== '.wat') return bytes
  const { createTools } = await import('../tools/tools.ts')
  const tools = createTools()
  try {
    return await tools.parseWat(new TextDecoder().decode(bytes))
  } catch (thrown) {
    throw withPlace(thrown, { file })
  } finally {
    await tools.dispose()
  }
}

/** Writes a result where `-o` says: a file (whole or not at all), or stdout for `-`, never a terminal. Answers the path. */
export async function writeResult(context: VerbContext, bytes: Uint8Array | string, fallback: string): Promise<string> {
  const target = context.arguments.text('output') ?? fallback
  if (target !== '-') {
    await writeWhole(resolve(context.cwd, target), bytes)
    return target
  }
  if (typeof bytes !== 'string' && context.output.terminal) {
    throw fail('usage.output', 'a binary would be written to the terminal', {
      hint: 'Name a file with -o, or pipe it on.',
    })
  }
  await context.output.bytes(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes)
  return target
}

/** A name for a result beside its input: `handler.wasm` → `handler.stripped.wasm`. */
export function besideInput(path: string, suffix: string): string {
  return join(dirname(path), `${basename(path, extname(path))}.${suffix}.wasm`)
}
