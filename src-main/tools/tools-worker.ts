/**
 * Runs jco's wasm-tools away from everybody else: a panic in there leaves the tool unusable, so the worker tells and is
 * replaced by `tools.ts`.
 */
import { parentPort } from 'node:worker_threads'
import {
  componentEmbed,
  componentNew,
  componentWit,
  metadataShow,
  parse,
  print,
  transpile,
} from '@bytecodealliance/jco'
import { PatchbayError } from '../../src-engine/error.ts'
import { linkComponent } from '../runtime/direct/link.ts'
import { prepareModule } from '../runtime/direct/prepare-module.ts'
import type { JobName, JobPiece, JobReply, JobRequest, Jobs, Linked, Metadata } from './messages.ts'

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

port.on('message', (message: JobRequest | JobPiece) => {
  if ('piece' in message) {
    if (arriving?.id !== message.id) arriving = { id: message.id, bytes: new Uint8Array(message.total) }
    arriving.bytes.set(message.piece, message.at)
    return
  }
  const request: JobRequest =
    arriving?.id === message.id && 'bytes' in message ? { ...message, bytes: arriving.bytes } : message
  arriving = undefined
  printed = ''
  run(request).then(
    (output) => port.postMessage({ id: request.id, ok: true, output } satisfies JobReply),
    (thrown: unknown) => port.postMessage(refusal(request.id, thrown)),
  )
})

async function run(request: JobRequest): Promise<Jobs[JobName]['output']> {
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
    case 'link':
      return link(request.bytes, new Set(request.blocking))
    case 'transpile': {
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

function metadataOf(entry: Awaited<ReturnType<typeof metadataShow>>[number]): Metadata {
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
