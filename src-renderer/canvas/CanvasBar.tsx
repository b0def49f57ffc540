import { useStore } from '@xyflow/react'
import { CommandButton } from '../commands/CommandButton.tsx'
import { runCommand } from '../commands/registry.ts'
import { Tooltip } from '../ui/Tooltip.tsx'
import { useFlow } from './flow.ts'
import styles from './CanvasBar.module.css'

/** Add, arrange, zoom. */
export function CanvasBar() {
  // Its commands ask whether the canvas is there: it may come after the bar.
  useFlow()
  const zoom = useStore((state) => Math.round(state.transform[2] * 100))
  return (
    <div className={styles.bar} role="toolbar" aria-label="Canvas">
      <CommandButton command="canvas.add" />
      <CommandButton command="canvas.wireAll" />
      <CommandButton command="canvas.arrange" />
      <CommandButton command="canvas.list" />
      <span className={styles.line} />
      <CommandButton command="canvas.zoomOut" />
      <Tooltip content="Zoom to 100 %" side="top">
        <button type="button" className={styles.zoom} onClick={() => void runCommand('canvas.zoomActual')}>
          {zoom} %
        </button>
      </Tooltip>
      <CommandButton command="canvas.zoomIn" />
      <CommandButton command="canvas.fit" />
    </div>
  )
}
