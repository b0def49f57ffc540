import { FolderOpen, Plus, Trash2 } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import type { RunSettings } from '../../src-preload/contract.ts'
import { askFolder } from '../library/ask.ts'
import { Button } from '../ui/Button.tsx'
import { Input, TextField } from '../ui/Field.tsx'
import { Group, Note } from './controls.tsx'
import { type Exception, nameProblem } from './form.ts'
import { withinProject } from './PairRows.tsx'
import styles from './run-settings.module.css'
import { ScopePanel, type ScopePanelProps } from './ScopePanel.tsx'
import type { PanelProps } from './ServingPanel.tsx'
import { folderRemark, handlerRemark } from './survey.ts'

interface ListProps {
  /** Shows the exception; makes one where there is none. */
  readonly onOpen: (name: string) => void
}

/** Where tenants are, and what differs for each. */
export function TenantsPanel({ form, onChange, survey, onOpen }: PanelProps & ListProps) {
  const choose = async (): Promise<void> => {
    const chosen = await askFolder('Choose the folder of tenants')
    if (chosen !== undefined) onChange({ tenantFolder: withinProject(chosen) })
  }
  const remark = folderRemark(survey, form.tenantFolder)
  return (
    <>
      <Group
        title="Tenants"
        hint="Each has a folder with components of its own, served at /tenant/<tenant>/<name>/. They share the port and nothing else: limits of all handlers hold for them too, grants do not."
      >
        <div className={styles.folder}>
          <TextField
            label="Folder of tenants"
            hint={remark ?? 'holds a folder for each tenant; empty: no tenants'}
            placeholder="./tenants"
            value={form.tenantFolder}
            onChange={(event) => onChange({ tenantFolder: event.target.value })}
            data-testid="run-tenantFolder"
          />
          <Button icon={<FolderOpen size={14} />} onClick={() => void choose()} data-testid="run-tenantFolder-choose">
            Choose…
          </Button>
        </div>
      </Group>
      <Exceptions kind="tenants" known={survey?.tenants ?? []} exceptions={form.tenants} onOpen={onOpen} />
    </>
  )
}

/** What differs for single handlers. */
export function HandlersPanel({ form, survey, onOpen }: PanelProps & ListProps) {
  return <Exceptions kind="handlers" known={survey?.handlers ?? []} exceptions={form.handlers} onOpen={onOpen} />
}

const words = {
  handlers: {
    title: 'What differs for single handlers',
    hint: 'Say only what differs: everything else is taken from all handlers, or from the handler’s tenant.',
    label: 'Handler',
    placeholder: 'api, or acme/api',
    none: 'Nothing is known to be served yet; type a name.',
  },
  tenants: {
    title: 'What differs for single tenants',
    hint: 'Limits and grants for all handlers of a tenant.',
    label: 'Tenant',
    placeholder: 'acme',
    none: 'The folder holds no tenants yet; type a name.',
  },
} as const

interface ExceptionsProps extends ListProps {
  readonly kind: 'handlers' | 'tenants'
  readonly known: readonly string[]
  readonly exceptions: readonly Exception[]
}

function Exceptions({ kind, known, exceptions, onOpen }: ExceptionsProps) {
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const id = useId()
  const { title, hint, label, placeholder, none } = words[kind]
  const names = [...new Set([...known, ...exceptions.map((exception) => exception.name)])]
  const problem = name === '' ? (tried ? 'A name' : undefined) : nameProblem(name, kind)
  const add = (event: FormEvent): void => {
    event.preventDefault()
    // It stands in the form of the dialog, which is not meant.
    event.stopPropagation()
    setTried(true)
    if (name !== '' && nameProblem(name, kind) === undefined) onOpen(name)
  }
  return (
    <Group title={title} hint={hint}>
      <ul className={styles.names} aria-label={title}>
        {names.map((one) => {
          const has = exceptions.some((exception) => exception.name === one)
          return (
            <li key={one}>
              <code>{one}</code>
              <span className={styles.remark}>{known.includes(one) ? '' : 'not there now'}</span>
              <Button size="small" onClick={() => onOpen(one)} data-testid={`run-exception-${one}`}>
                {has ? 'Edit' : 'Make an exception'}
              </Button>
            </li>
          )
        })}
        {names.length === 0 && <li className={styles.hint}>{none}</li>}
      </ul>
      <div className={styles.addName}>
        <Input
          aria-label={`${label} by name`}
          aria-describedby={id}
          aria-invalid={problem !== undefined || undefined}
          placeholder={placeholder}
          value={name}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && add(event)}
          data-testid="run-exception-name"
        />
        <Button icon={<Plus size={13} />} onClick={add} data-testid="run-exception-add">
          Add by name
        </Button>
        <Note id={id} error={problem} />
      </div>
    </Group>
  )
}

interface ExceptionPanelProps extends Omit<ScopePanelProps, 'scope' | 'form' | 'prefix'> {
  readonly kind: 'handlers' | 'tenants'
  readonly exception: Exception
  readonly settings: RunSettings
  readonly onRemove: () => void
}

/** What differs for one handler or tenant. */
export function ExceptionPanel({ kind, exception, onRemove, ...rest }: ExceptionPanelProps) {
  const { name, form, id } = exception
  const isThere = rest.survey === undefined || kind === 'handlers' || rest.survey.tenants.includes(name)
  const remark =
    kind === 'handlers' ? handlerRemark(rest.survey, name) : isThere ? undefined : `No tenant is called ${name} now`
  return (
    <>
      <div className={styles.exceptionHead}>
        <div>
          <h3>{name}</h3>
          <p className={styles.hint}>{remark ?? 'Empty fields are inherited.'}</p>
        </div>
        <Button icon={<Trash2 size={13} />} onClick={onRemove} data-testid="run-exception-remove">
          Remove the exception
        </Button>
      </div>
      <Note error={rest.errors[`${kind}.${id}.name`]} />
      <ScopePanel {...rest} scope={{ kind, name }} form={form} prefix={`${kind}.${id}`} />
    </>
  )
}
