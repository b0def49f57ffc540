import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowDownToLine, ArrowUp, FileDown, ScrollText, Trash2 } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from 'react'
import { CommandButton } from '../commands/CommandButton.tsx'
import { readContext, useContextNow } from '../commands/context.ts'
import { commandEntries } from '../commands/entries.tsx'
import { runCommand } from '../commands/registry.ts'
import { clearRecords, useRuntime } from '../state/runtime.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Checkbox, SearchField, Select } from '../ui/Field.tsx'
import { ContextMenu, Menu } from '../ui/Menu.tsx'
import { formatCount } from '../ui/format.ts'
import { ConsoleLine } from './ConsoleLine.tsx'
import { TrafficTable } from './TrafficTable.tsx'
import styles from './console.module.css'
import { type ConsoleOrder, type ConsoleRow, byTime, consoleRows, everything, lineSources } from './rows.ts'
import { orderBy, setFilter, toggleFollow, toggleRequest, useConsole } from './store.ts'

/** Requests and what guests wrote, by time. */
export function ConsolePanel() {
  const records = useRuntime((runtime) => runtime.records)
  const lines = useRuntime((runtime) => runtime.lines)
  const filter = useConsole((view) => view.filter)
  const order = useConsole((view) => view.order)
  const open = useConsole((view) => view.open)
  const handlers = useConsole((view) => view.handlers)
  const rows = useMemo(() => consoleRows(records, lines, filter, open, order), [records, lines, filter, open, order])
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
        <EmptyState
          title="Nothing matches the filter"
          actions={
            <Button size="small" onClick={() => setFilter(everything)}>
              Show everything
            </Button>
          }
        />
      ) : (
        <>
          <Columns />
          <Rows rows={rows} />
        </>
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
      <IconButton label="Follow the newest" size="small" aria-pressed={follow} onClick={toggleFollow}>
        <ArrowDownToLine size={14} />
      </IconButton>
      <IconButton label="Clear the console" size="small" onClick={clearRecords} data-testid="console-clear">
        <Trash2 size={14} />
      </IconButton>
    </div>
  )
}

/** Names of the columns; a click puts the requests in order of one. */
function Columns() {
  return (
    <div className={styles.columns} role="group" aria-label="Order of the requests">
      <span />
      <Column by="time">Time</Column>
      <span>Method</span>
      <Column by="target">Path</Column>
      <span className={styles.handlerMark}>Handler</span>
      <span className={styles.lineCount}>Output</span>
      <Column by="bytes">Size</Column>
      <Column by="duration">Duration</Column>
      <Column by="status">Status</Column>
    </div>
  )
}

function Column({ by, children }: { readonly by: ConsoleOrder['by']; readonly children: ReactNode }) {
  const order = useConsole((view) => view.order)
  const chosen = order.by === by
  const Arrow = order.descending ? ArrowDown : ArrowUp
  return (
    <button
      type="button"
      className={by === 'bytes' ? styles.bytes : undefined}
      data-column={by}
      data-testid={`console-order-${by}`}
      aria-pressed={chosen}
      title={chosen ? (order.descending ? 'The greatest first' : 'The least first') : `In order of ${orderWords[by]}`}
      onClick={() => orderBy(by)}
    >
      {children}
      {chosen && order !== byTime && (by !== 'time' || order.descending) && <Arrow size={11} aria-hidden />}
    </button>
  )
}

const orderWords: Readonly<Record<ConsoleOrder['by'], string>> = {
  time: 'time',
  target: 'path',
  bytes: 'size',
  duration: 'duration',
  status: 'status',
}

const rowMenu = ['console.sendAgain', 'console.copyCurl', '-', 'console.copyAddress', 'console.copyId']

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

  // Rows are measured as they come into view, and the panel has no size while it is hidden: each time either changes the end
  // is somewhere else.
  useEffect(() => {
    const view = scroller.current
    if (!follow || !view) return undefined
    const observer = new ResizeObserver(() => (view.scrollTop = view.scrollHeight))
    for (const each of [view, ...view.children]) observer.observe(each)
    return () => observer.disconnect()
  }, [follow])
  const order = useConsole((view) => view.order)
  useEffect(() => {
    // What was looked for is at the top, unless one row was asked for.
    if (!useConsole.getState().follow && order !== byTime) scroller.current?.scrollTo({ top: 0 })
  }, [order])
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
    // From where nothing is chosen yet the first step is to the newest row while that is what is shown.
    if (target !== undefined)
      moveTo(activeIndex >= 0 || /Home|End/.test(event.key) ? target : follow ? rows.length - 1 : 0)
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
    <ContextMenu entries={() => commandEntries(rowMenu, readContext())}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="tree"
        aria-label="Requests and log lines"
        tabIndex={0}
        aria-activedescendant={activeIndex >= 0 ? `console-${active}` : undefined}
        onKeyDown={press}
        onWheel={(event) => event.deltaY < 0 && follow && useConsole.setState({ follow: false })}
        onContextMenu={(event) => {
          const key = event.target instanceof Element && event.target.closest('[role=treeitem]')?.id
          if (key) useConsole.setState({ active: key.slice('console-'.length), follow: false })
        }}
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
    </ContextMenu>
  )
}
