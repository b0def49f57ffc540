import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDownToLine, FileDown, ScrollText, Trash2 } from 'lucide-react'
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react'
import { CommandButton } from '../commands/CommandButton.tsx'
import { useContextNow } from '../commands/context.ts'
import { commandEntries } from '../commands/entries.tsx'
import { runCommand } from '../commands/registry.ts'
import { clearRecords, useRuntime } from '../state/runtime.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Checkbox, SearchField, Select } from '../ui/Field.tsx'
import { Menu } from '../ui/Menu.tsx'
import { formatCount } from '../ui/format.ts'
import { ConsoleLine } from './ConsoleLine.tsx'
import { TrafficTable } from './TrafficTable.tsx'
import styles from './console.module.css'
import { type ConsoleRow, consoleRows, everything, lineSources } from './rows.ts'
import { setFilter, toggleRequest, useConsole } from './store.ts'

/** Requests and what guests wrote, by time. */
export function ConsolePanel() {
  const records = useRuntime((runtime) => runtime.records)
  const lines = useRuntime((runtime) => runtime.lines)
  const filter = useConsole((view) => view.filter)
  const open = useConsole((view) => view.open)
  const handlers = useConsole((view) => view.handlers)
  const rows = useMemo(() => consoleRows(records, lines, filter, open), [records, lines, filter, open])
  const empty = records.length === 0 && lines.length === 0
  return (
    <div className={styles.root} data-testid="console">
      <FilterBar shown={rows.length} />
      {handlers && <TrafficTable />}
      {empty ? (
        <EmptyState icon={<ScrollText size={22} />} title="Nothing has happened yet">
          Requests, what handlers write to stdout and stderr, and traps appear here by time while something runs.
        </EmptyState>
      ) : rows.length === 0 ? (
        <EmptyState title="Nothing matches the filter" />
      ) : (
        <Rows rows={rows} />
      )}
    </div>
  )
}

function FilterBar({ shown }: { readonly shown: number }) {
  const filter = useConsole((view) => view.filter)
  const follow = useConsole((view) => view.follow)
  const context = useContextNow()
  const records = useRuntime((runtime) => runtime.records)
  const lines = useRuntime((runtime) => runtime.lines)
  const handlers = useMemo(
    () =>
      [...new Set([...records.map((record) => record.handler), ...lines.map((line) => line.handler)])]
        .filter((name) => name !== '')
        .toSorted(),
    [records, lines],
  )
  const filtered =
    filter !== everything &&
    (filter.text !== '' || filter.handler !== undefined || filter.failures || filter.sources.size < lineSources.length)
  return (
    <div className={styles.bar} role="toolbar" aria-label="Console">
      <div className={styles.search}>
        <SearchField
          label="Filter"
          value={filter.text}
          onChange={(event) => setFilter({ text: event.target.value })}
          data-testid="console-filter"
        />
      </div>
      <Select
        className={styles.handler}
        aria-label="Handler"
        value={filter.handler ?? ''}
        onChange={(event) => setFilter({ handler: event.target.value === '' ? undefined : event.target.value })}
      >
        <option value="">All handlers</option>
        {handlers.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Select>
      <div className={styles.sources} role="group" aria-label="Log lines shown">
        {lineSources.map((source) => (
          <button
            key={source}
            type="button"
            className={styles.source}
            data-source={source}
            aria-pressed={filter.sources.has(source)}
            onClick={() => {
              const sources = new Set(filter.sources)
              if (!sources.delete(source)) sources.add(source)
              setFilter({ sources })
            }}
          >
            {source}
          </button>
        ))}
      </div>
      <Checkbox checked={filter.failures} onChange={(event) => setFilter({ failures: event.target.checked })}>
        Failures only
      </Checkbox>
      <span className={styles.count} role="status">
        {filtered ? `${formatCount(shown, 'row')} shown` : formatCount(records.length, 'request')}
      </span>
      <span className={styles.tools}>
        <CommandButton command="console.handlers" size="small" />
        <Menu
          align="end"
          trigger={
            <Button look="plain" size="small" aria-label="Save the requests" data-testid="console-export">
              <FileDown size={14} aria-hidden />
            </Button>
          }
          entries={commandEntries(['console.exportHar', 'console.exportOtel'], context)}
        />
        <CommandButton command="run.settings" size="small" />
      </span>
      <IconButton
        label="Follow the newest"
        size="small"
        aria-pressed={follow}
        onClick={() => useConsole.setState({ follow: !follow })}
      >
        <ArrowDownToLine size={14} />
      </IconButton>
      <IconButton label="Clear the console" size="small" onClick={clearRecords} data-testid="console-clear">
        <Trash2 size={14} />
      </IconButton>
    </div>
  )
}

function Rows({ rows }: { readonly rows: readonly ConsoleRow[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const active = useConsole((view) => view.active)
  const follow = useConsole((view) => view.follow)
  const revealed = useConsole((view) => view.revealed)
  const items = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.kind === 'spans' ? 120 : 24),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
  })
  const activeIndex = rows.findIndex((row) => row.key === active)

  useEffect(() => {
    if (follow && rows.length > 0) items.scrollToIndex(rows.length - 1, { align: 'end' })
  }, [follow, rows, items])
  useEffect(() => {
    if (revealed > 0 && activeIndex >= 0) items.scrollToIndex(activeIndex, { align: 'start' })
    // Only when asked for: later rows must not move the view.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [revealed])

  const moveTo = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (!row) return
    useConsole.setState({ active: row.key, follow: false })
    items.scrollToIndex(rows.indexOf(row), { align: 'auto' })
  }
  const press = (event: KeyboardEvent): void => {
    const row = rows[activeIndex]
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: activeIndex + 1,
      ArrowUp: activeIndex - 1,
      PageDown: activeIndex + 10,
      PageUp: activeIndex - 10,
      Home: 0,
      End: rows.length - 1,
    }
    const target = steps[event.key]
    if (target !== undefined) moveTo(activeIndex < 0 && event.key !== 'End' ? 0 : target)
    else if (row?.kind === 'request' && (event.key === 'Enter' || event.key === ' ')) toggleRequest(row.record.id)
    else if (row?.kind === 'request' && event.key === 'ArrowRight') toggleRequest(row.record.id, true)
    else if (row?.kind === 'request' && event.key === 'ArrowLeft') toggleRequest(row.record.id, false)
    else if (row?.kind === 'line' && row.line.denied && event.key === 'Enter')
      void runCommand(`console.allowDenied|${row.line.sequence}`)
    else if (row?.kind !== 'request' && event.key === 'ArrowLeft')
      moveTo(rows.findLastIndex((other, index) => index < activeIndex && other.kind === 'request'))
    else return
    event.preventDefault()
  }
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="tree"
      aria-label="Requests and log lines"
      tabIndex={0}
      aria-activedescendant={activeIndex >= 0 ? `console-${active}` : undefined}
      onKeyDown={press}
      onWheel={(event) => event.deltaY < 0 && follow && useConsole.setState({ follow: false })}
    >
      <div className={styles.rows} style={{ height: items.getTotalSize() }} role="presentation">
        {items.getVirtualItems().map((item) => {
          const row = rows[item.index]
          return (
            row && (
              <div
                key={item.key}
                ref={items.measureElement}
                data-index={item.index}
                id={`console-${row.key}`}
                className={styles.row}
                style={{ transform: `translateY(${item.start}px)` }}
                role="treeitem"
                aria-level={row.kind === 'request' || (row.kind === 'line' && !row.beneath) ? 1 : 2}
                aria-setsize={rows.length}
                aria-posinset={item.index + 1}
                aria-selected={row.key === active}
                {...(row.kind === 'request' ? { 'aria-expanded': row.open } : {})}
                onClick={() => {
                  if (getSelection()?.isCollapsed === false) return
                  useConsole.setState({ active: row.key })
                  if (row.kind === 'request') toggleRequest(row.record.id)
                }}
              >
                <ConsoleLine row={row} />
              </div>
            )
          )
        })}
      </div>
    </div>
  )
}
