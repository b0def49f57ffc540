/**
 * Runs jco's wasm-tools away from everybody else: a panic in there leaves the tool unusable, so the worker tells and is
 * replaced by `tools.ts`. Loading them takes longer than linking a component, which needs none of them: they come when the
 * first job asks for them.
 */
import { parentPort } from 'node:worker_threads'
import type { metadataShow as MetadataShow } from '@bytecodealliance/jco-transpile/wasm-tools'
import { PatchbayError } from '../../src-engine/error.ts'
import { linkComponent } from '../runtime/direct/link.ts'
import { prepareModule } from '../runtime/direct/prepare-module.ts'
import type { JobName, JobPiece, JobReply, Jobs, Linked, Metadata, SentRequest } from './messages.ts'

const port = parentPort
if (!port) throw new Error('tools-worker runs as a worker only')

// Rust panics are printed, not thrown: keep the text, it is the only explanation there is.
let printed = ''
console.error = (...parts: readonly unknown[]) => {
  printed = (printed + parts.join(' ') + '\n').slice(-4096)
}
const writeStderr = process.stderr.write.bind(process.stderr)
process.stderr.write = (chunk: unknown): boolean => {
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) {
    printed = (printed + Buffer.from(chunk).toString()).slice(-4096)
    return true
  }
  return writeStderr(String(chunk))
}

/** The bytes of the next request, while they come in. */
let arriving: { readonly id: number; readonly bytes: Uint8Array } | undefined
/** Those of the last request, when the next one is about them too. */
let kept: Uint8Array | undefined

port.on('message', (message: SentRequest | JobPiece) => {
  if ('piece' in message) {
    if (arriving?.id !== message.id) arriving = { id: message.id, bytes: new Uint8Array(message.total) }
    arriving.bytes.set(message.piece, message.at)
    return
  }
  const large = arriving?.id === message.id ? arriving.bytes : message.again ? kept : undefined
  const request: SentRequest = large && 'bytes' in message ? { ...message, bytes: large } : message
  arriving = undefined
  kept = request.keep && 'bytes' in request ? request.bytes : undefined
  printed = ''
  run(request).then(
    (output) => port.postMessage({ id: request.id, ok: true, output } satisfies JobReply, ownBuffers(output)),
    (thrown: unknown) => port.postMessage(refusal(request.id, thrown)),
  )
})

/** Modules that were made here go over without a copy, unless they are parts of something else. */
function ownBuffers(output: Jobs[JobName]['output']): ArrayBuffer[] {
  const modules = typeof output === 'object' && 'plan' in output ? output.modules : []
  return modules.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
  )
}

async function run(request: SentRequest): Promise<Jobs[JobName]['output']> {
  // One after the other: nothing else is under way while these load.
  if (request.job === 'link') return link(request.bytes, new Set(request.blocking))
  if (request.job === 'transpile') {
    const { transpile } = await import('@bytecodealliance/jco')
    const { asyncImports, asyncExports, map, ...rest } = request.options
    const { files, imports, exports } = await transpile(request.bytes, {
      ...rest,
      name: request.name,
      asyncImports: asyncImports ? [...asyncImports] : undefined,
      asyncExports: asyncExports ? [...asyncExports] : undefined,
      map: map ? { ...map } : undefined,
      // Keeps every core module a file of its own, whatever its size.
      base64Cutoff: 0,
    })
    return { files, imports, exports }
  }
  const wasmTools = await import('@bytecodealliance/jco-transpile/wasm-tools')
  const { componentEmbed, componentNew, componentWit, metadataShow, parse, print } = wasmTools
  switch (request.job) {
    case 'wit':
      return componentWit(request.bytes)
    case 'parse':
      return parse(request.text)
    case 'print':
      return print(request.bytes)
    case 'new':
      return componentNew(
        request.bytes,
        request.adapters.map(([name, bytes]): [string, Uint8Array] => [name, bytes]),
      )
    case 'embed':
      return componentEmbed({ ...request.options })
    case 'metadata':
      return (await metadataShow(request.bytes)).map(metadataOf)
  }
}

function link(bytes: Uint8Array, blocking: ReadonlySet<string>): Linked {
  const plan = linkComponent(bytes, (interfaceName, name) => blocking.has(`${interfaceName}#${name}`))
  const modules = plan.modules.map(({ start, end }) => prepareModule(bytes.subarray(start, end)))
  return {
    plan,
    modules: modules.map((module) => module.bytes),
    restorable: modules.every(({ restorable }) => restorable),
  }
}

function metadataOf(entry: Awaited<ReturnType<typeof MetadataShow>>[number]): Metadata {
  return {
    kind: entry.metaType.tag === 'component' ? 'component' : 'module',
    name: entry.name,
    range: entry.range,
    producers: entry.producers,
  }
}

/** An error with a text payload is a verdict about the input; anything else means the tool broke. */
function refusal(id: number, thrown: unknown): JobReply {
  if (thrown instanceof PatchbayError) {
    return { id, ok: false, kind: 'refused', message: thrown.message, problem: thrown.problem }
  }
  const payload = typeof thrown === 'object' && thrown !== null && 'payload' in thrown ? thrown.payload : undefined
  if (typeof payload === 'string') return { id, ok: false, kind: 'refused', message: payload }
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (!(thrown instanceof WebAssembly.RuntimeError) && !/cannot enter component instance|unreachable/.test(message))
    return { id, ok: false, kind: 'refused', message }
  return { id, ok: false, kind: 'crashed', message: printed.trim() || message }
}
