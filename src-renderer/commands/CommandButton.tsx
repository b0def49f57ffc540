import type { ReactNode } from 'react'
import { type ButtonProps, IconButton } from '../ui/Button.tsx'
import { useContextNow } from './context.ts'
import { showKeys } from './keys.ts'
import { blockedBy, findCommand, labelOf, runCommand } from './registry.ts'

export interface CommandButtonProps {
  readonly command: string
  readonly look?: ButtonProps['look']
  readonly size?: ButtonProps['size']
  readonly children?: ReactNode
}

/** An icon button for a command: name, shortcut, and the reason when it cannot be done, all from the registry. */
export function CommandButton({ command: id, look, size, children }: CommandButtonProps) {
  const context = useContextNow()
  const command = findCommand(id)
  if (!command) return null
  const keys = command.keys?.[0]
  const Icon = command.icon
  return (
    <IconButton
      {...(look ? { look } : {})}
      {...(size ? { size } : {})}
      label={labelOf(command, context)}
      keys={keys === undefined ? undefined : showKeys(keys)}
      disabledReason={blockedBy(command, context)}
      data-testid={`command-${id}`}
      aria-pressed={command.checked?.(context)}
      onClick={() => void runCommand(id)}
    >
      {children ?? (Icon && <Icon size={15} />)}
    </IconButton>
  )
}
