/** The reference road: instances by jco's generated code, on our own host. */
import { pathToFileURL } from 'node:url'
import { refusalsOf, takeRefusal } from './growth.ts'
import type { StandardStreams } from './wasi/basics.ts'
import type { Request, Response } from './wasi/http3.ts'
import { fail } from '../../src-engine/error.ts'
import { camel, pascal } from './direct/names.ts'
import { createHost, type HostImports } from './wasi/host.ts'
import { Refusal, type Session, type SessionSlot } from './wasi/session.ts'
import { TasksOf } from './reference-tasks.ts'
import { taskListener, type Instance, type InstanceMaker } from './instance.ts'

interface Script {
  instantiate(
    getCoreModule: (name: string) => WebAssembly.Module,
    imports: HostImports,
    instantiateCore: (module: WebAssembly.Module, imports?: WebAssembly.Imports) => WebAssembly.Instance,
  ): Promise<Record<string, unknown>> | Record<string, unknown>
}

/** Loads the generated script once; every instance comes from it and the compiled modules. */
export async function loadReference(
  script: string,
  modules: Readonly<Record<string, WebAssembly.Module>>,
): Promise<InstanceMaker> {
  const { instantiate } = (await import(pathToFileURL(script).href)) as Script
  return {
    road: 'jco',
    async make(slot: SessionSlot, streams?: StandardStreams): Promise<Instance> {
      const memories = new Set<WebAssembly.Memory>()
      const cores: WebAssembly.Instance[] = []
      const listeners = new Set<(thrown: unknown, session: Session) => void>()
      const tasks = new TasksOf(slot, listeners)
      const exports = await instantiate(
        (name) => {
          const module = modules[name]
          if (!module) throw new Error(`The generated code asks for "${name}", which is not there`)
          return module
        },
        { ...createHost(slot, streams), [taskListener]: tasks.heard },
        (module, imports) => {
          const instance = new WebAssembly.Instance(module, imports)
          cores.push(instance)
          for (const value of Object.values(instance.exports))
            if (value instanceof WebAssembly.Memory) memories.add(value)
          return instance
        },
      )
      const refusals = refusalsOf(cores)
      const answer = answerOf(
        functionOf<(request: Request) => Promise<Response>>(exports, 'wasi:http/handler', 'handle', '0.3'),
      )
      return {
        handle: functionOf<Instance['handle']>(exports, 'wasi:http/incoming-handler', 'handle'),
        answer:
          answer &&
          ((request) => {
            tasks.enter(slot.current)
            return answer(request)
          }),
        finished: (session) => tasks.rest(session),
        run: runOf(
          functionOf<() => unknown>(exports, 'wasi:cli/run', 'run') ??
            functionOf<() => unknown>(exports, 'wasi:cli/run', 'run', '0.3'),
        ),
        refused: () => takeRefusal(refusals),
        onBroken(listener) {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
        async call(interfaceName, name, values) {
          const container = interfaceName === undefined ? exports : exports[interfaceName]
          const [, resource, member] = /^\[static\](.+)\.(.+)$/.exec(name) ?? []
          const found =
            resource === undefined || member === undefined
              ? memberOf(container, camel(name))
              : memberOf(memberOf(container, pascal(resource)), camel(member))
          if (typeof found !== 'function')
            throw fail('call.unknown-function', `the generated code does not export "${name}"`)
          try {
            return (await Reflect.apply(found, undefined, [...values])) as unknown
          } catch (thrown) {
            if (isComponentError(thrown)) throw new Refusal(Reflect.get(Object(thrown) as object, 'payload'))
            throw thrown
          }
        },
        memory() {
          let bytes = 0
          for (const memory of memories) bytes += memory.buffer.byteLength
          return bytes
        },
      }
    },
  }
}

function memberOf(container: unknown, name: string): unknown {
  if ((typeof container !== 'object' && typeof container !== 'function') || container === null) return undefined
  return Reflect.get(container, name)
}

/** A function of an exported interface, whatever patch version it is exported as. */
function functionOf<Kind>(
  exports: Record<string, unknown>,
  name: string,
  member: string,
  version = '0.2',
): Kind | undefined {
  for (const [key, value] of Object.entries(exports)) {
    if (key !== name && !key.startsWith(`${name}@${version}`)) continue
    if (typeof value === 'object' && value !== null && member in value) {
      const found: unknown = Reflect.get(value, member)
      // What jco exports under this name has the type that the interface says.
      if (typeof found === 'function') return found as Kind
    }
  }
  return undefined
}

/** The error side of a result comes as an exception of the generated code's own. */
function answerOf(handle: ((request: Request) => Promise<Response>) | undefined): Instance['answer'] {
  if (!handle) return undefined
  return async (request) => {
    try {
      return await handle(request)
    } catch (thrown) {
      const payload: unknown =
        typeof thrown === 'object' && thrown !== null && 'payload' in thrown ? thrown.payload : thrown
      if (typeof payload === 'object' && payload !== null && 'tag' in payload) throw new Refusal(payload)
      throw thrown
    }
  }
}

function runOf(run: (() => unknown) | undefined): Instance['run'] {
  if (!run) return undefined
  return async () => {
    try {
      await run()
      return true
    } catch (thrown) {
      // jco throws the error side of a result; a trap is a different kind of error.
      if (thrown instanceof Refusal || isComponentError(thrown) || thrown === undefined) return false
      throw thrown
    }
  }
}

const isComponentError = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.constructor.name === 'ComponentError'
