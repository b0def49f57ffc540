/** From a denial in the console to the grant that was missing. */
import type { Denial, LogLine, RunSettings } from '../../src-preload/contract.ts'
import { placeOf, settingsOf } from '../../src-preload/run-inheritance.ts'
import { runCommand } from '../commands/registry.ts'
import { openDialog } from '../state/layout.ts'
import { changeRunSettings, useProject } from '../state/project.ts'
import { notify } from '../ui/notify.tsx'
import type { Scope } from './inherited.ts'

/**
 * The settings with what was denied granted to this handler, and to no other. Its own list stands in place of an inherited
 * one, so that one is taken along. Undefined when there is nothing to add.
 */
export function withGrant(settings: RunSettings, handler: string, { grant, pattern }: Denial): RunSettings | undefined {
  const allowed = settingsOf(settings, placeOf(handler))[grant] ?? []
  if (pattern === undefined || allowed.includes(pattern)) return undefined
  const own = { ...settings.handlers?.[handler], [grant]: [...allowed, pattern] }
  return { ...settings, handlers: { ...settings.handlers, [handler]: own } }
}

/** What was denied lately to the handlers that settings are for, newest first, each once. */
export function deniedLately(lines: readonly LogLine[], scope: Scope, grant: Denial['grant']): string[] {
  const concerns = ({ handler }: LogLine): boolean => {
    const { tenant } = placeOf(handler)
    if (scope.kind === 'handlers') return handler === scope.name
    return scope.kind === 'tenants' ? tenant === scope.name : tenant === undefined
  }
  const patterns = lines.flatMap((line) =>
    line.denied?.grant === grant && line.denied.pattern !== undefined && concerns(line) ? [line.denied.pattern] : [],
  )
  return [...new Set(patterns.toReversed())].slice(0, 5)
}

/** Allows what a line of the console says was denied, from the next run on; where that is not one target, asks for it. */
export async function allowDenied({ handler, denied }: LogLine): Promise<void> {
  if (!denied) return
  if (denied.pattern === undefined) return openDialog({ kind: 'run-settings', handler, field: denied.grant })
  const granted = withGrant(useProject.getState().base?.run ?? {}, handler, denied)
  if (granted) await changeRunSettings(granted)
  notify(
    granted ? `${denied.pattern} is allowed for ${handler}` : `${denied.pattern} is allowed for ${handler} already`,
    {
      detail: 'It holds from the next run on.',
      action: { label: 'Run again', run: () => void runCommand('run.start') },
    },
  )
}
