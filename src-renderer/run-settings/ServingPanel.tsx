import type { RunSurvey } from '../../src-preload/contract.ts'
import { Checkbox, TextField } from '../ui/Field.tsx'
import { classes } from '../ui/classes.ts'
import { Choice, Group } from './controls.tsx'
import type { Errors } from './fields.ts'
import type { RunForm } from './form.ts'
import { PairRows } from './PairRows.tsx'
import styles from './run-settings.module.css'
import { folderRemark } from './survey.ts'

export interface PanelProps {
  readonly form: RunForm
  readonly onChange: (part: Partial<RunForm>) => void
  readonly errors: Errors
  readonly survey: RunSurvey | undefined
}

/** What answers on the port, and how. */
export function ServingPanel({ form, onChange, errors, survey }: PanelProps) {
  return (
    <>
      <Group title="Server">
        <TextField
          label="Port"
          hint="on 127.0.0.1; empty: any free one"
          placeholder="free"
          error={errors['port']}
          value={form.port}
          onChange={(event) => onChange({ port: event.target.value })}
          data-testid="run-port"
        />
        <Choice
          label="Engine"
          hint="how guests of 0.2 are run"
          value={form.engine}
          options={[
            { value: '', label: 'Auto (default)' },
            { value: 'direct', label: 'Direct' },
            { value: 'jco', label: 'jco' },
          ]}
          onChange={(engine) => onChange({ engine })}
          testId="run-engine"
        />
        <div className={styles.checks}>
          <Checkbox
            checked={form.components}
            onChange={(event) => onChange({ components: event.target.checked })}
            data-testid="run-components"
          >
            Serve the handlers among the project’s components too, each at /run/&lt;name&gt;/
          </Checkbox>
          <Checkbox checked={form.compression} onChange={(event) => onChange({ compression: event.target.checked })}>
            Compress answers for clients that accept it
          </Checkbox>
          <Checkbox checked={form.ownRoutes} onChange={(event) => onChange({ ownRoutes: event.target.checked })}>
            Answer /-/health and /-/metrics
          </Checkbox>
        </div>
      </Group>
      <Group title="Files">
        <PairRows
          label="Static folders"
          hint="Files of a folder, served below a path."
          item="folder"
          columns={['Path', 'Folder']}
          placeholders={['/assets', './public']}
          values="folder"
          rows={form.static}
          onChange={(rows) => onChange({ static: rows })}
          errors={errors}
          prefix="static"
          remark={({ value }) => folderRemark(survey, value)}
          testId="run-static"
        />
      </Group>
      <p className={styles.hint} data-testid="run-served">
        {survey === undefined
          ? ''
          : survey.handlers.length === 0
            ? 'With these settings nothing would be served yet.'
            : `With these settings a run serves ${survey.handlers.join(', ')}.`}
      </p>
      {survey?.leftOut.map((why) => (
        <p key={why} className={classes(styles.hint, styles.remark)} data-testid="run-left-out">
          {why}.
        </p>
      ))}
    </>
  )
}
