import { CircleCheck, CircleHelp, CircleSlash, CircleX, X } from 'lucide-react'
import { shortName } from '../../src-engine/types/names.ts'
import { revealInstance } from '../state/selection.ts'
import { IconButton } from '../ui/Button.tsx'
import styles from './WireReport.module.css'
import { useWireReport } from './wire-all.ts'

interface Row {
  readonly kind: 'wired' | 'ambiguous' | 'near' | 'missing'
  readonly instance: string
  readonly name: string
  readonly text: string
}

const icons = { wired: CircleCheck, ambiguous: CircleHelp, near: CircleX, missing: CircleSlash }

/** What *Wire all* did and what it left to the person; each line leads to its port. */
export function WireReport() {
  const report = useWireReport((now) => now.report)
  if (!report) return null
  const rows: Row[] = [
    ...report.wired.map(({ instance, name, by }): Row => ({
      kind: 'wired',
      instance,
      name,
      text: `wired to ${by.instance}`,
    })),
    ...report.ambiguous.map(({ instance, name, candidates }): Row => ({
      kind: 'ambiguous',
      instance,
      name,
      text: `several would do: ${candidates.map((candidate) => candidate.instance ?? candidate.package).join(', ')}`,
    })),
    ...report.near.map(({ instance, name, by, verdict }): Row => ({
      kind: 'near',
      instance,
      name,
      text: `${by.instance ?? by.package} has it, but: ${verdict.sentence ?? 'it does not fit'}`,
    })),
    ...report.missing.map(({ instance, name }): Row => ({
      kind: 'missing',
      instance,
      name,
      text: 'nobody on the canvas exports it',
    })),
  ]
  return (
    <section className={styles.report} aria-label="Wire all" data-testid="wire-report">
      <div className={styles.head}>
        <strong>{rows.length === 0 ? 'Nothing was open' : `Wired ${report.wired.length} of ${rows.length}`}</strong>
        <IconButton label="Close" size="small" onClick={() => useWireReport.setState({ report: undefined })}>
          <X size={14} />
        </IconButton>
      </div>
      <ul className={styles.rows}>
        {rows.map((row) => {
          const Icon = icons[row.kind]
          return (
            <li key={`${row.instance} ${row.name}`}>
              <button
                type="button"
                className={styles.row}
                data-kind={row.kind}
                onClick={() => revealInstance(row.instance, { side: 'in', name: row.name })}
              >
                <Icon size={14} aria-label={row.kind} />
                <span>
                  <b>{shortName(row.name)}</b> of {row.instance}
                  <span className={styles.text}>{row.text}</span>
                </span>
              </button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
