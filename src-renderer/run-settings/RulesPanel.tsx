import { Group } from './controls.tsx'
import { PairRows } from './PairRows.tsx'
import type { PanelProps } from './ServingPanel.tsx'
import { handlerRemark } from './survey.ts'

/** Hosts and paths that lead to handlers. */
export function RulesPanel({ form, onChange, errors, survey }: PanelProps) {
  return (
    <Group
      title="Rules"
      hint="Send requests for a host, or below a path, to a handler; the path is not shortened. A full host goes before *.domain, that before any host; then the longest path. A host that a rule names belongs to its handlers alone."
    >
      <PairRows
        label="Host and path"
        hint="api.localhost/ for a host, /v2 for a path, *.example.test/v2 for both."
        item="rule"
        columns={['Host and path', 'Handler']}
        placeholders={['api.localhost/', 'api']}
        values={survey?.handlers ?? []}
        rows={form.rules}
        onChange={(rules) => onChange({ rules })}
        errors={errors}
        prefix="rules"
        remark={({ value }) => handlerRemark(survey, value)}
        testId="run-rules"
      />
    </Group>
  )
}
