import { type IpcMainInvokeEvent, type WebContents, ipcMain } from 'electron'
import { type Emit, type Handlers, type Reply, callChannel, eventChannel } from '../../src-preload/contract.ts'
import { dispatch, fitsContract } from '../serve/dispatch.ts'
import { isOwnPage } from './security.ts'

/**
 * Answers the window's calls, from the main frame of our own page only: a frame inside it, or a page that somehow got
 * into the window, is refused before anything is looked at. Calls that come before the services are there wait for them.
 */
export function answerCalls(handlers: Promise<Handlers>): void {
  ipcMain.handle(callChannel, async (event, name: unknown, input: unknown): Promise<Reply> => {
    if (!isFromOwnPage(event))
      return { ok: false, problem: { code: 'contract.refused', message: 'Only the workbench window may call.' } }
    return dispatch(await handlers, name, input)
  })
}

/** Events reach every window that is there at the time. */
export function emitTo(targets: () => Iterable<WebContents>): Emit {
  return (name, payload) => {
    if (!fitsContract(name, payload)) return
    for (const contents of targets()) if (!contents.isDestroyed()) contents.send(eventChannel, name, payload)
  }
}

function isFromOwnPage(event: IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame
  return frame !== null && frame === event.sender.mainFrame && isOwnPage(frame.url)
}
