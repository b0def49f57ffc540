import styles from './Spinner.module.css'

/** Something is under way. `label` is read out; leave it away where text beside it says the same. */
export function Spinner({ size = 14, label }: { readonly size?: number; readonly label?: string }) {
  return (
    <span
      className={styles.spinner}
      style={{ width: size, height: size }}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'status', 'aria-label': label })}
    />
  )
}
