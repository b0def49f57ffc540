import { closeDialog, useLayout } from '../state/layout.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { Keys } from '../ui/Keys.tsx'
import styles from './Shortcuts.module.css'
import { readContext } from './context.ts'
import { showKeys } from './keys.ts'
import { allCommands, labelOf } from './registry.ts'

/** The list of all shortcuts, and of what the mouse can do on the canvas. */
export function Shortcuts() {
  const open = useLayout((layout) => layout.dialog?.kind === 'shortcuts')
  if (!open) return null
  const context = readContext()
  return (
    <Dialog open onClose={closeDialog} title="Keyboard shortcuts" width="44rem" testId="shortcuts" reading>
      <ul className={styles.list}>
        {allCommands()
          .filter((command) => command.keys && command.keys.length > 0)
          .map((command) => (
            <li key={command.id} className={styles.row}>
              <span>{labelOf(command, context)}</span>
              <Keys keys={(command.keys ?? []).map((keys) => showKeys(keys)).join('  or  ')} />
            </li>
          ))}
        {gestures.map(([what, how]) => (
          <li key={what} className={styles.row}>
            <span>{what}</span>
            <Keys keys={how} />
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

const gestures: readonly (readonly [string, string])[] = [
  ['Pan the canvas', 'Drag, scroll or Space+drag'],
  ['Zoom the canvas', `${showKeys('Mod+')}scroll`],
  ['Select several', 'Shift+drag'],
  ['Wire from a focused port', 'Enter, then Tab to a marked port, Enter'],
  ['Move a selected node', 'Arrow keys'],
]
