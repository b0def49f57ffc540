import { useRuntime } from '../state/runtime.ts'
import { Button } from '../ui/Button.tsx'
import { Checkbox } from '../ui/Field.tsx'
import { Group, Lines } from './controls.tsx'
import { linesOf } from './fields.ts'
import { deniedLately } from './grant.ts'
import type { Inherited, InheritedFields } from './inherited.ts'
import { PairRows } from './PairRows.tsx'
import styles from './run-settings.module.css'
import type { ScopePanelProps } from './ScopePanel.tsx'
import { folderRemark } from './survey.ts'

/** What guests may use beyond stdio, clocks and random. */
export function Grants({
  scope,
  form,
  onChange,
  errors,
  prefix,
  survey,
  wanted,
  inherited,
}: ScopePanelProps & { readonly inherited: InheritedFields }) {
  const isCommon = scope.kind === 'common'
  const lines = useRuntime((runtime) => runtime.lines)
  return (
    <Group
      title="Grants"
      {...(isCommon ? { hint: 'Nothing is granted unless it is listed. Tenants get none of these.' } : {})}
    >
      <PairRows
        label="Environment"
        hint={`Variables and their values.${added(inherited.environment)}`}
        item="variable"
        columns={['Variable', 'Value']}
        placeholders={['LOG_LEVEL', 'debug']}
        rows={form.environment}
        onChange={(environment) => onChange({ environment })}
        errors={errors}
        prefix={`${prefix}.environment`}
        testId="run-environment"
      />
      <div className={styles.half}>
        <Lines
          label="Secrets"
          hint={`Names, one a line; values come from the environment of Patchbay and are never shown.${added(inherited.secrets)}`}
          placeholder="API_KEY"
          error={errors[`${prefix}.secrets`]}
          value={form.secrets}
          onChange={(secrets) => onChange({ secrets })}
          testId="run-secrets"
        />
        <SecretStates names={linesOf(form.secrets)} survey={survey} />
      </div>
      <PairRows
        label="Directories"
        hint={`Where the guest finds a folder, and which one.${added(inherited.directories)}`}
        item="directory"
        columns={['Path in the guest', 'Folder']}
        placeholders={['/data', './data']}
        values="folder"
        rows={form.directories}
        onChange={(directories) => onChange({ directories })}
        errors={errors}
        prefix={`${prefix}.directories`}
        remark={({ value }) => folderRemark(survey, value)}
        testId="run-directories"
      />
      <AllowList
        label="Hosts it may call"
        hint="*, host or *.domain, with an optional :port, one a line."
        placeholder="*.example.org:443"
        isCommon={isCommon}
        isOwn={form.ownHosts}
        value={form.allowHosts}
        inherited={inherited.allowHosts}
        error={errors[`${prefix}.allowHosts`]}
        onChange={(isOwn, allowHosts) => onChange({ ownHosts: isOwn, allowHosts })}
        denied={deniedLately(lines, scope, 'allowHosts')}
        testId="run-allowHosts"
        autoFocus={wanted === 'allowHosts'}
      />
      <AllowList
        label="Sockets may reach"
        hint="The same patterns and addresses; listen:PORT to listen on this machine."
        placeholder="db.local:5432"
        isCommon={isCommon}
        isOwn={form.ownNet}
        value={form.allowNet}
        inherited={inherited.allowNet}
        error={errors[`${prefix}.allowNet`]}
        onChange={(isOwn, allowNet) => onChange({ ownNet: isOwn, allowNet })}
        denied={deniedLately(lines, scope, 'allowNet')}
        testId="run-allowNet"
        autoFocus={wanted === 'allowNet'}
      />
    </Group>
  )
}

/** Beside what is listed here. */
const added = ({ text, from }: Inherited): string => (text === '' ? '' : ` Besides from ${from}: ${text}.`)

const states = {
  set: 'has a value',
  unset: 'has no value now: set it where Patchbay is started, or a run is refused',
  short: 'is shorter than 4 characters: it could not be hidden, so a run is refused',
} as const

function SecretStates({
  names,
  survey,
}: {
  readonly names: readonly string[]
  readonly survey: ScopePanelProps['survey']
}) {
  const found = survey?.secrets.filter(({ name }) => names.includes(name)) ?? []
  if (found.length === 0) return null
  return (
    <ul className={styles.states} aria-label="Secrets at the moment" data-testid="run-secret-states">
      {found.map(({ name, state }) => (
        <li key={name} data-state={state}>
          <code>{name}</code> {states[state]}
        </li>
      ))}
    </ul>
  )
}

interface AllowListProps {
  readonly label: string
  readonly hint: string
  readonly placeholder: string
  readonly isCommon: boolean
  readonly isOwn: boolean
  readonly value: string
  readonly inherited: Inherited
  readonly error: string | undefined
  readonly onChange: (isOwn: boolean, value: string) => void
  /** What was refused lately. */
  readonly denied: readonly string[]
  readonly testId: string
  readonly autoFocus: boolean
}

/** A list that stands in place of the inherited one: to grant less is as important as to grant more. */
function AllowList({ isCommon, isOwn, inherited, denied, onChange, hint, testId, ...rest }: AllowListProps) {
  const above = inherited.text === '' ? 'nothing' : inherited.text
  const listed = linesOf(isOwn ? rest.value : inherited.text.replaceAll(', ', '\n'))
  const open = denied.filter((pattern) => !listed.includes(pattern))
  return (
    <div className={styles.half}>
      {isOwn && (
        <Lines
          {...rest}
          hint={isCommon ? hint : `${hint} An empty list allows nothing.`}
          onChange={(value) => onChange(true, value)}
          testId={testId}
        />
      )}
      {!isOwn && (
        <div className={styles.field}>
          <span className={styles.label}>{rest.label}</span>
          <p className={styles.above}>
            {above}, {inherited.from === 'default' ? 'as long as nothing is listed' : `from ${inherited.from}`}
          </p>
        </div>
      )}
      {!isCommon && (
        <Checkbox
          checked={isOwn}
          // It begins with what it stands in place of.
          onChange={(event) => onChange(event.target.checked, rest.value === '' ? listed.join('\n') : rest.value)}
          data-testid={`${testId}-own`}
        >
          A list of its own
        </Checkbox>
      )}
      {open.length > 0 && (
        <div className={styles.denied} data-testid={`${testId}-denied`}>
          Denied lately:
          {open.map((pattern) => (
            // With what was inherited: a list of its own stands in place of that.
            <Button key={pattern} size="small" onClick={() => onChange(true, [...listed, pattern].join('\n'))}>
              Allow {pattern}
            </Button>
          ))}
        </div>
      )}
    </div>
  )
}
