import { CircleAlert, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { type Problem, describePlace } from '../../src-engine/error.ts'
import styles from './ProblemNotice.module.css'
import { classes } from './classes.ts'

export interface ProblemNoticeProps {
  readonly problem: Problem
  readonly tone?: 'danger' | 'warning'
  /** Buttons at the right, or beneath where it is narrow. */
  readonly actions?: ReactNode
}

/** A problem as what · where · next step. */
export function ProblemNotice({ problem, tone = 'danger', actions }: ProblemNoticeProps) {
  const place = describePlace(problem.where)
  const Icon = tone === 'danger' ? CircleAlert : TriangleAlert
  return (
    <div
      className={classes(styles.notice, tone === 'warning' && styles.warning)}
      role="alert"
      data-problem={problem.code}
    >
      <Icon className={styles.icon} size={15} aria-hidden />
      <div className={styles.body}>
        <div className={styles.text} data-selectable>
          <div>{problem.message}</div>
          {place && <div className={styles.place}>{place}</div>}
          {problem.hint !== undefined && <div className={styles.hint}>{problem.hint}</div>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
    </div>
  )
}
