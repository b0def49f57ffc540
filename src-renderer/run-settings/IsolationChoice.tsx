import { useState } from 'react'
import type { RunSettings } from '../../src-preload/contract.ts'
import { type ProbeTarget, pathProblem, probe, useFinding, useProbe } from '../console/probe.ts'
import { Button } from '../ui/Button.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { TextField } from '../ui/Field.tsx'
import { Choice, Group } from './controls.tsx'
import { type InheritedFields, type Scope, origin } from './inherited.ts'
import styles from './run-settings.module.css'
import type { ScopeForm } from './scope-form.ts'

type Isolation = Exclude<ScopeForm['isolation'], ''>

const names: Readonly<Record<Isolation, string>> = { request: 'Fresh', pool: 'Reused', none: 'One for all' }
const sentences: Readonly<Record<Isolation, (reuse: string) => string>> = {
  request: () => 'Every request finds the instance as it was made: nothing of one reaches the next.',
  pool: (reuse) =>
    reuse === '1'
      ? 'An instance serves one request, then a new one takes its place.'
      : `An instance serves ${reuse} requests, one after the other, then a new one takes its place: what a request leaves behind, those after it find.`,
  none: () =>
    'One instance serves every request, many at once: what one leaves behind all find, and a trap in it ends those under way.',
}

interface IsolationChoiceProps {
  readonly scope: Scope
  readonly form: ScopeForm
  readonly inherited: InheritedFields
  /** What is wrong with the number of requests. */
  readonly reuseError: string | undefined
  readonly settings: RunSettings
  /** The handlers that are served and that these settings are for. */
  readonly targets: readonly ProbeTarget[]
  readonly onChange: (part: Partial<Pick<ScopeForm, 'isolation' | 'reuse'>>) => void
}

/** What requests share, with what a probe found. */
export function IsolationChoice(props: IsolationChoiceProps) {
  const { scope, form, inherited, reuseError, settings, targets, onChange } = props
  const { isolation: value, reuse } = form
  const { text, from: origins } = inherited.isolation
  const above: Isolation = text === 'pool' || text === 'none' ? text : 'request'
  const holds = value === '' ? above : value
  const isCommon = scope.kind === 'common'
  return (
    <Group title="Isolation">
      <div className={styles.instances}>
        <Choice
          label="Instances"
          hint="what a request finds"
          value={value}
          options={[
            { value: '', label: isCommon ? `${names.request} (default)` : `Inherited: ${names[above].toLowerCase()}` },
            ...(isCommon ? [] : [{ value: 'request', label: names.request } as const]),
            { value: 'pool', label: names.pool },
            { value: 'none', label: names.none },
          ]}
          onChange={(isolation) => onChange({ isolation })}
          testId="run-isolation"
        />
        {/* What was said is never out of sight, though it counts for reused ones only. */}
        {(holds === 'pool' || reuse !== '') && (
          <TextField
            label="Reused for"
            hint={holds === 'pool' ? `requests${origin(inherited, 'reuse')}` : 'requests, where instances are reused'}
            placeholder={inherited.reuse.text}
            error={reuseError}
            value={reuse}
            onChange={(event) => onChange({ reuse: event.target.value })}
            data-testid="run-reuse"
          />
        )}
      </div>
      <div className={styles.isolation}>
        <p data-testid="run-isolation-meaning">
          {sentences[holds](reuse.trim() === '' || reuseError !== undefined ? inherited.reuse.text : reuse.trim())}
          {value === '' && !isCommon && origins !== 'default' && ` (from ${origins})`}
        </p>
        <Probed targets={targets} settings={settings} />
      </div>
    </Group>
  )
}

/** Whether one of the handlers that these settings are for carries state from one request to the next. */
function Probed({ targets, settings }: Pick<IsolationChoiceProps, 'targets' | 'settings'>) {
  const { path, busy } = useProbe()
  const [chosen, setChosen] = useState('')
  const target = targets.find(({ name }) => name === chosen) ?? targets[0]
  const finding = useFinding(target)
  if (!target) return null
  const who = target.hash === undefined ? 'the composition' : target.name
  return (
    <div className={styles.probe}>
      {targets.length > 1 && (
        <Choice
          label="Handler"
          hint=""
          value={target.name}
          options={targets.map(({ name }) => ({ value: name, label: name }))}
          onChange={setChosen}
          testId="run-probe-handler"
        />
      )}
      <TextField
        label={targets.length > 1 ? 'Asked for' : `Ask ${who} for`}
        hint={pathProblem(path) === undefined ? 'GET, three times under each isolation' : undefined}
        error={pathProblem(path)}
        value={path}
        onChange={(event) => useProbe.setState({ path: event.target.value })}
        data-testid="run-probe-path"
      />
      <Button onClick={() => void probe(target, settings)} data-testid="run-probe">
        {busy ? <Spinner size={12} label="Probing" /> : 'Probe'}
      </Button>
      <div className={styles.finding} role="status" data-testid="run-probe-finding">
        {finding?.report
          ? `${finding.report.request}: ${finding.report.summary}`
          : 'Whether state leaks is found out by a probe.'}
      </div>
      {finding?.problem && <ProblemNotice problem={finding.problem} tone="warning" />}
    </div>
  )
}
