import { type ReactNode, useId } from 'react'
import styles from './Section.module.css'

/** A titled part of a panel. */
export function Section({
  title,
  end,
  children,
  className,
}: {
  readonly title: string
  readonly end?: ReactNode
  readonly children: ReactNode
  readonly className?: string | undefined
}) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={className}>
      <div className={styles.header}>
        <h3 id={id} className={styles.title}>
          {title}
        </h3>
        {end !== undefined && <div className={styles.end}>{end}</div>}
      </div>
      {children}
    </section>
  )
}
