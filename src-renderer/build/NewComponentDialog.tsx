import { useEffect, useId, useRef, useState } from 'react'
import { fail, problemOf } from '../../src-engine/error.ts'
import type { Problem, Template } from '../../src-preload/contract.ts'
import { mergeItems } from '../library/place-item.ts'
import { showSource } from '../state/build.ts'
import { closeDialog, showDrawer, useLayout } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { client } from '../state/session.ts'
import { Badge } from '../ui/Badge.tsx'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { TextField } from '../ui/Field.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import styles from './build.module.css'
import { freeName, nameProblem, suggestName } from './name.ts'

/** Name and template of a component to write. */
export function NewComponentDialog() {
  const open = useLayout((layout) => layout.dialog?.kind === 'new-component')
  return open ? <OpenDialog /> : null
}

function OpenDialog() {
  const library = useProject((project) => project.library)
  const taken = library.filter((item) => item.origin === 'project').map((item) => item.id)
  const [templates, setTemplates] = useState<readonly Template[]>()
  const [chosen, setChosen] = useState<string>()
  const [typed, setTyped] = useState<string>()
  const [busy, setBusy] = useState(false)
  const asked = useRef<Promise<readonly Template[]>>(null)
  const [problem, setProblem] = useState<Problem>()
  const form = useId()

  useEffect(() => {
    asked.current = client()
      .call('build.templates', {})
      .then(({ templates: list }) => list)
    asked.current
      .then((list) => {
        setTemplates(list)
        setChosen((now) => now ?? firstOf(list)?.id)
      })
      .catch((thrown: unknown) => setProblem(problemOf(thrown)))
  }, [])

  const template = templates?.find((one) => one.id === chosen)
  const name = typed ?? freeName('my-handler', taken)
  const wrong = nameProblem(name, taken)
  const suggestion = suggestName(name)
  const missing = template?.unavailable

  const create = async (): Promise<void> => {
    if (wrong !== undefined || missing || busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      // Enter may come before the templates: the first one is meant then.
      const meant = template ?? firstOf((await asked.current) ?? [])
      if (!meant) throw fail('build.no-template', 'There is no template to start from.')
      const { item, open } = await client().call('build.create', { name, template: meant.id })
      mergeItems([item])
      showSource(item.id, open)
      showDrawer('build')
      closeDialog()
    } catch (thrown) {
      setProblem(problemOf(thrown))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      onClose={closeDialog}
      title="New component"
      description="Writes a small source folder into the project and opens it."
      width="40rem"
      testId="new-component"
      footer={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form={form}
            disabledReason={wrong ?? missing?.message}
            icon={busy ? <Spinner size={12} /> : undefined}
            data-testid="create-component"
          >
            Create
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        <TextField
          label="Name"
          value={name}
          data-testid="component-name"
          autoFocus
          onFocus={(event) => event.target.select()}
          onChange={(event) => setTyped(event.target.value)}
          hint={`Source goes to src/${name}`}
          error={
            wrong === undefined ? undefined : (
              <>
                {wrong}
                {suggestion !== '' && suggestion !== name && nameProblem(suggestion, taken) === undefined && (
                  <Button look="plain" size="small" onClick={() => setTyped(suggestion)}>
                    Use {suggestion}
                  </Button>
                )}
              </>
            )
          }
        />
        <fieldset className={styles.templates}>
          <legend>Template</legend>
          {!templates && !problem && <Spinner label="Reading the templates" />}
          {templates?.map((one) => (
            <label
              key={one.id}
              className={styles.template}
              data-unavailable={one.unavailable ? '' : undefined}
              data-testid={`template-${one.id}`}
            >
              <input
                type="radio"
                name="template"
                value={one.id}
                checked={one.id === chosen}
                onChange={() => setChosen(one.id)}
              />
              <span className={styles.templateText}>
                <span className={styles.templateName}>
                  {one.label}{' '}
                  {!one.label.toLowerCase().includes(one.language.toLowerCase()) && <Badge>{one.language}</Badge>}
                </span>
                <span>{one.description}</span>
                {one.unavailable && (
                  <span className={styles.templateMissing}>
                    {one.unavailable.message} {one.unavailable.hint}
                  </span>
                )}
              </span>
            </label>
          ))}
        </fieldset>
        {problem && <ProblemNotice problem={problem} />}
      </form>
    </Dialog>
  )
}

function firstOf(templates: readonly Template[]): Template | undefined {
  return templates.find((template) => !template.unavailable)
}
