import type { MenuEntry } from '../ui/Menu.tsx'
import type { Context } from './context.ts'
import { showKeys } from './keys.ts'
import { blockedBy, findCommand, labelOf, runCommand } from './registry.ts'

/** Menu rows for commands by id, `-` for a line; an id nobody registered is left out. */
export function commandEntries(ids: readonly string[], context: Context): MenuEntry[] {
  const entries: MenuEntry[] = []
  for (const id of ids) {
    if (id === '-') {
      const last = entries.at(-1)
      if (last && !('separator' in last)) entries.push({ separator: true })
      continue
    }
    const command = findCommand(id)
    if (!command) continue
    const Icon = command.icon
    const keys = command.keys?.[0]
    entries.push({
      id,
      label: labelOf(command, context),
      icon: Icon && <Icon size={14} aria-hidden />,
      keys: keys === undefined ? undefined : showKeys(keys),
      disabled: blockedBy(command, context) !== undefined,
      checked: command.checked?.(context),
      danger: command.danger,
      onSelect: () => void runCommand(id),
    })
  }
  while (entries.length > 0 && 'separator' in (entries.at(-1) ?? {})) entries.pop()
  return entries
}
