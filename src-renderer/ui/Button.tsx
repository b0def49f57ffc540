import type { ComponentProps, ReactNode } from 'react'
import styles from './Button.module.css'
import { Tooltip } from './Tooltip.tsx'
import { classes } from './classes.ts'

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  /** `primary` at most once in a view. */
  readonly look?: 'plain' | 'secondary' | 'primary' | 'danger'
  readonly size?: 'small' | 'normal'
  readonly icon?: ReactNode
  /** Why the button does nothing now; it stays reachable by keyboard and says so. */
  readonly disabledReason?: string | undefined
  readonly disabled?: boolean | undefined
}

/** A button with text. */
export function Button({
  look = 'secondary',
  size,
  icon,
  disabledReason,
  disabled,
  className,
  children,
  ...rest
}: ButtonProps) {
  const blocked = disabled || disabledReason !== undefined
  const button = (
    <button
      type="button"
      {...rest}
      {...(blocked ? { 'aria-disabled': true, onClick: ignore } : {})}
      className={classes(styles.button, styles[look], size === 'small' && styles.small, className)}
    >
      {icon}
      {children}
    </button>
  )
  return disabledReason === undefined ? button : <Tooltip content={disabledReason}>{button}</Tooltip>
}

function ignore(event: { preventDefault(): void; stopPropagation(): void }): void {
  event.preventDefault()
  event.stopPropagation()
}

export interface IconButtonProps extends Omit<ButtonProps, 'icon' | 'children'> {
  /** Name for everyone, tooltip for the mouse. */
  readonly label: string
  /** Shortcut as text, shown in the tooltip. */
  readonly keys?: string | undefined
  readonly children: ReactNode
}

/** A button with an icon only; its label is the accessible name and the tooltip. */
export function IconButton({
  look = 'plain',
  label,
  keys,
  disabledReason,
  className,
  children,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip content={disabledReason ?? label} keys={keys}>
      <Button
        look={look}
        aria-label={label}
        disabled={disabledReason !== undefined}
        {...rest}
        className={classes(styles.icon, className)}
      >
        {children}
      </Button>
    </Tooltip>
  )
}
