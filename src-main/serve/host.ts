import { spawn } from 'node:child_process'
import { fail } from '../../src-engine/error.ts'
import type { HostHandlers } from '../services/services.ts'

/** A browser has no native dialogs or menu to give: the page asks in its own way and draws its own menu bar. */
export const browserHost: HostHandlers = {
  'dialogs.openFiles': async () => ({ available: false, paths: [] }),
  'dialogs.openFolder': async () => ({ available: false, paths: [] }),
  'dialogs.saveFile': async () => ({ available: false, paths: [] }),
  'window.setMenu': async () => ({}),
  'window.setTitle': async () => ({}),
  'window.openExternal': async ({ url }) => {
    await openInBrowser(loopbackUrl(url))
    return {}
  },
}

/** The URL when it is an http(s) address of this machine; anything else is refused. */
export function loopbackUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const loopback = url && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (!loopback || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw fail(
      'window.refused-url',
      `Only addresses of this machine are opened from the workbench, not ${text.slice(0, 200)}.`,
      {
        hint: 'Copy the address and open it in your browser.',
      },
    )
  }
  return url.href
}

/** Opens a URL in the user's own browser. Fails with `window.no-browser` where there is none (a server, a container). */
export async function openInBrowser(url: string): Promise<void> {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url]
  await new Promise<void>((resolve, reject) => {
    const none = (cause?: unknown): void =>
      reject(
        fail('window.no-browser', 'No browser could be opened on this machine.', {
          hint: `Open ${url} in a browser yourself.`,
          cause,
        }),
      )
    if (command === undefined) return none()
    // Detached: the browser may live longer than we do, and its exit code comes only when it is closed.
    const child = spawn(command, args, { stdio: 'ignore', detached: true })
    child.once('error', none)
    child.once('exit', (code) => (code === 0 ? resolve() : none()))
    child.once('spawn', () => {
      child.unref()
      setTimeout(resolve, 2000).unref()
    })
  })
}
