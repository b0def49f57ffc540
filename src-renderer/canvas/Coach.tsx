import { ArrowRight, X } from 'lucide-react'
import { runCommand } from '../commands/registry.ts'
import { shortName } from '../../src-engine/types/names.ts'
import { useRuntime } from '../state/runtime.ts'
import { changeSettings, useSettings } from '../state/settings.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { portKey } from './ports.ts'
import { useWiring } from './wiring.ts'
import styles from './Coach.module.css'
import { useEffect } from 'react'
import { nextStep } from './coach-steps.ts'
import type { CanvasModel } from './model.ts'

/** One sentence at the first start: what to do next, by doing it. Gone for good when dismissed or done. */
export function Coach({ model }: { readonly model: CanvasModel }) {
  const done = useSettings((settings) => settings.welcomeDone || !settings.loaded)
  const running = useRuntime((runtime) => runtime.status.state === 'running')
  const answered = useRuntime((runtime) =>
    runtime.records.some((record) => record.status !== undefined && record.status < 400),
  )
  const step = done ? undefined : nextStep(model, running, answered)
  const [from, to] =
    step?.kind === 'wire'
      ? [portKey(step.from.instance, 'out', step.from.name), portKey(step.to.instance, 'in', step.to.name)]
      : []
  useEffect(() => {
    useWiring.setState({ hinted: from !== undefined && to !== undefined ? [from, to] : [] })
  }, [from, to])
  if (!step) return null
  const dismiss = (): void => void changeSettings({ welcomeDone: true }).catch(() => undefined)
  return (
    <section className={styles.coach} aria-label="First steps" data-testid="coach" data-step={step.kind}>
      <span className={styles.count} aria-hidden>
        {step.kind === 'wire' ? 1 : step.kind === 'run' ? 2 : 3}
      </span>
      <span className={styles.text}>
        {step.kind === 'wire' && (
          <>
            Draw a wire from <b>{shortName(step.from.name)}</b> of <b>{step.from.instance}</b>
            <ArrowRight size={13} aria-label="to" className={styles.arrow} />
            <b>{shortName(step.to.name)}</b> of <b>{step.to.instance}</b>
          </>
        )}
        {step.kind === 'run' && <>Everything is wired. Press Run to start it.</>}
        {step.kind === 'send' && <>It runs. Send it a request from the playground below.</>}
        {step.kind === 'done' && <>Composed, started, answered. Everything else is under Commands.</>}
      </span>
      {step.kind === 'run' && (
        <Button size="small" look="primary" onClick={() => void runCommand('run.start')}>
          Run
        </Button>
      )}
      {step.kind === 'send' && (
        <Button size="small" onClick={() => void runCommand('view.playground')}>
          Open the playground
        </Button>
      )}
      {step.kind === 'done' ? (
        <Button size="small" look="primary" onClick={dismiss}>
          Done
        </Button>
      ) : (
        <IconButton label="Dismiss the first steps" size="small" onClick={dismiss}>
          <X size={14} />
        </IconButton>
      )}
    </section>
  )
}
