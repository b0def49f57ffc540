import { Clock, Trash2 } from 'lucide-react'
import { Badge } from '../ui/Badge.tsx'
import { IconButton } from '../ui/Button.tsx'
import { formatDuration } from '../ui/format.ts'
import styles from './playground.module.css'
import { targetOf } from './request.ts'
import { type Exchange, usePlayground } from './store.ts'

/** What was sent in this session, newest first; choosing one brings request and answer back. */
export function History({ shown }: { readonly shown: string | undefined }) {
  const history = usePlayground((state) => state.history)
  const { reopen, clearHistory } = usePlayground.getState()
  return (
    <section className={styles.history} aria-label="History">
      <div className={styles.historyHead}>
        <Clock size={12} aria-hidden /> History
        <IconButton label="Clear the history" size="small" onClick={clearHistory}>
          <Trash2 size={12} />
        </IconButton>
      </div>
      <ol className={styles.historyList}>
        {history.map((exchange) => (
          <li key={exchange.id}>
            <button
              type="button"
              className={styles.historyItem}
              aria-current={exchange.id === shown}
              onClick={() => reopen(exchange.id)}
            >
              <span className={styles.historyMethod}>{exchange.draft.method}</span>
              <span className={styles.historyTarget}>{targetOf(exchange.draft.url)}</span>
              <Outcome exchange={exchange} />
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Outcome({ exchange }: { readonly exchange: Exchange }) {
  const { outcome } = exchange
  switch (outcome.kind) {
    case 'waiting':
      return <Badge tone="info">…</Badge>
    case 'cancelled':
      return <Badge>cancelled</Badge>
    case 'problem':
      return <Badge tone="danger">failed</Badge>
    case 'response': {
      const { status, duration } = outcome.response
      return (
        <>
          <span className={styles.historyTime}>{formatDuration(duration)}</span>
          <Badge tone={status >= 500 ? 'danger' : status >= 400 ? 'warning' : 'ok'}>{status}</Badge>
        </>
      )
    }
  }
}
