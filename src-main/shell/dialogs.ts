import { type BrowserWindow, dialog } from 'electron'
import type { HostHandlers } from '../services/services.ts'

type Dialogs = Pick<HostHandlers, 'dialogs.openFiles' | 'dialogs.openFolder' | 'dialogs.saveFile'>

/** The system's own file dialogs, as sheets of the window. */
export function createDialogs(window: BrowserWindow): Dialogs {
  return {
    async 'dialogs.openFiles'({ title, kind }) {
      const { filePaths } = await dialog.showOpenDialog(window, {
        title,
        ...(kind === 'component' ? { buttonLabel: 'Add' } : {}),
        properties: kind === 'component' ? ['openFile', 'multiSelections'] : ['openFile'],
        filters: [
          kind === 'component'
            ? { name: 'WebAssembly components', extensions: ['wasm'] }
            : { name: 'WIT', extensions: ['wit'] },
          { name: 'All files', extensions: ['*'] },
        ],
      })
      return { available: true, paths: filePaths }
    },
    async 'dialogs.openFolder'({ title }) {
      const { filePaths } = await dialog.showOpenDialog(window, {
        title,
        properties: ['openDirectory', 'createDirectory', 'promptToCreate'],
      })
      return { available: true, paths: filePaths }
    },
    async 'dialogs.saveFile'({ title, name }) {
      const { filePath } = await dialog.showSaveDialog(window, {
        title,
        defaultPath: name,
        properties: ['showOverwriteConfirmation', 'createDirectory'],
      })
      return { available: true, paths: filePath ? [filePath] : [] }
    },
  }
}
