import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { type Row, row } from './request.ts'
import styles from './playground.module.css'

interface RowTableProps {
  /** Accessible name of the table, such as `Headers`. */
  readonly label: string
  /** What one row is called, such as `header`. */
  readonly item: string
  readonly rows: readonly Row[]
  readonly onChange: (rows: Row[]) => void
  /** Why a row cannot be sent. */
  readonly problemOf?: (name: string, value: string) => string | undefined
  /** Offered while typing a name. */
  readonly suggestions?: readonly string[]
}

/** Names and values with a tick each. The last, empty row is always there: typing in it makes a new one. */
export function RowTable({ label, item, rows, onChange, problemOf, suggestions }: RowTableProps) {
  // Kept until it is typed into, so that the field does not lose its focus to a new key.
  const [blank, setBlank] = useState(() => row())
  const all = [...rows, blank]
  const list = suggestions && `suggestions-${label.toLowerCase()}`
  const change = (index: number, part: Partial<Row>): void => {
    const old = all[index]
    if (!old) return
    const changed = { ...old, ...part }
    if (index < rows.length) onChange(rows.map((one, at) => (at === index ? changed : one)))
    else {
      setBlank(row())
      onChange([...rows, changed])
    }
  }
  return (
    <div className={styles.rows} role="table" aria-label={label}>
      <div role="row" className={styles.rowsHead}>
        <span role="columnheader" className={styles.tick}>
          <span className="visually-hidden">On</span>
        </span>
        <span role="columnheader">Name</span>
        <span role="columnheader">Value</span>
        <span role="columnheader" className={styles.tick}>
          <span className="visually-hidden">Remove</span>
        </span>
      </div>
      {all.map((one, index) => {
        const last = index === rows.length
        const number = index + 1
        const problem = one.enabled ? problemOf?.(one.name, one.value) : undefined
        return (
          <div role="row" key={one.id} className={styles.row} data-off={one.enabled ? undefined : ''}>
            <span role="cell" className={styles.tick}>
              {!last && (
                <input
                  type="checkbox"
                  checked={one.enabled}
                  aria-label={`Send ${item} ${one.name || number}`}
                  onChange={(event) => change(index, { enabled: event.target.checked })}
                />
              )}
            </span>
            <span role="cell">
              <input
                value={one.name}
                aria-label={`${item} ${number} name`}
                aria-invalid={problem !== undefined}
                title={problem}
                placeholder={last ? `Add ${item}` : 'name'}
                list={list}
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => change(index, { name: event.target.value })}
              />
            </span>
            <span role="cell">
              <input
                value={one.value}
                aria-label={`${item} ${number} value`}
                aria-invalid={problem !== undefined}
                title={problem}
                placeholder={last ? '' : 'value'}
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => change(index, { value: event.target.value })}
              />
            </span>
            <span role="cell" className={styles.tick}>
              {!last && (
                <button
                  type="button"
                  className={styles.removeRow}
                  aria-label={`Remove ${item} ${one.name || number}`}
                  onClick={() => onChange(rows.filter((other) => other.id !== one.id))}
                >
                  <Trash2 size={13} aria-hidden />
                </button>
              )}
            </span>
            {problem !== undefined && (
              <span role="cell" className={styles.rowProblem}>
                {problem}
              </span>
            )}
          </div>
        )
      })}
      {suggestions && (
        <datalist id={list}>
          {suggestions.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
    </div>
  )
}
