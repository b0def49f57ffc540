import { type App, type Session, type WebContents, shell } from 'electron'
import { loopbackUrl } from '../serve/host.ts'
import { origin } from './protocol.ts'

/** Address of the development server, when there is one; the page then comes from there. */
export const developmentUrl = process.env.ELECTRON_RENDERER_URL

/** Whether a frame or navigation belongs to our own page. */
export function isOwnPage(url: string): boolean {
  if (developmentUrl && URL.canParse(url) && new URL(url).origin === new URL(developmentUrl).origin) return true
  return url === origin || url.startsWith(`${origin}/`)
}

/** The page stays where it is and is given nothing it does not need. Applies to every page, also to ones we did not think of. */
export function secure(app: App, session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) => answer(isGranted(contents, permission)))
  session.setPermissionCheckHandler((contents, permission) => isGranted(contents, permission))
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event, item) => {
    // The page saves what it holds itself (a response body); it fetches nothing from elsewhere.
    if (!item.getURL().startsWith(`blob:${origin}/`)) event.preventDefault()
  })
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault()
    })
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      // A link to a running handler belongs into the browser; a window of ours is never opened.
      openExternal(url).catch((thrown: unknown) => console.error(thrown instanceof Error ? thrown.message : thrown))
      return { action: 'deny' }
    })
  })
}

/** Opens an http(s) address of this machine in the user's browser; `window.refused-url` for any other. */
export async function openExternal(url: string): Promise<void> {
  await shell.openExternal(loopbackUrl(url))
}

/** Copy buttons write to the clipboard; that is all. */
function isGranted(contents: WebContents | null, permission: string): boolean {
  return permission === 'clipboard-sanitized-write' && contents !== null && isOwnPage(contents.getURL())
}
