import { useId, useState } from 'react'
import type { ProbeReport, RunSettings } from '../../src-preload/contract.ts'
import { closeDialog, useLayout } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { TextField } from '../ui/Field.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { Choice } from '../run-settings/controls.tsx'
import { useSurvey } from '../run-settings/use-survey.ts'
import { pathProblem, probe, targetsOf, useFinding, useProbe } from './probe.ts'
import styles from './probe.module.css'

/** Shows whether a handler carries state from one request to the next. */
export function ProbeDialog() {
  const open = useLayout((layout) => layout.dialog?.kind === 'probe')
  return open ? <OpenDialog /> : null
}

const nothing: RunSettings = {}
const names = { request: 'A fresh one each', pool: 'Reused, then replaced', none: 'One for all' } as const

function OpenDialog() {
  const { path, busy } = useProbe()
  const run = useProject((project) => project.base?.run) ?? nothing
  const targets = targetsOf(useSurvey(run))
  const [chosen, setChosen] = useState('')
  const target = targets.find(({ name }) => name === chosen) ?? targets[0]
  const { report, problem } = useFinding(target) ?? {}
  const form = useId()
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
          <Button look="primary" type="submit" form={form} disabled={!target} data-testid="probe-start">
            {busy ? <Spinner size={12} /> : report ? 'Probe again' : 'Probe'}
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
          if (target) void probe(target)
        }}
      >
        {targets.length > 1 && (
          <Choice
            label="Handler"
            hint="the composition, and what is served beside it"
            value={target?.name ?? ''}
            options={targets.map(({ name }) => ({ value: name, label: name }))}
            onChange={setChosen}
            testId="probe-handler"
          />
        )}
        <TextField
          label="Path"
          error={pathProblem(path)}
          value={path}
          onChange={(event) => useProbe.setState({ path: event.target.value })}
          data-testid="probe-path"
        />
        {problem && <ProblemNotice problem={problem} />}
        {report && <Report report={report} />}
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
