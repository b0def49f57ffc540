import { TriangleAlert } from 'lucide-react'
import { showRequest } from '../console/store.ts'
import { showSource } from '../state/build.ts'
import { showDrawer } from '../state/layout.ts'
import { type LiveState, useLiveState } from '../state/live.ts'
import { formatRate } from '../state/rate.ts'
import { forgetFailure } from '../state/traffic.ts'
import { classes } from '../ui/classes.ts'
import { Spinner } from '../ui/Spinner.tsx'
import styles from './live.module.css'

/** Building, running or failed, as it happens; a click leads to the request, the build or the console. */
export function LiveBadge({ instance, packageId }: { readonly instance: string; readonly packageId: string }) {
  const live = useLiveState(instance, packageId)
  if (!live) return null
  const rate = live.perSecond === undefined ? undefined : formatRate(live.perSecond)
  return (
    <button
      type="button"
      className={classes(styles.badge, 'nodrag')}
      data-live={live.state}
      data-testid={`live-${instance}`}
      title={live.text}
      aria-label={`${instance}: ${live.text}${rate === undefined ? '' : `, ${rate} requests`}`}
      onClick={(event) => {
        event.stopPropagation()
        follow(live, packageId)
      }}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      {live.state === 'building' ? (
        <Spinner size={11} />
      ) : live.state === 'running' ? (
        <span className={styles.dot} />
      ) : (
        <TriangleAlert size={12} aria-hidden />
      )}
      {rate !== undefined && <span className={styles.rate}>{rate}</span>}
    </button>
  )
}

function follow({ state, request }: LiveState, packageId: string): void {
  if (state === 'building' || state === 'build-failed') {
    showSource(packageId)
    showDrawer('build')
  } else if (request !== undefined) {
    showRequest(request)
    forgetFailure()
  } else showDrawer('console')
}
