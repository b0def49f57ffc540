import { homedir } from 'node:os'
import { join } from 'node:path'
import type { CallName, Handlers } from '../../src-preload/contract.ts'
import { applicationRoot } from '../entries.ts'
import { SettingsFile } from '../project/user-files.ts'
import { patchbayVersion } from '../version.ts'

export function workbenchHandlers({
  kind,
  userFolder,
}: {
  readonly kind: 'electron' | 'browser'
  readonly userFolder: string
}): Pick<Handlers, Extract<CallName, `workbench.${string}` | `settings.${string}`>> {
  const settings = new SettingsFile(userFolder)
  return {
    async 'workbench.describe'() {
      const versions = Object.fromEntries(
        Object.entries(process.versions).flatMap(([name, version]) => (version === undefined ? [] : [[name, version]])),
      )
      return {
        version: patchbayVersion,
        host: kind,
        platform: process.platform,
        versions,
        samples: join(applicationRoot, 'resources', 'samples'),
        home: homedir(),
      }
    },
    'settings.read': () => settings.read(),
    'settings.write': (change) => settings.write(change),
  }
}
