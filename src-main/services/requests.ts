import type { CallName, Handlers } from '../../src-preload/contract.ts'
import { sendRequest } from '../requests/client.ts'

export function requestHandlers(): {
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
          return await sendRequest(request, controller.signal)
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
