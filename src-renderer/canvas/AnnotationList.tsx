import { Trash2 } from 'lucide-react'
import { changeGroup, changeNote } from '../state/annotations.ts'
import { removeFromCanvas } from '../state/composition.ts'
import type { GroupRow, NoteRow } from '../state/document.ts'
import { edit, useProject } from '../state/project.ts'
import { selectOnCanvas } from '../state/selection.ts'
import { IconButton } from '../ui/Button.tsx'
import { Input } from '../ui/Field.tsx'
import styles from './ListView.module.css'

/** Groups and notes in the list: the same names and texts as on the canvas. */
export function Annotations() {
  const groups = useProject((project) => project.tables.groups)
  const notes = useProject((project) => project.tables.notes)
  return (
    <>
      {Object.keys(groups).length > 0 && (
        <section className={styles.instance} aria-label="Groups">
          <h3 className={styles.name}>Groups</h3>
          <ul>
            {Object.entries(groups).map(([id, group]) => (
              <Group key={id} id={id} group={group} />
            ))}
          </ul>
        </section>
      )}
      {Object.keys(notes).length > 0 && (
        <section className={styles.instance} aria-label="Notes">
          <h3 className={styles.name}>Notes</h3>
          <ul>
            {Object.entries(notes).map(([id, note]) => (
              <Note key={id} id={id} note={note} />
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function Group({ id, group }: { readonly id: string; readonly group: GroupRow }) {
  const members = group.members.filter((member) => !member.startsWith('$'))
  return (
    <li className={styles.row}>
      <Input
        key={group.name}
        defaultValue={group.name}
        aria-label={`Name of ${group.name}`}
        onFocus={() => selectOnCanvas([], [], [id])}
        onBlur={(event) => {
          const name = event.target.value.trim()
          if (name !== '' && name !== group.name)
            edit(`Rename group ${group.name}`, (tables) => changeGroup(tables, id, { name }))
        }}
      />
      <span className={styles.host}>{members.length === 0 ? 'no instances' : members.join(', ')}</span>
      <IconButton label={`Ungroup ${group.name}`} size="small" onClick={() => removeFromCanvas([], [], [id])}>
        <Trash2 size={14} />
      </IconButton>
    </li>
  )
}

function Note({ id, note }: { readonly id: string; readonly note: NoteRow }) {
  return (
    <li className={styles.row}>
      <textarea
        key={note.text}
        className={styles.note}
        defaultValue={note.text}
        rows={Math.min(8, note.text.split('\n').length + 1)}
        aria-label="Text of the note"
        onFocus={() => selectOnCanvas([], [], [id])}
        onBlur={(event) => {
          const text = event.target.value
          if (text !== note.text) edit('Edit note', (tables) => changeNote(tables, id, { text }))
        }}
      />
      <IconButton label="Delete the note" size="small" onClick={() => removeFromCanvas([], [], [id])}>
        <Trash2 size={14} />
      </IconButton>
    </li>
  )
}
