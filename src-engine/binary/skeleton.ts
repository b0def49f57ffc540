import { expectComponent } from './identify.ts'
import { metadataSections } from './metadata.ts'
import { surfaceSections } from './module-surface.ts'
import { ByteReader } from './reader.ts'
import { ChunkedOutput, pushSection } from './writer.ts'

const keptCustoms = new Set(['component-name', 'producers', ...metadataSections])
const depthLimit = 64

/**
 * The same component without code, data and debug information: a few kilobytes that decode to the very same types. The
 * window works on skeletons, so that megabytes stay in the workbench. The result is for decoding only, it does not validate.
 */
export function skeletonOf(bytes: Uint8Array): Uint8Array {
  expectComponent(bytes)
  return shrinkComponent(bytes, 0, bytes.length, 0)
}

function shrinkComponent(bytes: Uint8Array, start: number, end: number, depth: number): Uint8Array {
  const reader = new ByteReader(bytes, start + 8, end, depth === 0 ? 'file' : 'nested component')
  if (depth > depthLimit) throw reader.error('input.limit', `components nest more than ${depthLimit} deep`, start)
  const output = new ChunkedOutput().push(bytes.subarray(start, start + 8))
  while (!reader.done) {
    const at = reader.at
    const id = reader.u8()
    const body = reader.slice(reader.u32(), 'section')
    if (id === 1) pushSection(output, id, shrinkModule(bytes, body.at, body.end))
    else if (id === 4) pushSection(output, id, shrinkComponent(bytes, body.at, body.end, depth + 1))
    else if (id !== 0 || keptCustoms.has(body.name())) output.push(bytes.subarray(at, reader.at))
  }
  return output.join()
}

function shrinkModule(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const reader = new ByteReader(bytes, Math.min(start + 8, end), end, 'core module')
  const output = new ChunkedOutput().push(bytes.subarray(start, Math.min(start + 8, end)))
  while (!reader.done) {
    const at = reader.at
    const id = reader.u8()
    reader.slice(reader.u32(), 'section of a core module')
    if (surfaceSections.has(id)) output.push(bytes.subarray(at, reader.at))
  }
  return output.join()
}
