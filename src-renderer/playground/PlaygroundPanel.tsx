import { Play } from 'lucide-react'
import { useEffect, useState } from 'react'
import { runCommand } from '../commands/registry.ts'
import type { RunStatus } from '../../src-preload/contract.ts'
import { addressIn } from '../console/replay.ts'
import { showRequest } from '../console/store.ts'
import { useRuntime } from '../state/runtime.ts'
import { client } from '../state/session.ts'
import { Button } from '../ui/Button.tsx'
import { Segmented } from '../ui/Segmented.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { History } from './History.tsx'
import { RequestLine } from './RequestLine.tsx'
import { RequestParts } from './RequestParts.tsx'
import { ResponseView } from './ResponseView.tsx'
import styles from './playground.module.css'
import { isWaiting, shownExchange, usePlayground } from './store.ts'

/** Fires requests at what runs, or at any other address, and shows what comes back. */
export function PlaygroundPanel() {
  const url = useRuntime((runtime) => runtime.status.url)
  const records = useRuntime((runtime) => runtime.records)
  const exchange = usePlayground(shownExchange)
  const waiting = usePlayground(isWaiting)
  const hasHistory = usePlayground((state) => state.history.length > 0)
  const { follow, send, cancel } = usePlayground.getState()
  const home = useRuntime(({ status }) => homeOf(status))

  // Only narrow panels show one side at a time.
  const [side, setSide] = useState<'request' | 'response'>('request')
  const submit = (): void => {
    setSide('response')
    void send(client())
  }

  useEffect(() => {
    if (url !== undefined) follow(url, home)
  }, [url, home, follow])

  const requestId = exchange?.outcome.kind === 'response' ? exchange.outcome.response.requestId : undefined
  const record = requestId === undefined ? undefined : records.find(({ id }) => id === requestId)
  return (
    <div className={styles.root} data-testid="playground">
      <div className={styles.main}>
        <RuntimeNote />
        <RequestLine waiting={waiting} onSend={submit} onCancel={() => void cancel(client())} />
        <div className={styles.sides}>
          <Segmented
            label="Side shown"
            value={side}
            options={[
              { value: 'request', label: 'Request' },
              { value: 'response', label: 'Response' },
            ]}
            onChange={setSide}
          />
        </div>
        <div className={styles.halves} data-side={side}>
          <RequestParts onSend={submit} />
          <div className={styles.answer}>
            <ResponseView exchange={exchange} record={record} onShowRecord={showRequest} />
          </div>
        </div>
      </div>
      {hasHistory && <History shown={exchange?.id} />}
    </div>
  )
}

/** Where a handler answers: the root, unless there are several of them there. */
function homeOf({ url, handlers }: RunStatus): string | undefined {
  const first = handlers.some(({ route }) => route === '/') ? undefined : handlers[0]
  return url === undefined || !first ? url : addressIn(url, first.route)
}

/** Says so when nothing of ours answers, and offers the way there. */
function RuntimeNote() {
  const state = useRuntime((runtime) => runtime.status.state)
  const pending = useRuntime((runtime) => runtime.pending)
  if (state === 'running') return null
  if (state === 'starting' || pending === 'start') {
    return (
      <div className={styles.stopped} role="status">
        <Spinner /> <span>Starting what is on the canvas…</span>
      </div>
    )
  }
  return (
    <div className={styles.stopped} role="status">
      <span>
        {state === 'draining'
          ? 'Requests under way are finishing; new ones are refused.'
          : 'Nothing is running. Requests to other addresses can be sent all the same.'}
      </span>
      <Button
        size="small"
        icon={<Play size={12} />}
        onClick={() => void runCommand('run.start')}
        data-testid="playground-run"
      >
        Run
      </Button>
    </div>
  )
}
