import { Tabs } from 'radix-ui'
import { useEffect } from 'react'
import type { RunSettings } from '../../src-preload/contract.ts'
import { ExceptionPanel, HandlersPanel, TenantsPanel } from './ExceptionPanels.tsx'
import type { Errors } from './fields.ts'
import { type Exception, type RunForm, exceptionFor, sectionOf } from './form.ts'
import { RulesPanel } from './RulesPanel.tsx'
import styles from './run-settings.module.css'
import type { ScopeForm } from './scope-form.ts'
import { ScopePanel, type ScopePanelProps } from './ScopePanel.tsx'
import { ServingPanel } from './ServingPanel.tsx'
import { useSurvey } from './use-survey.ts'

interface SectionsProps {
  readonly section: string
  readonly onSection: (section: string) => void
  readonly form: RunForm
  readonly onChange: (part: Partial<RunForm>) => void
  /** What the form says. */
  readonly settings: RunSettings
  readonly errors: Errors
  readonly wanted: ScopePanelProps['wanted']
}

type Kind = 'tenants' | 'handlers'

/** The sections of run settings beside each other: what holds for all, then tenants and handlers with theirs beneath. */
export function Sections({ section, onSection, form, onChange, settings, errors, wanted }: SectionsProps) {
  const survey = useSurvey(settings)
  const faulty = new Set(Object.keys(errors).map(sectionOf))
  const panel = { form, onChange, errors, survey }
  const scope = { settings, errors, survey, wanted }
  const known = [...form.tenants.map(({ id }) => `tenants.${id}`), ...form.handlers.map(({ id }) => `handlers.${id}`)]
  const isThere = !/\d/.test(section) || known.includes(section)
  useEffect(() => {
    // The exception that was shown went from the file.
    if (!isThere) onSection('handlers')
  }, [isThere, onSection])

  const open = (kind: Kind, name: string): void => {
    const found = form[kind].find((exception) => exception.name === name)
    const exception = found ?? exceptionFor(name)
    if (!found) onChange({ [kind]: [...form[kind], exception] })
    onSection(`${kind}.${exception.id}`)
  }
  const edit = (kind: Kind, { id }: Exception, part: Partial<ScopeForm>): void =>
    onChange({
      [kind]: form[kind].map((one) => (one.id === id ? { ...one, form: { ...one.form, ...part } } : one)),
    })
  const remove = (kind: Kind, { id }: Exception): void => {
    onChange({ [kind]: form[kind].filter((one) => one.id !== id) })
    onSection(kind)
  }
  const tab = (id: string, label: string, nested = false) => (
    <Tabs.Trigger
      key={id}
      value={id}
      className={styles.tab}
      data-nested={nested ? '' : undefined}
      data-testid={`run-section-${nested ? label : id}`}
    >
      <span>{label}</span>
      {faulty.has(id) && <span className={styles.fault} role="img" aria-label="needs another look" />}
    </Tabs.Trigger>
  )
  const nested = (kind: Kind) => form[kind].map(({ id, name }) => tab(`${kind}.${id}`, name, true))
  const content = (id: string, children: React.ReactNode) => (
    <Tabs.Content key={id} value={id} className={styles.panel}>
      {children}
    </Tabs.Content>
  )
  const exceptions = (kind: Kind) =>
    form[kind].map((exception) =>
      content(
        `${kind}.${exception.id}`,
        <ExceptionPanel
          {...scope}
          kind={kind}
          exception={exception}
          onChange={(part) => edit(kind, exception, part)}
          onRemove={() => remove(kind, exception)}
        />,
      ),
    )
  return (
    <Tabs.Root className={styles.sections} orientation="vertical" value={section} onValueChange={onSection}>
      <Tabs.List className={styles.tabs} aria-label="Sections">
        {tab('common', 'All handlers')}
        {tab('serving', 'Serving')}
        {tab('rules', 'Rules')}
        {tab('tenants', 'Tenants')}
        {nested('tenants')}
        {tab('handlers', 'Single handlers')}
        {nested('handlers')}
      </Tabs.List>
      {content(
        'common',
        <ScopePanel
          {...scope}
          wanted={undefined}
          scope={{ kind: 'common' }}
          form={form.common}
          prefix="common"
          onChange={(part) => onChange({ common: { ...form.common, ...part } })}
        />,
      )}
      {content('serving', <ServingPanel {...panel} />)}
      {content('rules', <RulesPanel {...panel} />)}
      {content('tenants', <TenantsPanel {...panel} onOpen={(name) => open('tenants', name)} />)}
      {content('handlers', <HandlersPanel {...panel} onOpen={(name) => open('handlers', name)} />)}
      {exceptions('tenants')}
      {exceptions('handlers')}
    </Tabs.Root>
  )
}
