import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Where Patchbay keeps what belongs to the user and not to a project: settings, journals, recent projects, the sample
 * project. Window, browser mode and command line share it. `PATCHBAY_USER_DATA` names another folder.
 */
export function userFolder(chosen?: string): string {
  const other = chosen ?? process.env.PATCHBAY_USER_DATA
  if (other) return resolve(other)
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Patchbay')
  if (process.platform === 'win32')
    return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Patchbay')
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'Patchbay')
}
