import { ChevronRight, CircleAlert } from 'lucide-react'
import { memo } from 'react'
import { describePlace } from '../../src-engine/error.ts'
import type { Denial, LogLine, RequestRecord } from '../../src-preload/contract.ts'
import { runCommand } from '../commands/registry.ts'
import { withGrant } from '../run-settings/grant.ts'
import { useProject } from '../state/project.ts'
import { settingsText, useRuntime } from '../state/runtime.ts'
import { Elapsed } from '../ui/Elapsed.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { formatBytes, formatCount, formatDuration } from '../ui/format.ts'
import styles from './console.module.css'
import { type ConsoleRow, hasFailed, spanBars } from './rows.ts'

/** The content of one row. */
export const ConsoleLine = memo(function ConsoleLine({ row }: { readonly row: ConsoleRow }) {
  switch (row.kind) {
    case 'request':
      return <Request record={row.record} lines={row.lines} open={row.open} />
    case 'line':
      return (
        <div
          className={styles.line}
          data-source={row.line.source}
          data-beneath={row.beneath ? '' : undefined}
          data-testid="console-line"
        >
          <time className={styles.time}>{row.beneath ? '' : clock(row.line.time)}</time>
          <span className={styles.sourceMark}>{row.line.source}</span>
          <span className={styles.text} data-selectable>
            {!row.beneath && row.line.handler !== '' && !row.line.text.startsWith(`${row.line.handler} `) && (
              <span className={styles.handlerMark}>{row.line.handler} </span>
            )}
            {row.line.text.replace(/\n$/, '')}
          </span>
          {row.line.denied && <Allow line={row.line} denied={row.line.denied} />}
        </div>
      )
    case 'problem': {
      const place = describePlace(row.problem.where)
      return (
        <div className={styles.problem} data-testid="console-problem">
          <CircleAlert size={13} aria-hidden />
          <span data-selectable>
            {row.problem.message}
            {place !== '' && <span className={styles.place}> {place}</span>}
            {row.problem.hint !== undefined && <span className={styles.hint}> {row.problem.hint}</span>}
          </span>
        </div>
      )
    }
    case 'spans':
      return <Waterfall record={row.record} />
  }
})

/** The way to what was denied: the grant, then the run that has it; what holds already needs no more than being said. */
function Allow({ line, denied }: { readonly line: LogLine; readonly denied: Denial }) {
  const settings = useProject((project) => project.base?.run)
  const started = useRuntime(({ startedSettings }) => startedSettings)
  const isGranted = denied.pattern !== undefined && withGrant(settings ?? {}, line.handler, denied) === undefined
  if (isGranted && started === settingsText(settings)) return <span className={styles.hint}>allowed now</span>
  return (
    <button
      type="button"
      className={styles.allow}
      tabIndex={-1}
      onClick={() => void runCommand(isGranted ? 'run.start' : `console.allowDenied|${line.sequence}`)}
      data-testid="console-allow"
    >
      {isGranted ? 'Run again' : denied.pattern === undefined ? 'Grant sockets…' : `Allow ${denied.pattern}`}
    </button>
  )
}

function Request({
  record,
  lines,
  open,
}: {
  readonly record: RequestRecord
  readonly lines: number
  readonly open: boolean
}) {
  return (
    <div
      className={styles.request}
      data-failed={hasFailed(record) ? '' : undefined}
      data-testid="console-request"
      data-request={record.id}
    >
      <ChevronRight className={styles.chevron} data-open={open ? '' : undefined} size={13} aria-hidden />
      <time className={styles.time}>{clock(record.time)}</time>
      <span className={styles.method}>{record.method}</span>
      <span className={styles.target} title={`${record.target}\n${record.handler}`.trim()} data-selectable>
        {record.target}
      </span>
      <span className={styles.handlerMark}>{record.handler}</span>
      {/* Empty, it still keeps its column. */}
      <span className={styles.lineCount}>{lines > 0 && formatCount(lines, 'line')}</span>
      <span className={styles.bytes}>{formatBytes(record.responseBytes)}</span>
      <span className={styles.duration}>
        {record.state === 'active' ? (
          <>
            <Elapsed since={record.time} /> <Spinner size={11} label="Under way" />
          </>
        ) : (
          record.duration !== undefined && formatDuration(record.duration)
        )}
      </span>
      <span
        className={styles.status}
        data-class={
          record.status === undefined
            ? record.state === 'active'
              ? 'active'
              : 'none'
            : Math.floor(record.status / 100)
        }
      >
        {record.status ?? (record.state === 'active' ? '…' : 'none')}
      </span>
    </div>
  )
}

/** What happened when, as bars: queue, instance, guest, host calls, body. */
function Waterfall({ record }: { readonly record: RequestRecord }) {
  const bars = spanBars(record)
  return (
    <ol className={styles.waterfall} aria-label="Times of the request">
      {bars.map((bar, index) => (
        // Spans have no identity and never change their order.
        <li key={`${index} ${bar.name}`} className={styles.span}>
          <span className={styles.spanName} style={{ paddingLeft: `${bar.level * 0.75}rem` }}>
            {bar.name}
            {bar.detail !== undefined && <span className={styles.spanDetail}> {bar.detail}</span>}
          </span>
          <span className={styles.spanTrack} aria-hidden>
            <span
              className={styles.spanBar}
              data-level={bar.level % 4}
              style={{ left: `${bar.start * 100}%`, width: `max(2px, ${bar.width * 100}%)` }}
            />
          </span>
          <span className={styles.spanTime}>{formatDuration(bar.duration)}</span>
        </li>
      ))}
    </ol>
  )
}

function clock(time: number): string {
  const date = new Date(time)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
