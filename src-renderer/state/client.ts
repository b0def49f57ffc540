import type { CallInput, CallName, CallOutput, EventName, EventPayload } from '../../src-preload/contract.ts'
import { type Bridge, callSchemas, eventSchemas } from '../../src-preload/contract.ts'
import { PatchbayError, fail } from '../../src-engine/error.ts'
import { connectSocket } from './socket.ts'

declare global {
  interface Window {
    /** Set by the preload in Electron; absent in a browser. */
    readonly workbench?: Bridge
  }
}

/**
 * How the window stands with the workbench.
 * `open` works · `lost` the workbench stopped, we keep trying · `refused` it answers, but this page's session is not its own
 * (the workbench was started again): only the new link from the terminal helps.
 */
export type ConnectionState = 'open' | 'lost' | 'refused'

/** The window's side of the contract. */
export interface Client {
  readonly host: 'electron' | 'browser'
  /** Answers with the output, or throws a {@link PatchbayError}; `connection.lost` while there is no workbench. */
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>
  /** Returns the function that ends the subscription. Subscriptions outlive a lost connection. */
  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void
  /** Absolute path of a file dropped from the file manager; undefined in a browser. */
  pathOf(file: File): string | undefined
  readonly connection: Connection
}

export interface Connection {
  current(): ConnectionState
  /** Called at every change. After `lost` comes `open` again: reload what was missed. Returns the function that ends it. */
  subscribe(listener: (state: ConnectionState) => void): () => void
}

/** The bridge of the preload when there is one, else a WebSocket to the server that gave us this page. */
export async function connect(): Promise<Client> {
  if (window.workbench)
    return clientOf(window.workbench, 'electron', { current: () => 'open', subscribe: () => () => {} })
  const { bridge, connection } = await connectSocket(window.location)
  return clientOf(bridge, 'browser', connection)
}

/** A typed client on any bridge; what comes in is held against the contract. */
export function clientOf(bridge: Bridge, host: Client['host'], connection: Connection): Client {
  return {
    host,
    connection,
    async call(name, input) {
      const reply = await bridge.invoke(name, input)
      if (!reply.ok) throw new PatchbayError(reply.problem)
      const output = callSchemas[name].output.safeParse(reply.output)
      if (!output.success)
        throw fail('contract.mismatch', `The workbench answered ${name} in a form this window does not know.`, {
          hint: 'Reload the window. If it stays, window and workbench are of different versions.',
          cause: output.error,
        })
      return output.data
    },
    on(name, listener) {
      return bridge.subscribe(name, (payload) => {
        const parsed = eventSchemas[name].safeParse(payload)
        if (parsed.success) listener(parsed.data)
        else console.error(`event ${name} does not fit the contract`, parsed.error.message)
      })
    },
    pathOf: (file) => bridge.pathOf(file),
  }
}
