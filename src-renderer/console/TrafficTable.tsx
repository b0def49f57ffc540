import { RotateCcw } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { HandlerTraffic } from '../../src-preload/contract.ts'
import { setRunStatus, useRuntime } from '../state/runtime.ts'
import { client } from '../state/session.ts'
import { Badge, type Tone } from '../ui/Badge.tsx'
import { IconButton } from '../ui/Button.tsx'
import { formatDuration, formatMemory } from '../ui/format.ts'
import { showProblem } from '../ui/notify.tsx'
import { problemOf } from '../../src-engine/error.ts'
import styles from './traffic.module.css'

/** Milliseconds between two looks. */
const pace = 1000

interface Measured {
  readonly handlers: readonly HandlerTraffic[]
  /** Requests a second since the look before, by handler. */
  readonly rates: ReadonlyMap<string, number>
  readonly at: number
}

/** What goes through each handler, looked up once a second while it is shown. */
export function TrafficTable() {
  const running = useRuntime((runtime) => runtime.status.state === 'running')
  // Made anew for every run: counts begin at nothing.
  return running ? <RunningTable /> : <Nothing />
}

function Nothing() {
  return <p className={styles.nothing}>What goes through the handlers is shown here while something runs.</p>
}

function RunningTable() {
  const measured = useTraffic()
  if (!measured || measured.handlers.length === 0) return <Nothing />
  return (
    <div className={styles.scroller}>
      <table className={styles.table} data-testid="traffic">
        <thead>
          <tr>
            <th scope="col">Handler</th>
            <th scope="col">Breaker</th>
            {['req/s', 'Requests', '2xx', '3xx', '4xx', '5xx', 'Mean', 'Active', 'Queued', 'Workers', 'Memory'].map(
              (name) => (
                <th key={name} scope="col" className={styles.number}>
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {measured.handlers.map((handler) => (
            <Row key={handler.handler} handler={handler} rate={measured.rates.get(handler.handler) ?? 0} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function useTraffic(): Measured | undefined {
  const [measured, setMeasured] = useState<Measured>()
  useEffect(() => {
    let isGone = false
    const look = async (): Promise<void> => {
      const { handlers } = await client().call('runtime.traffic', {})
      const at = performance.now()
      if (!isGone) setMeasured((before) => ({ handlers, at, rates: ratesOf(handlers, before, at) }))
    }
    // A lost connection is told elsewhere; the next look may succeed.
    const lookAgain = (): void => void look().catch(() => undefined)
    lookAgain()
    const timer = setInterval(lookAgain, pace)
    return () => {
      isGone = true
      clearInterval(timer)
    }
  }, [])
  return measured
}

function ratesOf(handlers: readonly HandlerTraffic[], before: Measured | undefined, at: number): Map<string, number> {
  const earlier = new Map(before?.handlers.map(({ handler, requests }) => [handler, requests]))
  const seconds = before ? (at - before.at) / 1000 : 0
  return new Map(
    handlers.map(({ handler, requests }) => {
      const count = requests - (earlier.get(handler) ?? requests)
      return [handler, seconds > 0 ? Math.max(0, count / seconds) : 0]
    }),
  )
}

const tones: Readonly<Record<'closed' | 'open' | 'half-open', Tone>> = {
  closed: 'ok',
  open: 'danger',
  'half-open': 'warning',
}

function Row({ handler, rate }: { readonly handler: HandlerTraffic; readonly rate: number }) {
  const { breaker, statuses } = handler
  const about = useRuntime(({ status }) => status.handlers.find(({ name }) => name === handler.handler))
  const reset = async (): Promise<void> => {
    try {
      setRunStatus(await client().call('runtime.resetBreaker', { handler: handler.handler }))
    } catch (thrown) {
      showProblem(problemOf(thrown))
    }
  }
  const numbers: readonly string[] = [
    rate.toFixed(rate < 10 ? 1 : 0),
    String(handler.requests),
    String(statuses.ok),
    String(statuses.redirected),
    String(statuses.refused),
    String(statuses.failed),
    handler.requests === 0 ? '–' : formatDuration(handler.duration),
    String(handler.active),
    String(handler.queued),
    String(handler.workers),
    handler.memory === 0 ? '–' : formatMemory(handler.memory),
  ]
  return (
    <tr data-testid="traffic-row" data-handler={handler.handler}>
      <th scope="row">{handler.handler}</th>
      <td className={styles.breaker}>
        {about?.state === 'failed' ? (
          <Badge tone="danger" title={about.problem?.message}>
            cannot run
          </Badge>
        ) : breaker ? (
          <>
            <Badge tone={tones[breaker.state]}>{breaker.state}</Badge>
            {breaker.state === 'open' && <span className={styles.wait}>for {formatDuration(breaker.retryAfter)}</span>}
            {breaker.state !== 'closed' && (
              <IconButton
                label="Close the breaker: let requests through again"
                size="small"
                onClick={() => void reset()}
                data-testid="breaker-reset"
              >
                <RotateCcw size={13} />
              </IconButton>
            )}
            {breaker.state === 'closed' && breaker.failures > 0 && (
              <span className={styles.wait} title={`${breaker.failures} failed in a row`}>
                {breaker.failures} failed
              </span>
            )}
          </>
        ) : (
          <span className={styles.wait}>off</span>
        )}
      </td>
      {numbers.map((text, column) => (
        // The columns are always the same.
        <td key={column} className={styles.number}>
          {text}
        </td>
      ))}
    </tr>
  )
}
