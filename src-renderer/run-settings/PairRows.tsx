import { FolderOpen, Plus, Trash2 } from 'lucide-react'
import { useId, useState } from 'react'
import { askFolder } from '../library/ask.ts'
import { relativePath, useProject } from '../state/project.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { Input, TextArea } from '../ui/Field.tsx'
import { Note } from './controls.tsx'
import { type Errors, type Pair, linesOf, pair } from './fields.ts'
import styles from './run-settings.module.css'

interface PairRowsProps {
  readonly label: string
  readonly hint: string
  /** What one row is called, such as `variable`. */
  readonly item: string
  /** What its cells are called. */
  readonly columns: readonly [name: string, value: string]
  readonly placeholders: readonly [name: string, value: string]
  /** How the second cell is filled in: as text, with a folder, or with one of these names. */
  readonly values?: 'text' | 'folder' | readonly string[]
  readonly rows: readonly Pair[]
  readonly onChange: (rows: readonly Pair[]) => void
  /** By `prefix.id.name` and `prefix.id.value`. */
  readonly errors: Errors
  readonly prefix: string
  /** What else there is to say of a row; it can be saved all the same. */
  readonly remark?: (row: Pair) => string | undefined
  readonly testId: string
}

/** A table of names and values, a row of fields for each. Lines that are pasted into a name become rows. */
export function PairRows(props: PairRowsProps) {
  const { label, hint, item, rows, onChange, testId } = props
  const [added, setAdded] = useState<number>()
  const id = useId()
  const add = (): void => {
    const row = pair()
    setAdded(row.id)
    onChange([...rows, row])
  }
  return (
    <div className={styles.rows} role="group" aria-labelledby={id} data-testid={testId}>
      <div className={styles.rowsHead}>
        <span id={id} className={styles.label}>
          {label}
        </span>
        <Button size="small" look="plain" icon={<Plus size={13} />} onClick={add} data-testid={`${testId}-add`}>
          Add {item}
        </Button>
      </div>
      {rows.map((row, index) => (
        <PairRow key={row.id} {...props} row={row} index={index} autoFocus={row.id === added} />
      ))}
      <Note>{hint}</Note>
    </div>
  )
}

function PairRow({
  item,
  columns,
  placeholders,
  values = 'text',
  rows,
  onChange,
  errors,
  prefix,
  remark,
  testId,
  row,
  index,
  autoFocus,
}: PairRowsProps & { readonly row: Pair; readonly index: number; readonly autoFocus: boolean }) {
  const id = useId()
  const change = (part: Partial<Pair>): void =>
    onChange(rows.map((one) => (one.id === row.id ? { ...one, ...part } : one)))
  const nameError = errors[`${prefix}.${row.id}.name`]
  const valueError = errors[`${prefix}.${row.id}.value`]
  const said = nameError ?? valueError
  const told = remark?.(row)
  const choose = async (): Promise<void> => {
    const chosen = await askFolder(`Choose the folder of ${row.name.trim() || `the ${item}`}`)
    if (chosen !== undefined) change({ value: withinProject(chosen) })
  }
  const shared = { value: row.value, placeholder: placeholders[1], 'aria-label': `${columns[1]} ${index + 1}` }
  const invalid = { 'aria-invalid': valueError !== undefined || undefined, 'aria-describedby': `${id}-note` }
  return (
    <div className={styles.pair}>
      <Input
        aria-label={`${columns[0]} ${index + 1}`}
        placeholder={placeholders[0]}
        autoFocus={autoFocus}
        value={row.name}
        aria-invalid={nameError !== undefined || undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => change({ name: event.target.value })}
        onPaste={(event) => {
          const pasted = pairsIn(event.clipboardData.getData('text'))
          if (pasted.length === 0) return
          event.preventDefault()
          onChange(rows.flatMap((one) => (one.id === row.id ? pasted : [one])))
        }}
        data-testid={`${testId}-name-${index}`}
      />
      {values === 'text' ? (
        <TextArea
          {...shared}
          {...invalid}
          className={styles.value}
          rows={Math.min(4, row.value.split('\n').length)}
          onChange={(event) => change({ value: event.target.value })}
          data-testid={`${testId}-value-${index}`}
        />
      ) : (
        <Input
          {...shared}
          {...invalid}
          list={values === 'folder' ? undefined : `${id}-values`}
          onChange={(event) => change({ value: event.target.value })}
          data-testid={`${testId}-value-${index}`}
        />
      )}
      {values === 'folder' && (
        <IconButton label="Choose a folder…" onClick={() => void choose()} data-testid={`${testId}-choose-${index}`}>
          <FolderOpen size={14} />
        </IconButton>
      )}
      <IconButton
        label={`Remove ${item} ${row.name || index + 1}`}
        onClick={() => onChange(rows.filter((one) => one.id !== row.id))}
        data-testid={`${testId}-remove-${index}`}
      >
        <Trash2 size={14} />
      </IconButton>
      {Array.isArray(values) && (
        <datalist id={`${id}-values`}>
          {values.map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      )}
      {(said !== undefined || told !== undefined) && (
        <div className={styles.pairNote} id={`${id}-note`}>
          {said !== undefined && <Note error={said} />}
          {told !== undefined && (
            <Note>
              <span className={styles.remark}>{told}</span>
            </Note>
          )}
        </div>
      )}
    </div>
  )
}

/** Rows out of `NAME=VALUE` lines; none when the text is something else. */
function pairsIn(text: string): Pair[] {
  const lines = linesOf(text)
  if (!lines.every((line) => /^[^=\s]+=/.test(line))) return []
  return lines.map((line) => pair(line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)))
}

/** A folder of the project as the file says it: relative; others as they are. */
export function withinProject(path: string): string {
  const { folder } = useProject.getState()
  const relative = relativePath(folder, path)
  return relative === '' ? '.' : relative.startsWith('..') || folder === '' ? path : relative
}
