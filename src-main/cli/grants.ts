import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import { checkPatterns } from '../runtime/patterns.ts'
import { splitPair, type VerbContext, type VerbOption } from './verb.ts'

/** What a guest is granted, said on the command line. */
export const grantOptions = {
  env: {
    type: 'string',
    multiple: true,
    value: 'K=V',
    description: 'an environment variable of the guest; repeatable',
  },
  dir: {
    type: 'string',
    multiple: true,
    value: 'HOST::GUEST',
    description: 'a directory the guest may use; repeatable',
  },
  'allow-host': {
    type: 'string',
    multiple: true,
    value: 'PATTERN',
    description: 'a host the guest may call: *, host or *.domain, each with an optional :port; repeatable',
  },
  'allow-net': {
    type: 'string',
    multiple: true,
    value: 'PATTERN',
    description: 'what sockets may reach: as --allow-host, or listen:PORT on this machine; repeatable',
  },
} as const satisfies Record<string, VerbOption>

export interface GivenGrants {
  readonly environment: Record<string, string>
  /** Guest path → absolute host path. */
  readonly directories: Record<string, string>
  readonly allowHosts: string[]
  readonly allowNet: string[]
}

/** Reads the options above. Throws `usage.*`, and `input.not-found` for a directory that is not there. */
export async function readGrants({ arguments: given, cwd }: VerbContext): Promise<GivenGrants> {
  const environment = Object.fromEntries(given.list('env').map((pair) => splitPair('--env', pair)))
  const directories: Record<string, string> = {}
  for (const text of given.list('dir')) {
    const at = text.indexOf('::')
    const host = resolve(cwd, at < 0 ? text : text.slice(0, at))
    const guest = at < 0 ? '/' : text.slice(at + 2)
    if (guest === '')
      throw fail('usage.option', `--dir needs HOST::GUEST, got "${text}"`, { hint: 'For example --dir ./data::/data.' })
    const found = await stat(host).catch(() => undefined)
    if (!found?.isDirectory()) {
      throw fail('input.not-found', `${host} is no directory`, {
        where: { file: host },
        hint: 'Create it, or check the path given to --dir.',
      })
    }
    directories[guest] = host
  }
  const patterns = { allowHosts: [...given.list('allow-host')], allowNet: [...given.list('allow-net')] }
  checkPatterns(patterns)
  return { environment, directories, ...patterns }
}
