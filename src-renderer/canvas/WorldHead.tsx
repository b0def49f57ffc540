import type { ReactNode } from 'react'
import styles from './nodes.module.css'

/** The head of a node that stands for one side of the composed component. */
export function WorldHead({
  icon,
  title,
  subtitle,
}: {
  readonly icon: ReactNode
  readonly title: string
  readonly subtitle: string
}) {
  return (
    <div className={styles.header}>
      <span className={styles.badge}>{icon}</span>
      <span className={styles.titles}>
        <span className={styles.title}>{title}</span>
        <span className={styles.subtitle}>{subtitle}</span>
      </span>
    </div>
  )
}
