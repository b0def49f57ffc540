import type { ComponentProps } from 'react'
import styles from './Badge.module.css'
import { classes } from './classes.ts'

export type Tone = 'neutral' | 'accent' | 'ok' | 'warning' | 'danger' | 'info'

/** A word about a thing, beside its name. */
export function Badge({ tone = 'neutral', className, ...rest }: ComponentProps<'span'> & { readonly tone?: Tone }) {
  return <span {...rest} className={classes(styles.badge, styles[tone], className)} />
}
