import type { RunSettings } from '../../src-preload/contract.ts'
import { defaults } from '../../src-preload/run-inheritance.ts'
import { pathProblem, probe, useProbe } from '../console/probe.ts'
import { graphOf } from '../state/document.ts'
import { useProject } from '../state/project.ts'
import { Button } from '../ui/Button.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { TextField } from '../ui/Field.tsx'
import { Choice, Group } from './controls.tsx'
import type { Inherited, Scope } from './inherited.ts'
import styles from './run-settings.module.css'
import type { ScopeForm } from './scope-form.ts'

type Isolation = Exclude<ScopeForm['isolation'], ''>

const names: Readonly<Record<Isolation, string>> = { request: 'Fresh', pool: 'Reused', none: 'One for all' }
const sentences: Readonly<Record<Isolation, string>> = {
  request: 'Every request finds the instance as it was made: nothing of one reaches the next.',
  pool: `An instance serves ${defaults.reuse} requests, one after the other, then a new one takes its place: what a request leaves behind, those after it find.`,
  none: 'One instance serves every request, many at once: what one leaves behind all find, and a trap in it ends those under way.',
}

interface IsolationChoiceProps {
  readonly scope: Scope
  readonly value: ScopeForm['isolation']
  readonly inherited: Inherited
  readonly settings: RunSettings
  /** Whether these are settings of the composition, which can be probed. */
  readonly isProbed: boolean
  readonly onChange: (part: Pick<ScopeForm, 'isolation'>) => void
}

/** What requests share, with what a probe of the composition found. */
export function IsolationChoice({ scope, value, inherited, settings, isProbed, onChange }: IsolationChoiceProps) {
  const above: Isolation = inherited.text === 'pool' || inherited.text === 'none' ? inherited.text : 'request'
  const isCommon = scope.kind === 'common'
  const from = isCommon ? 'default' : `from ${inherited.from}`
  return (
    <Group title="Isolation">
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
      <div className={styles.isolation}>
        <p data-testid="run-isolation-meaning">
          {sentences[value === '' ? above : value]}
          {value === '' && !isCommon && inherited.from !== 'default' && ` (${from})`}
        </p>
        {isProbed && <Probed settings={settings} />}
      </div>
    </Group>
  )
}

/** Whether the composition carries state from one request to the next. */
function Probed({ settings }: { readonly settings: RunSettings }) {
  const { path, report, problem, busy, graph } = useProbe()
  const drawn = useProject((project) => graphOf(project.tables))
  const isCurrent = graph === drawn
  return (
    <div className={styles.probe}>
      <TextField
        label="Ask the composition for"
        hint={pathProblem(path) === undefined ? 'GET, three times under each isolation' : undefined}
        error={pathProblem(path)}
        value={path}
        onChange={(event) => useProbe.setState({ path: event.target.value })}
        data-testid="run-probe-path"
      />
      <Button onClick={() => void probe(settings)} data-testid="run-probe">
        {busy ? <Spinner size={12} label="Probing" /> : 'Probe'}
      </Button>
      <div className={styles.finding} role="status" data-testid="run-probe-finding">
        {isCurrent && report ? `${report.request}: ${report.summary}` : 'Whether state leaks is found out by a probe.'}
      </div>
      {isCurrent && problem && <ProblemNotice problem={problem} tone="warning" />}
    </div>
  )
}
