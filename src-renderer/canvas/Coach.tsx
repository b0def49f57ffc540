import { ArrowRight, X } from 'lucide-react'
import { runCommand } from '../commands/registry.ts'
import { shortName } from '../../src-engine/types/names.ts'
import { useRuntime } from '../state/runtime.ts'
import { changeSettings, useSettings } from '../state/settings.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import styles from './Coach.module.css'
import { nextStep } from './coach-steps.ts'
import type { CanvasModel } from './model.ts'

/** One sentence at the first start: what to do next, by doing it. Gone for good when dismissed or done. */
export function Coach({ model }: { readonly model: CanvasModel }) {
  const done = useSettings((settings) => settings.welcomeDone || !settings.loaded)
  const running = useRuntime((runtime) => runtime.status.state === 'running')
  const answered = useRuntime((runtime) =>
    runtime.records.some((record) => record.status !== undefined && record.status < 400),
  )
  if (done) return null
  const step = nextStep(model, running, answered)
  if (!step) return null
  const dismiss = (): void => void changeSettings({ welcomeDone: true }).catch(() => undefined)
  return (
    <aside className={styles.coach} aria-label="First steps" data-testid="coach" data-step={step.kind}>
      <span className={styles.count} aria-hidden>
        {step.kind === 'wire' ? 1 : step.kind === 'run' ? 2 : 3}
      </span>
      <span className={styles.text}>
        {step.kind === 'wire' && (
          <>
            Draw a wire: drag from <b>{shortName(step.from.name)}</b> on the right of <b>{step.from.instance}</b>
            <ArrowRight size={13} aria-label="to" className={styles.arrow} />
            to <b>{shortName(step.to.name)}</b> on the left of <b>{step.to.instance}</b>.
          </>
        )}
        {step.kind === 'run' && <>Everything is wired. Press Run to start it.</>}
        {step.kind === 'send' && <>It runs. Send it a request from the playground below.</>}
        {step.kind === 'done' && (
          <>That was it: composed, started, answered. Everything else is in the command list, Ctrl+Shift+P.</>
        )}
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
    </aside>
  )
}
