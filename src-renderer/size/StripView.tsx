import { Scissors, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { problemOf } from '../../src-engine/error.ts'
import type { StripReport } from '../../src-preload/contract.ts'
import { mergeItems } from '../library/place-item.ts'
import { useStripPreview } from '../inspector/answers.ts'
import { client } from '../state/session.ts'
import { Button } from '../ui/Button.tsx'
import { Checkbox } from '../ui/Field.tsx'
import { Section } from '../ui/Section.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { formatBytes, formatCount } from '../ui/format.ts'
import { notify, showProblem } from '../ui/notify.tsx'
import { formatShare } from './share.ts'
import styles from './size.module.css'

/** What strip would take from a file, and the button that does it. */
export function StripView({ hash, id }: { readonly hash: string; readonly id: string | undefined }) {
  const [all, setAll] = useState(false)
  const [busy, setBusy] = useState(false)
  const preview = useStripPreview({ hash, all })

  const strip = async (): Promise<void> => {
    if (id === undefined || busy) return
    setBusy(true)
    try {
      const { report, item } = await client().call('components.strip', { id, all })
      mergeItems([item])
      notify(`Stripped ${item.name}`, {
        detail: `${formatBytes(report.before)} → ${formatBytes(report.after)}, ${formatBytes(report.before - report.after)} less`,
      })
    } catch (thrown) {
      showProblem(problemOf(thrown))
    } finally {
      setBusy(false)
    }
  }
  const unstrip = async (): Promise<void> => {
    if (id === undefined || busy) return
    setBusy(true)
    try {
      const { item } = await client().call('components.unstrip', { id })
      mergeItems([item])
      notify(`${item.name} is what it was before it was stripped`)
    } catch (thrown) {
      showProblem(problemOf(thrown))
    } finally {
      setBusy(false)
    }
  }
  const original = preview.state === 'ready' ? preview.output.original : undefined
  const report = preview.state === 'ready' ? preview.output.report : undefined
  const saved = report ? report.before - report.after : 0
  const blocked = id === undefined ? 'Add the sample to the project first' : saved <= 0 ? 'Nothing to strip' : undefined
  return (
    <Section title="Strip" className={styles.strip}>
      <div className={styles.stripLine}>
        <span className={styles.stripSizes} data-testid="strip-preview">
          {preview.state === 'loading' && <Spinner size={12} label="Looking what could go" />}
          {preview.state === 'failed' && <span className={styles.bad}>{preview.problem.message}</span>}
          {report &&
            (saved > 0 ? (
              <>
                {formatBytes(report.before)} → <b>{formatBytes(report.after)}</b>{' '}
                <span className={styles.faint}>
                  −{formatBytes(saved)}, {formatShare(saved, report.before)}
                </span>
              </>
            ) : (
              <>{formatBytes(report.before)}, nothing to take away</>
            ))}
        </span>
        <Button
          size="small"
          icon={busy ? <Spinner size={11} /> : <Scissors size={13} />}
          disabledReason={blocked}
          disabled={busy || !report}
          onClick={() => void strip()}
          data-testid="strip-button"
        >
          Strip
        </Button>
      </div>
      {original !== undefined && id !== undefined && (
        <div className={styles.stripLine}>
          <span className={styles.faint}>The file before it was stripped is kept, {formatBytes(original)}</span>
          <Button
            size="small"
            icon={<Undo2 size={13} />}
            disabled={busy}
            onClick={() => void unstrip()}
            data-testid="unstrip-button"
          >
            Take back
          </Button>
        </div>
      )}
      <Checkbox checked={all} onChange={(event) => setAll(event.target.checked)}>
        Function names too (traps then show numbers)
      </Checkbox>
      {report && report.removed.length + report.kept.length > 0 && <Parts report={report} />}
    </Section>
  )
}

function Parts({ report }: { readonly report: StripReport }) {
  return (
    <details className={styles.stripParts}>
      <summary>
        {formatCount(report.removed.length, 'section')} {report.removed.length === 1 ? 'goes' : 'go'},{' '}
        {report.kept.length} {report.kept.length === 1 ? 'stays' : 'stay'}
      </summary>
      <table>
        <tbody>
          {[
            ...report.removed.map((part) => ({ ...part, goes: true })),
            ...report.kept.map((part) => ({ ...part, goes: false })),
          ].map((part, index) => (
            // Sections may share name and place; the report never changes.
            <tr key={`${index} ${part.name}`} data-goes={part.goes ? '' : undefined}>
              <td>{part.goes ? 'goes' : 'stays'}</td>
              <th scope="row">{part.name}</th>
              <td>{part.where}</td>
              <td>{formatBytes(part.size)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
