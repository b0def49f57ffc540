import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { applicationRoot } from './entries.ts'

const about: unknown = JSON.parse(readFileSync(join(applicationRoot, 'package.json'), 'utf8'))

/** Version of this Patchbay, from its package. */
export const patchbayVersion: string =
  typeof about === 'object' && about !== null && 'version' in about ? String(about.version) : ''
