import { useDecoded } from '../state/decoded.ts'
import type { PortReference } from '../state/selection.ts'
import { portOf } from '../inspector/interfaces.ts'
import styles from './nodes.module.css'
import { typeOfPort } from './port-type.ts'

/** What is behind a port, inside its node: functions with their types, then the types that come with them. */
export function PortDetail({ id, port }: { readonly id: string; readonly port: PortReference }) {
  // Drawn again when the component was read.
  useDecoded((decoded) => decoded.byHash)
  const extern = typeOfPort(port)
  const { functions, types } = extern ? portOf(port.name, extern) : { functions: [], types: [] }
  return (
    <ul id={id} className={styles.detail} aria-label={`Inside ${port.name}`} data-testid={`detail-${id}`}>
      {functions.map((signature) => (
        <li key={signature}>
          <code>{signature}</code>
        </li>
      ))}
      {types.map((type) => (
        <li key={type} className={styles.detailType}>
          <code>{type}</code>
        </li>
      ))}
      {functions.length + types.length === 0 && <li className={styles.detailType}>It is empty.</li>}
    </ul>
  )
}
