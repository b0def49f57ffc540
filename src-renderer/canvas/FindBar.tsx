import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { revealInstance, selectOnCanvas } from '../state/selection.ts'
import { IconButton } from '../ui/Button.tsx'
import { SearchField } from '../ui/Field.tsx'
import styles from './FindBar.module.css'
import { filters, findInstances } from './find.ts'
import type { CanvasModel } from './model.ts'
import { useCanvasView } from './view.ts'

/** Searches the canvas: names, ports, and states such as `is:unsatisfied`. */
export function FindBar({ model }: { readonly model: CanvasModel }) {
  const open = useCanvasView((view) => view.find)
  return open ? <Bar model={model} /> : null
}

function Bar({ model }: { readonly model: CanvasModel }) {
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const field = useRef<HTMLInputElement>(null)
  const asked = useCanvasView((view) => view.findAsked)
  useEffect(() => field.current?.select(), [asked])
  const found = useMemo(() => findInstances(model, query), [model, query])
  const shown = found[at % Math.max(1, found.length)]
  useEffect(() => {
    if (shown !== undefined) revealInstance(shown)
  }, [shown])
  const close = (): void => useCanvasView.setState({ find: false })
  const step = (by: number): void => setAt((now) => (now + by + found.length) % Math.max(1, found.length))
  return (
    <div className={styles.bar} role="search" data-testid="find-bar">
      <SearchField
        label="Find on the canvas"
        ref={field}
        value={query}
        list="find-filters"
        onChange={(event) => {
          setQuery(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') close()
          if (event.key === 'Enter') step(event.shiftKey ? -1 : 1)
        }}
      />
      <datalist id="find-filters">
        {filters.map((filter) => (
          <option key={filter} value={filter} />
        ))}
      </datalist>
      <span className={styles.count} role="status">
        {query === '' ? '' : found.length === 0 ? 'none' : `${(at % found.length) + 1} of ${found.length}`}
      </span>
      <IconButton label="Previous" size="small" onClick={() => step(-1)}>
        <ChevronUp size={14} />
      </IconButton>
      <IconButton label="Next" size="small" onClick={() => step(1)}>
        <ChevronDown size={14} />
      </IconButton>
      <IconButton
        label="Select all found"
        size="small"
        disabledReason={found.length === 0 ? 'Nothing was found.' : undefined}
        onClick={() => {
          selectOnCanvas(found)
          close()
        }}
      >
        <span className={styles.all}>All</span>
      </IconButton>
      <IconButton label="Close the search" size="small" onClick={close}>
        <X size={14} />
      </IconButton>
    </div>
  )
}
