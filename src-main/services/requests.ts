import type { CallName, Handlers, IncomingResponse } from '../../src-preload/contract.ts'
import { sendRequest } from '../requests/client.ts'

/** `onPart` hears of responses that are still coming. */
export function requestHandlers(onPart: (id: string, part: IncomingResponse) => void): {
  readonly handlers: Pick<Handlers, Extract<CallName, `requests.${string}`>>
  dispose(): void
} {
  const open = new Map<string, AbortController>()
  return {
    handlers: {
      async 'requests.send'(request) {
        const controller = new AbortController()
        open.set(request.id, controller)
        try {
          return await sendRequest(request, controller.signal, (part) => onPart(request.id, part))
        } finally {
          open.delete(request.id)
        }
      },
      async 'requests.cancel'({ id }) {
        open.get(id)?.abort()
        return {}
      },
    },
    dispose() {
      for (const controller of open.values()) controller.abort()
    },
  }
}
