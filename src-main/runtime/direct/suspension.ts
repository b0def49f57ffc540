/** The engine's promise integration, which TypeScript does not describe yet: guests that wait without blocking the thread. */
import type { CoreFunction, CoreResult } from './signature.ts'

type PromisingFunction = (...values: Parameters<CoreFunction>) => Promise<CoreResult>

interface PromiseIntegration {
  readonly Suspending: new (run: CoreFunction) => WebAssembly.ImportValue
  promising(run: WebAssembly.ImportValue): PromisingFunction
}

const integration = WebAssembly as unknown as Partial<PromiseIntegration>

/** An import that the guest waits in when it gives a promise; a plain one where the engine has no such thing. */
export function suspending(run: CoreFunction): WebAssembly.ImportValue {
  return integration.Suspending ? new integration.Suspending(run) : run
}

/** The guest's exported function, to be waited for. Throws a link error where the engine cannot. */
export function promising(run: WebAssembly.ImportValue): PromisingFunction {
  if (!integration.promising) throw new WebAssembly.LinkError('this engine cannot suspend WebAssembly')
  return integration.promising(run)
}
