import { CircleX, X } from 'lucide-react'
import { shortName } from '../../src-engine/types/names.ts'
import type { CompositionProblem } from '../state/plan.ts'
import { useReplaced } from '../state/replaced.ts'
import { exportWire, revealInstance, selectOnCanvas } from '../state/selection.ts'
import { IconButton } from '../ui/Button.tsx'
import { formatCount } from '../ui/format.ts'
import styles from './WireReport.module.css'

/** What a new build of a component, or another one in its place, broke; each line leads to its port. */
export function ReplacedReport() {
  const report = useReplaced((now) => now.report)
  if (!report) return null
  const { names, problems } = report
  return (
    <section className={styles.report} aria-label="Wires that no longer fit" data-testid="replaced-report">
      <div className={styles.head}>
        <strong>
          {formatCount(problems.length, 'wire')} no longer {problems.length === 1 ? 'fits' : 'fit'}: {names.join(', ')}{' '}
          changed
        </strong>
        <IconButton label="Close" size="small" onClick={() => useReplaced.setState({ report: undefined })}>
          <X size={14} />
        </IconButton>
      </div>
      <ul className={styles.rows}>
        {problems.map((problem) => (
          <li key={`${problem.instance} ${problem.import} ${problem.export}`}>
            <button type="button" className={styles.row} data-kind="near" onClick={() => reveal(problem)}>
              <CircleX size={14} aria-hidden />
              <span>
                <b>{shortName(problem.import ?? problem.export ?? '')}</b>
                {problem.instance === undefined ? ' of the composition' : ` of ${problem.instance}`}
                <span className={styles.text}>{problem.message}</span>
                {problem.hint !== undefined && <span className={styles.text}>{problem.hint}</span>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function reveal({ instance, import: wanted, export: given }: CompositionProblem): void {
  if (instance !== undefined)
    revealInstance(instance, wanted === undefined ? { side: 'out', name: given ?? '' } : { side: 'in', name: wanted })
  else if (given !== undefined) selectOnCanvas([], [exportWire(given)])
}
