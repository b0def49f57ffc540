import { resolve } from 'node:path'

export interface StartArguments {
  /** Absolute path of the project, folder or file to open. */
  readonly path?: string
  /** Absolute path of the folder for everything that is kept between starts. */
  readonly userData?: string
}

/**
 * Reads the arguments that are ours: what follows the application's own path (unpackaged), or the executable. Options that
 * are not ours belong to Electron or Chromium and are passed over.
 */
export function readArguments(argv: readonly string[], applicationPath: string, folder: string): StartArguments {
  const own = argv.findIndex((word, index) => index > 0 && resolve(folder, word) === applicationPath)
  let path: string | undefined
  let userData: string | undefined
  for (const word of argv.slice(Math.max(own, 0) + 1)) {
    if (word.startsWith('--user-data=')) userData = resolve(folder, word.slice('--user-data='.length))
    else if (!word.startsWith('-') && path === undefined) path = resolve(folder, word)
  }
  return { ...(path === undefined ? {} : { path }), ...(userData === undefined ? {} : { userData }) }
}
