import { toast } from 'sonner'
import { type Problem, describePlace } from '../../src-engine/error.ts'

/** Shows a problem in the corner: what, where, next step. The same problem twice is shown once. */
export function showProblem(problem: Problem, tone: 'error' | 'warning' | 'info' = 'error'): void {
  const place = describePlace(problem.where)
  const detail = [place, problem.hint].filter(Boolean).join('\n')
  toast[tone](problem.message, {
    id: `${problem.code} ${problem.message}`,
    ...(detail ? { description: detail } : {}),
    duration: tone === 'error' ? 12_000 : 6_000,
  })
}

export interface NotifyOptions {
  readonly detail?: string
  readonly action?: { readonly label: string; readonly run: () => void }
}

/** Says that something was done. */
export function notify(message: string, { detail, action }: NotifyOptions = {}): void {
  toast.success(message, {
    ...(detail === undefined ? {} : { description: detail }),
    ...(action === undefined ? {} : { action: { label: action.label, onClick: action.run } }),
  })
}
