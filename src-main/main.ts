import { join } from 'node:path'
import { app, session } from 'electron'
import { readArguments } from './shell/arguments.ts'
import { registerScheme, serveScheme } from './shell/protocol.ts'
import { secure } from './shell/security.ts'
import { type Workbench, startWorkbench } from './shell/workbench.ts'
import { userFolder } from './user-folder.ts'

const start = readArguments(process.argv, app.getAppPath(), process.cwd())
const folder = userFolder(start.userData)
app.setPath('userData', folder)
// Chromium's own caches and profile do not lie between our files.
app.setPath('sessionData', join(folder, 'chromium'))
registerScheme()

/** What a second start hands to the first; argv itself is rewritten by Chromium on the way. */
interface Handover {
  readonly path?: string
}

const handover: Handover = start.path === undefined ? {} : { path: start.path }
if (app.requestSingleInstanceLock({ ...handover })) run()
else app.exit(0)

function run(): void {
  let workbench: Workbench | undefined
  let wanted = start.path

  app.on('second-instance', (_event, _argv, _folder, data) => {
    const path =
      data && typeof data === 'object' && 'path' in data && typeof data.path === 'string' ? data.path : undefined
    void workbench?.open(path)
  })
  // A file from the Finder may come before we are ready.
  app.on('open-file', (event, path) => {
    event.preventDefault()
    if (workbench) void workbench.open(path)
    else wanted = path
  })
  app.on('window-all-closed', () => app.quit())
  app.once('will-quit', (event) => {
    if (!workbench) return
    event.preventDefault()
    void endWithin(5000, workbench.close()).then(() => app.exit(0))
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit())

  // Not awaited at the top level: the application is ready only after this module has run.
  void app.whenReady().then(() => {
    secure(app, session.defaultSession)
    serveScheme()
    workbench = startWorkbench(folder, wanted)
  })
}

/** A guest that will not end must not keep the application from ending. */
function endWithin(milliseconds: number, work: Promise<void>): Promise<void> {
  const end = work.catch((thrown: unknown) => console.error(thrown))
  return Promise.race([end, new Promise<void>((resolve) => setTimeout(resolve, milliseconds))])
}
