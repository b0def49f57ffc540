import { Copy, Download, ScrollText, Send } from 'lucide-react'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { IncomingResponse, Problem, RequestRecord } from '../../src-preload/contract.ts'
import { CodeEditor } from '../editor/CodeEditor.tsx'
import { Badge, type Tone } from '../ui/Badge.tsx'
import { Button, IconButton } from '../ui/Button.tsx'
import { Elapsed } from '../ui/Elapsed.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Segmented } from '../ui/Segmented.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { Tooltip } from '../ui/Tooltip.tsx'
import { formatBytes, formatDuration } from '../ui/format.ts'
import { notify, showProblem } from '../ui/notify.tsx'
import { HexView } from './HexView.tsx'
import styles from './playground.module.css'
import {
  type BodyForm,
  type BodyView,
  dataUrl,
  formOf,
  headerOf,
  prettyOf,
  problemDetails,
  textOf,
} from './response.ts'
import type { Exchange } from './store.ts'

interface ResponseViewProps {
  readonly exchange: Exchange | undefined
  /** What the runtime knows of it, where it is one of its requests that the console still has. */
  readonly record: RequestRecord | undefined
  readonly onShowRecord: (requestId: string) => void
}

/** The right half: what came back, or why nothing did. */
export function ResponseView({ exchange, record, onShowRecord }: ResponseViewProps) {
  if (!exchange) {
    return (
      <EmptyState icon={<Send size={22} />} title="No answer yet">
        Send the request, and status, headers, body, time and size appear here.
      </EmptyState>
    )
  }
  const { outcome } = exchange
  switch (outcome.kind) {
    case 'waiting':
      return (
        <div className={styles.waiting} role="status">
          <Spinner size={18} /> Waiting for the answer… <Elapsed since={exchange.time} />
        </div>
      )
    case 'cancelled':
      return <EmptyState title="Cancelled">The request was taken back before its answer came.</EmptyState>
    case 'problem':
      return (
        <div className={styles.notice}>
          <ProblemNotice problem={outcome.problem} />
        </div>
      )
    case 'response':
      return (
        <Answer
          key={exchange.id}
          response={outcome.response}
          arriving={outcome.arriving ? exchange.time : undefined}
          record={record}
          onShowRecord={onShowRecord}
        />
      )
  }
}

interface AnswerProps {
  readonly response: IncomingResponse
  /** When it was sent, while more of the answer is on its way; milliseconds since the epoch. */
  readonly arriving: number | undefined
  readonly record: RequestRecord | undefined
  readonly onShowRecord: (requestId: string) => void
}

function Answer({ response, arriving, record, onShowRecord }: AnswerProps) {
  const [tab, setTab] = useState('response-body')
  const [chosen, setChosen] = useState<BodyView>()
  const { body } = response
  const type = headerOf(response.headers, 'content-type')
  const form = useMemo(() => formOf(type, body), [type, body])
  const text = useMemo(() => textOf(body, type), [body, type])
  const view = chosen !== undefined && form.views.includes(chosen) ? chosen : (form.views[0] ?? 'raw')
  return (
    <div className={styles.response} data-testid="response">
      <Summary response={response} arriving={arriving} record={record} onShowRecord={onShowRecord} />
      <div className={styles.fill}>
        <Tabs
          label="Parts of the response"
          value={tab}
          onChange={setTab}
          tabs={[
            {
              id: 'response-body',
              label: 'Body',
              content: (
                <BodyPane
                  response={response}
                  form={form}
                  text={text}
                  view={view}
                  isArriving={arriving !== undefined}
                  record={record}
                />
              ),
            },
            {
              id: 'response-headers',
              label: 'Headers',
              badge: <Badge>{response.headers.length}</Badge>,
              content: <HeaderTable headers={response.headers} />,
            },
          ]}
          end={
            tab === 'response-body' &&
            body.length > 0 &&
            arriving === undefined && <BodyTools body={body} form={form} text={text} view={view} onView={setChosen} />
          }
        />
      </div>
    </div>
  )
}

function Summary({ response, arriving, record, onShowRecord }: AnswerProps) {
  const { timeToHeaders, duration, headerBytes, bodyBytes } = response
  return (
    <div className={styles.summary} role="status" aria-label="Response">
      <Badge
        tone={toneOf(response.status)}
        className={styles.status}
        title={`${response.status} ${response.statusText}`}
        data-testid="response-status"
      >
        {response.status} {response.statusText}
      </Badge>
      <Tooltip
        content={`${formatDuration(timeToHeaders)} until the headers were here, ${formatDuration(duration)} until the last byte`}
      >
        <span data-testid="response-time">
          <span className={styles.split}>
            <b>{formatDuration(timeToHeaders)}</b> to headers ·{' '}
          </span>
          {arriving === undefined ? (
            <>
              <b>{formatDuration(duration)}</b> total
            </>
          ) : (
            <span className={styles.arrivingMark}>
              <Spinner size={11} label="More is on its way" /> <Elapsed since={arriving} />
            </span>
          )}
        </span>
      </Tooltip>
      <Tooltip
        content={`${formatBytes(headerBytes)} of headers, ${formatBytes(bodyBytes)} of body, as they came over the wire`}
      >
        <span data-testid="response-size">
          <span className={styles.split}>
            <b>{formatBytes(headerBytes)}</b> headers ·{' '}
          </span>
          <b>{formatBytes(bodyBytes)}</b> body
        </span>
      </Tooltip>
      {record && (
        <Button
          look="plain"
          size="small"
          icon={<ScrollText size={13} />}
          className={styles.record}
          title="Record and log lines of this request"
          onClick={() => onShowRecord(record.id)}
          data-testid="response-record"
        >
          Log
        </Button>
      )}
    </div>
  )
}

function toneOf(status: number): Tone {
  if (status >= 500) return 'danger'
  if (status >= 400) return 'warning'
  return status >= 300 ? 'info' : 'ok'
}

const viewLabels: Readonly<Record<BodyView, string>> = { pretty: 'Pretty', raw: 'Raw', preview: 'Preview', hex: 'Hex' }

interface BodyParts {
  readonly form: BodyForm
  readonly text: string
  readonly view: BodyView
}

function BodyTools({
  body,
  form,
  text,
  view,
  onView,
}: BodyParts & { readonly body: IncomingResponse['body']; readonly onView: (view: BodyView) => void }) {
  return (
    <>
      <Segmented
        label="View of the body"
        value={view}
        options={form.views.map((value) => ({ value, label: viewLabels[value] }))}
        onChange={onView}
      />
      <IconButton
        label="Copy the body"
        size="small"
        disabledReason={form.binary ? 'Binary: save it instead' : undefined}
        onClick={() => void copyText(text)}
      >
        <Copy size={13} />
      </IconButton>
      <IconButton label="Save the body" size="small" onClick={() => saveBody(body, form.mediaType)}>
        <Download size={13} />
      </IconButton>
    </>
  )
}

/** What went wrong with it beyond its status: it is not whole, or the handler failed behind its back. */
function problemBehind({ problem }: IncomingResponse, record: RequestRecord | undefined): Problem | undefined {
  const why = record?.problem
  // That the client left is what the problem says already.
  if (!why || why.code === 'runtime.client-gone') return problem
  return { ...why, message: `${problem?.message ?? 'The handler failed after its answer'}: ${why.message}` }
}

interface BodyPaneProps extends BodyParts {
  readonly response: IncomingResponse
  readonly isArriving: boolean
  readonly record: RequestRecord | undefined
}

function BodyPane({ response, form, text, view, isArriving, record }: BodyPaneProps) {
  const { body } = response
  const details = useMemo(() => problemDetails(form.mediaType, text), [form, text])
  const problem: Problem | undefined = details
    ? {
        code: 'response.problem',
        message: details.detail ?? details.title,
        ...(details.where === undefined || details.where === response.requestId
          ? {}
          : { where: { file: details.where } }),
        ...(details.hint === undefined ? {} : { hint: details.hint }),
      }
    : problemBehind(response, record)
  if (body.length === 0 && !problem)
    return isArriving ? (
      <EmptyState title="Nothing of the body yet">Its headers are here, the rest is shown as it comes.</EmptyState>
    ) : (
      <EmptyState title="No body">The response ended after its headers.</EmptyState>
    )
  return (
    <div className={styles.bodyPane}>
      {response.truncated && (
        <p className={styles.truncated}>More came than is kept: these are the first {formatBytes(body.length)}.</p>
      )}
      {problem && !(details && view === 'hex') && (
        <div className={styles.notice}>
          <ProblemNotice
            problem={problem}
            tone={response.problem?.code === 'request.cancelled' ? 'warning' : 'danger'}
          />
        </div>
      )}
      <div className={styles.fill} data-testid="response-body">
        {isArriving && view !== 'hex' && <Arriving text={text} />}
        {view === 'hex' && <HexView bytes={body} label="Body in hexadecimal" />}
        {!isArriving && view === 'pretty' && (
          <CodeEditor label="Body" value={prettyOf(text, form.language)} language={form.language} readOnly wrap />
        )}
        {!isArriving && view === 'raw' && (
          <CodeEditor label="Body as it came" value={text} language="plaintext" readOnly wrap lineNumbers={false} />
        )}
        {!isArriving && view === 'preview' && form.preview === 'image' && (
          <div className={styles.picture}>
            <img src={dataUrl(body, form.mediaType)} alt="The response body" />
          </div>
        )}
        {/* No scripts, no origin, no network: the page's own policy holds inside as well. */}
        {!isArriving && view === 'preview' && form.preview === 'page' && (
          <iframe className={styles.page} sandbox="" srcDoc={text} title="Preview of the response body" />
        )}
      </div>
    </div>
  )
}

/** The end of a text that is still coming. */
function Arriving({ text }: { readonly text: string }) {
  const view = useRef<HTMLPreElement>(null)
  useLayoutEffect(() => {
    view.current?.scrollTo({ top: view.current.scrollHeight })
  }, [text])
  return (
    <pre ref={view} className={styles.arriving} aria-label="Body so far">
      {text.slice(-arrivingLength)}
    </pre>
  )
}

/** Characters of a text that are shown while it comes. */
const arrivingLength = 20_000

function HeaderTable({ headers }: { readonly headers: IncomingResponse['headers'] }) {
  return (
    <table className={styles.headers} data-selectable>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {headers.map(([name, value], index) => (
          // A name may come several times; the list never changes.
          <tr key={`${index} ${name}`}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notify('Copied the body')
  } catch {
    showProblem({
      code: 'clipboard.denied',
      message: 'The clipboard cannot be written.',
      hint: 'Select the text and copy it by keyboard instead.',
    })
  }
}

function saveBody(body: Uint8Array, mediaType: string): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(body)], { type: 'application/octet-stream' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: `response.${extensionOf(mediaType)}` })
  link.click()
  URL.revokeObjectURL(url)
}

function extensionOf(mediaType: string): string {
  const known: Readonly<Record<string, string>> = {
    'text/plain': 'txt',
    'text/html': 'html',
    'image/svg+xml': 'svg',
    'image/jpeg': 'jpg',
    'application/wasm': 'wasm',
  }
  const subtype = /\/(?:.*\+)?([a-z0-9]+)$/.exec(mediaType)?.[1]
  return known[mediaType] ?? (mediaType.startsWith('application/octet') ? 'bin' : (subtype ?? 'bin'))
}
