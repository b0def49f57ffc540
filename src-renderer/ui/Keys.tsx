import styles from './Keys.module.css'
import { classes } from './classes.ts'

/** A shortcut as text, e.g. `Ctrl+S`. */
export function Keys({ keys, className }: { readonly keys: string; readonly className?: string | undefined }) {
  return (
    <kbd className={classes(styles.keys, className)} style={{ fontFamily: 'var(--font)' }}>
      {keys}
    </kbd>
  )
}
