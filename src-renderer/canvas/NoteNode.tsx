import { type Node, type NodeProps, NodeResizer } from '@xyflow/react'
import { memo, useEffect, useRef } from 'react'
import { changeNote, smallestNote } from '../state/annotations.ts'
import type { NoteRow } from '../state/document.ts'
import { edit } from '../state/project.ts'
import { classes } from '../ui/classes.ts'
import styles from './annotations.module.css'
import { focusNode } from './GroupNode.tsx'
import { NoteText } from './note-text.tsx'
import { useCanvasView } from './view.ts'

/** `origin` is where the canvas library counts the place from: the group the note is in. */
export type NoteFlowNode = Node<
  { readonly note: NoteRow; readonly origin: { readonly x: number; readonly y: number } },
  'note'
>

/** Text on the canvas. */
export const NoteNode = memo(function NoteNode({ id, data: { note, origin }, selected }: NodeProps<NoteFlowNode>) {
  const editing = useCanvasView((view) => view.editing === id)
  return (
    <div
      className={classes(styles.note, selected && styles.noteSelected)}
      data-testid={`note-${id}`}
      onDoubleClick={() => useCanvasView.setState({ editing: id })}
    >
      <NodeResizer
        isVisible={selected && !editing}
        minWidth={smallestNote.width}
        minHeight={smallestNote.height}
        lineClassName={styles.resizeLine ?? ''}
        handleClassName={styles.resizeHandle ?? ''}
        onResizeEnd={(_, { x, y, width, height }) =>
          edit('Resize note', (tables) =>
            changeNote(tables, id, {
              x: Math.round(x + origin.x),
              y: Math.round(y + origin.y),
              width: Math.round(width),
              height: Math.round(height),
            }),
          )
        }
      />
      {editing ? (
        <TextField id={id} text={note.text} />
      ) : (
        <div className={styles.noteText}>
          {note.text === '' ? <p className={styles.noteEmpty}>Double-click to write</p> : <NoteText text={note.text} />}
        </div>
      )}
    </div>
  )
})

function TextField({ id, text }: { readonly id: string; readonly text: string }) {
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    field.current?.focus()
    field.current?.setSelectionRange(text.length, text.length)
  }, [text])
  const keep = (): void => {
    const next = field.current?.value ?? text
    useCanvasView.setState({ editing: undefined })
    if (next === text) return
    // A note grows with its text, and is made smaller by hand only.
    const needed = (field.current?.scrollHeight ?? 0) + 12
    edit('Edit note', (tables) => {
      const height = Math.max(tables.notes[id]?.height ?? 0, needed)
      return changeNote(tables, id, { text: next, height })
    })
  }
  return (
    <textarea
      ref={field}
      className={classes(styles.noteField, 'nodrag', 'nowheel')}
      defaultValue={text}
      aria-label="Text of the note"
      spellCheck={false}
      onBlur={keep}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey))) {
          keep()
          focusNode(id)
        }
      }}
    />
  )
}
