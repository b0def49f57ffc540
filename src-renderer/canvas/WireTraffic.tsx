import { useRuntime } from '../state/runtime.ts'
import { useTraffic } from '../state/traffic.ts'
import styles from './live.module.css'

/** Requests that go through the cable of an exported handler, while there are any. */
export function WireTraffic({ path, name }: { readonly path: string; readonly name: string }) {
  const flowing = useTraffic((traffic) => traffic.perSecond > 0)
  const started = useRuntime((runtime) => Object.hasOwn(runtime.started?.exports ?? {}, name))
  return flowing && started ? <path className={styles.flow} d={path} data-testid={`traffic-${name}`} /> : null
}
