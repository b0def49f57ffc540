import { useId } from 'react'
import type { ProbeReport } from '../../src-preload/contract.ts'
import { graphOf } from '../state/document.ts'
import { closeDialog, useLayout } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { TextField } from '../ui/Field.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { pathProblem, probe, useProbe } from './probe.ts'
import styles from './probe.module.css'

/** Shows whether the handler on the canvas carries state from one request to the next. */
export function ProbeDialog() {
  const open = useLayout((layout) => layout.dialog?.kind === 'probe')
  return open ? <OpenDialog /> : null
}

const names = { request: 'A fresh one each', pool: 'Reused, then replaced', none: 'One for all' } as const

function OpenDialog() {
  const { path, report, problem, busy, graph } = useProbe()
  const drawn = useProject((project) => graphOf(project.tables))
  const form = useId()
  const isCurrent = graph === drawn
  return (
    <Dialog
      open
      onClose={closeDialog}
      title="What do requests share?"
      description="Sends the same request three times under each isolation, beside what is being served."
      width="38rem"
      testId="probe"
      footer={
        <>
          <Button onClick={closeDialog}>Close</Button>
          <Button look="primary" type="submit" form={form} data-testid="probe-start">
            {busy ? <Spinner size={12} /> : report && isCurrent ? 'Probe again' : 'Probe'}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void probe()
        }}
      >
        <TextField
          label="Path"
          error={pathProblem(path)}
          value={path}
          onChange={(event) => useProbe.setState({ path: event.target.value })}
          data-testid="probe-path"
        />
        {problem && isCurrent && <ProblemNotice problem={problem} />}
        {report && isCurrent && <Report report={report} />}
      </form>
    </Dialog>
  )
}

function Report({ report }: { readonly report: ProbeReport }) {
  return (
    <div data-testid="probe-report" data-selectable>
      <p className={styles.summary} role="status">
        {report.summary}
      </p>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>Instances</th>
            <th>Changed when the last request came</th>
            <th>Answers</th>
          </tr>
        </thead>
        <tbody>
          {report.findings.map(({ isolation, bytes, globals, answers }) => (
            <tr key={isolation} data-isolation={isolation} data-differs={answers ? '' : undefined}>
              <td>{names[isolation]}</td>
              <td>{bytes === undefined ? 'unknown on this engine' : `${bytes} bytes, ${globals ?? 0} globals`}</td>
              <td>{answers ? answers.join(', then ') : 'the same'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
