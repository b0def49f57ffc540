import { LogIn } from 'lucide-react'
import { shortName } from '../../src-engine/types/names.ts'
import { importsNode, isWorld } from '../state/document.ts'
import styles from './ImportZone.module.css'
import { pressPort } from './keyboard-wiring.ts'
import type { CanvasModel } from './model.ts'
import { newPortSlot } from './ports.ts'
import { useWiring } from './wiring.ts'

/** While a wire from an import is in the hand and no world imports are drawn yet: where it is let go to become the first. */
export function ImportZone({ model }: { readonly model: CanvasModel }) {
  const from = useWiring((wiring) => wiring.from)
  if (from?.side !== 'in' || isWorld(from.instance) || model.imports.length > 0) return null
  return (
    <div className={styles.zone} data-mark="yes" data-import-zone data-testid="import-zone">
      <div
        className={styles.button}
        role="button"
        tabIndex={0}
        onKeyDown={(event) => pressPort(event, { instance: importsNode, side: 'out', name: newPortSlot })}
      >
        <LogIn size={16} aria-hidden />
        Import {shortName(from.name)} from the world
      </div>
    </div>
  )
}
