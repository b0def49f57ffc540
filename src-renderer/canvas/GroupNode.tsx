import { type Node, type NodeProps, NodeResizer } from '@xyflow/react'
import { memo, useEffect, useRef } from 'react'
import { changeGroup, rejoined, smallestGroup } from '../state/annotations.ts'
import type { GroupRow } from '../state/document.ts'
import { edit } from '../state/project.ts'
import { classes } from '../ui/classes.ts'
import { formatCount } from '../ui/format.ts'
import styles from './annotations.module.css'
import { cableColour } from './colours.ts'
import { drawnSize } from './flow.ts'
import { useCanvasView } from './view.ts'

export type GroupFlowNode = Node<{ readonly group: GroupRow }, 'frame'>

/** A frame with a name. Its title moves it and everything in it; between its members the canvas can be reached as elsewhere. */
export const GroupNode = memo(function GroupNode({ id, data: { group }, selected }: NodeProps<GroupFlowNode>) {
  const editing = useCanvasView((view) => view.editing === id)
  return (
    <div
      className={classes(styles.group, selected && styles.groupSelected)}
      style={
        { '--cable': group.colour === undefined ? 'var(--text-faint)' : cableColour(group.colour) } as Record<
          string,
          string
        >
      }
      data-testid={`group-${id}`}
    >
      <NodeResizer
        isVisible={selected}
        minWidth={smallestGroup.width}
        minHeight={smallestGroup.height}
        lineClassName={styles.resizeLine ?? ''}
        handleClassName={styles.resizeHandle ?? ''}
        onResizeEnd={(_, box) => resizeGroup(id, box)}
      />
      <div className={styles.groupHead} data-drag-handle>
        {editing ? (
          <NameField id={id} name={group.name} />
        ) : (
          <span className={styles.groupName} onDoubleClick={() => useCanvasView.setState({ editing: id })}>
            {group.name}
          </span>
        )}
        <span className={styles.groupCount}>{formatCount(group.members.length, 'node')}</span>
      </div>
    </div>
  )
})

function NameField({ id, name }: { readonly id: string; readonly name: string }) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  const close = (): void => useCanvasView.setState({ editing: undefined })
  const keep = (): void => {
    const next = field.current?.value.trim() ?? ''
    close()
    if (next !== '' && next !== name) edit(`Rename group ${name}`, (tables) => changeGroup(tables, id, { name: next }))
  }
  return (
    <input
      ref={field}
      className={classes(styles.groupField, 'nodrag')}
      defaultValue={name}
      aria-label="Name of the group"
      onBlur={keep}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') {
          keep()
          focusNode(id)
        } else if (event.key === 'Escape') {
          if (field.current) field.current.value = name
          close()
          focusNode(id)
        }
      }}
    />
  )
}

/** After typing, the keys mean the node again. */
export function focusNode(id: string): void {
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus(),
  )
}

interface Resized {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function resizeGroup(id: string, { x, y, width, height }: Resized): void {
  const box = { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) }
  edit('Resize group', (tables) => {
    const next = changeGroup(tables, id, box)
    return rejoined(next, [...Object.keys(next.positions), ...Object.keys(next.notes)], drawnSize)
  })
}
