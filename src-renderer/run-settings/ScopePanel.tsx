import { useEffect, useRef } from 'react'
import type { RunSettings, RunSurvey } from '../../src-preload/contract.ts'
import { placeOf } from '../../src-preload/run-inheritance.ts'
import { targetsOf } from '../console/probe.ts'
import { TextField } from '../ui/Field.tsx'
import { Choice, Group } from './controls.tsx'
import type { Errors } from './fields.ts'
import { Grants } from './Grants.tsx'
import { type Scope, inheritedOf, origin } from './inherited.ts'
import { IsolationChoice } from './IsolationChoice.tsx'
import type { ScopeForm } from './scope-form.ts'

export interface ScopePanelProps {
  readonly scope: Scope
  readonly form: ScopeForm
  readonly onChange: (part: Partial<ScopeForm>) => void
  /** The settings of all, as the form says them now. */
  readonly settings: RunSettings
  readonly errors: Errors
  /** Of the keys of {@link errors}. */
  readonly prefix: string
  readonly survey: RunSurvey | undefined
  /** Field that is wanted first. */
  readonly wanted?: 'allowHosts' | 'allowNet' | undefined
}

/** Limits, reliability, isolation and grants of all handlers, a tenant's or one. Empty fields say what they inherit. */
export function ScopePanel(props: ScopePanelProps) {
  const { scope, form, onChange, settings, errors, prefix, survey, wanted } = props
  const inherited = inheritedOf(settings, scope)
  const root = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (wanted !== undefined) root.current?.querySelector<HTMLElement>(`[data-testid=run-${wanted}]`)?.focus()
  }, [wanted])
  const text = (field: TextFieldName, label: string, unit: string) => (
    <TextField
      label={label}
      hint={`${unit}${origin(inherited, field)}`}
      placeholder={inherited[field].text === 'off' ? 'no limit' : inherited[field].text}
      error={errors[`${prefix}.${field}`]}
      value={form[field]}
      onChange={(event) => onChange({ [field]: event.target.value })}
      data-testid={`run-${field}`}
    />
  )
  const stands = inherited.breaker.text === 'on' ? 'on' : 'off'
  return (
    <div ref={root}>
      <Group title="Limits">
        {text('timeout', 'Time', 'seconds for a request')}
        {text('memory', 'Memory', 'MiB for an instance')}
        {text('maxBody', 'Body', 'MB of a request')}
        {text('concurrency', 'At once', 'requests per handler')}
      </Group>
      <Group title="Reliability">
        <Choice
          label="Breaker"
          hint={`leaves alone what keeps failing${origin(inherited, 'breaker')}`}
          value={form.breaker}
          options={[
            { value: '', label: scope.kind === 'common' ? 'On (default)' : `Inherited: ${stands}` },
            ...(scope.kind === 'common' ? [] : [{ value: 'on', label: 'On' } as const]),
            { value: 'off', label: 'Off' },
          ]}
          onChange={(breaker) => onChange({ breaker })}
          testId="run-breaker"
        />
        {text('failures', 'Failures in a row', 'until it is left alone')}
        {text('open', 'Left alone for', 'seconds')}
        <span />
        {text('rate', 'Rate', 'requests a second[:burst], or off')}
        {text('clientRate', 'Rate of a client', 'requests a second[:burst], or off')}
      </Group>
      <IsolationChoice
        scope={scope}
        form={form}
        inherited={inherited}
        reuseError={errors[`${prefix}.reuse`]}
        settings={settings}
        targets={targetsOf(survey).filter(({ name }) => concerns(scope, name))}
        onChange={onChange}
      />
      <Grants {...props} inherited={inherited} />
    </div>
  )
}

type TextFieldName = 'timeout' | 'memory' | 'maxBody' | 'concurrency' | 'failures' | 'open' | 'rate' | 'clientRate'

/** Whether settings of this scope are settings of that handler. */
function concerns(scope: Scope, handler: string): boolean {
  if (scope.kind === 'common') return true
  return scope.name === (scope.kind === 'handlers' ? handler : placeOf(handler).tenant)
}
