import { Unplug } from 'lucide-react'
import { useSession } from '../state/session.ts'
import styles from './ConnectionBanner.module.css'

/** Says when the workbench cannot be reached; edits stay in the window until it is back. */
export function ConnectionBanner() {
  const connection = useSession((session) => session.connection)
  return (
    <div role="status">
      {connection !== 'open' && (
        <div className={styles.banner} data-testid="connection-banner">
          <Unplug size={14} aria-hidden />
          {connection === 'lost'
            ? 'The workbench stopped — reconnecting. Your edits stay in this window.'
            : 'The workbench was started again and does not know this window. Open the new link it printed in the terminal.'}
        </div>
      )}
    </div>
  )
}
