import { WandSparkles } from 'lucide-react'
import { type ReactNode, useRef, useState } from 'react'
import { CodeEditor } from '../editor/CodeEditor.tsx'
import { Badge } from '../ui/Badge.tsx'
import { Button, IconButton } from '../ui/Button.tsx'
import { Segmented } from '../ui/Segmented.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { formatBytes } from '../ui/format.ts'
import { showProblem } from '../ui/notify.tsx'
import { RowTable } from './RowTable.tsx'
import styles from './playground.module.css'
import { type Body, type BodyKind, type RequestDraft, headerProblem, jsonProblem, urlWithQuery } from './request.ts'
import { prettyOf } from './response.ts'
import { usePlayground } from './store.ts'

const headerNames = [
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'cache-control',
  'content-type',
  'cookie',
  'if-modified-since',
  'if-none-match',
  'origin',
  'range',
  'referer',
  'traceparent',
  'user-agent',
  'x-forwarded-for',
  'x-request-id',
]

const bodyKinds: readonly { readonly value: BodyKind; readonly label: string }[] = [
  { value: 'none', label: 'None' },
  { value: 'text', label: 'Text' },
  { value: 'json', label: 'JSON' },
  { value: 'form', label: 'Form' },
  { value: 'file', label: 'File' },
]

/** Query, headers and body of the request. */
export function RequestParts({ onSend }: { readonly onSend: () => void }) {
  const draft = usePlayground((state) => state.draft)
  const { edit } = usePlayground.getState()
  const [tab, setTab] = useState('query')
  const count = (rows: RequestDraft['headers']): ReactNode => {
    const on = rows.filter((row) => row.enabled && row.name !== '').length
    return on > 0 && <Badge>{on}</Badge>
  }
  return (
    <div className={styles.request}>
      <Tabs
        label="Parts of the request"
        value={tab}
        onChange={setTab}
        tabs={[
          {
            id: 'query',
            label: 'Query',
            badge: count(draft.query),
            content: (
              <RowTable
                label="Query"
                item="parameter"
                rows={draft.query}
                onChange={(query) => edit({ query, url: urlWithQuery(draft.url, query) })}
              />
            ),
          },
          {
            id: 'headers',
            label: 'Headers',
            badge: count(draft.headers),
            content: (
              <RowTable
                label="Headers"
                item="header"
                rows={draft.headers}
                suggestions={headerNames}
                problemOf={headerProblem}
                onChange={(headers) => edit({ headers })}
              />
            ),
          },
          {
            id: 'body',
            label: 'Body',
            badge: draft.body.kind !== 'none' && <Badge>{draft.body.kind}</Badge>,
            content: <BodyEditor body={draft.body} onChange={(body) => edit({ body })} onSend={onSend} />,
          },
        ]}
      />
    </div>
  )
}

interface BodyEditorProps {
  readonly body: Body
  readonly onChange: (body: Body) => void
  readonly onSend: () => void
}

function BodyEditor({ body, onChange, onSend }: BodyEditorProps) {
  const wrong = body.kind === 'json' ? jsonProblem(body.text) : undefined
  return (
    <div className={styles.body}>
      <div className={styles.bodyBar}>
        <Segmented
          label="Kind of body"
          value={body.kind}
          options={bodyKinds}
          onChange={(kind) => onChange({ ...body, kind })}
        />
        {body.kind === 'json' && (
          <>
            <span className={styles.bodyNote} role="status">
              {wrong === undefined ? '' : wrong}
            </span>
            <IconButton
              label="Format JSON"
              size="small"
              disabledReason={wrong === undefined ? undefined : 'Not valid JSON'}
              onClick={() => onChange({ ...body, text: prettyOf(body.text, 'json') })}
            >
              <WandSparkles size={13} />
            </IconButton>
          </>
        )}
      </div>
      {body.kind === 'none' && <p className={styles.bodyEmpty}>This request has no body.</p>}
      {(body.kind === 'text' || body.kind === 'json') && (
        <div className={styles.fill}>
          <CodeEditor
            key={body.kind}
            label="Body"
            testId="request-body"
            value={body.text}
            language={body.kind === 'json' ? 'json' : 'plaintext'}
            wrap
            lineNumbers={false}
            onChange={(text) => onChange({ ...body, text })}
            onSubmit={onSend}
          />
        </div>
      )}
      {body.kind === 'form' && (
        <RowTable label="Form" item="field" rows={body.form} onChange={(form) => onChange({ ...body, form })} />
      )}
      {body.kind === 'file' && <FileBody body={body} onChange={onChange} />}
    </div>
  )
}

function FileBody({ body, onChange }: Pick<BodyEditorProps, 'body' | 'onChange'>) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <div className={styles.fileBody}>
      <input
        ref={input}
        type="file"
        className="visually-hidden"
        aria-label="File for the body"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0]
          if (!file) return
          void file.arrayBuffer().then(
            (buffer) =>
              onChange({ ...body, file: { name: file.name, type: file.type, bytes: new Uint8Array(buffer) } }),
            () =>
              showProblem({
                code: 'input.unreadable',
                message: `${file.name} cannot be read.`,
                hint: 'It may have been moved or removed; choose it again.',
              }),
          )
        }}
      />
      <Button onClick={() => input.current?.click()}>Choose a file…</Button>
      <span data-selectable>
        {body.file
          ? `${body.file.name} · ${formatBytes(body.file.bytes.length)}${body.file.type ? ` · ${body.file.type}` : ''}`
          : 'No file chosen'}
      </span>
    </div>
  )
}
