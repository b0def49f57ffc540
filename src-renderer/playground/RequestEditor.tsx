import { ChevronDown, ClipboardPaste, Copy, Send, Square, WandSparkles } from 'lucide-react'
import { type ReactNode, useRef, useState } from 'react'
import { toast } from 'sonner'
import { problemOf } from '../../src-engine/error.ts'
import { CodeEditor } from '../editor/CodeEditor.tsx'
import { Badge } from '../ui/Badge.tsx'
import { Button, IconButton } from '../ui/Button.tsx'
import { Input } from '../ui/Field.tsx'
import { Menu } from '../ui/Menu.tsx'
import { Segmented } from '../ui/Segmented.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { formatBytes } from '../ui/format.ts'
import { RowTable } from './RowTable.tsx'
import { isCurl, parseCurl, printCurl } from './curl.ts'
import styles from './playground.module.css'
import {
  type Body,
  type BodyKind,
  type RequestDraft,
  draftProblem,
  headerProblem,
  jsonProblem,
  methodProblem,
  methods,
  urlProblem,
  urlWithQuery,
} from './request.ts'
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

interface RequestEditorProps {
  readonly waiting: boolean
  readonly onSend: () => void
  readonly onCancel: () => void
}

/** The left half: method, address, query, headers, body. */
export function RequestEditor({ waiting, onSend, onCancel }: RequestEditorProps) {
  const draft = usePlayground((state) => state.draft)
  const notes = usePlayground((state) => state.notes)
  const { edit } = usePlayground.getState()
  const [tab, setTab] = useState('query')
  const problem = draftProblem(draft)
  const count = (rows: RequestDraft['headers']): ReactNode => {
    const on = rows.filter((row) => row.enabled && row.name !== '').length
    return on > 0 && <Badge>{on}</Badge>
  }
  return (
    <form
      className={styles.request}
      aria-label="Request"
      onSubmit={(event) => {
        event.preventDefault()
        if (!waiting) onSend()
      }}
    >
      <RequestLine draft={draft} waiting={waiting} problem={problem} onCancel={onCancel} />
      {notes.length > 0 && (
        <ul className={styles.notes} aria-label="Left out of the curl command">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <div className={styles.fill}>
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
    </form>
  )
}

interface RequestLineProps {
  readonly draft: RequestDraft
  readonly waiting: boolean
  readonly problem: string | undefined
  readonly onCancel: () => void
}

function RequestLine({ draft, waiting, problem, onCancel }: RequestLineProps) {
  const { edit, setUrl } = usePlayground.getState()
  const [touched, setTouched] = useState(false)
  const wrongUrl = touched ? urlProblem(draft.url) : undefined
  return (
    <>
      <div className={styles.line}>
        <div className={styles.method} data-method={draft.method}>
          <Input
            aria-label="Method"
            data-testid="request-method"
            value={draft.method}
            aria-invalid={methodProblem(draft.method) !== undefined}
            onChange={(event) => edit({ method: event.target.value.toUpperCase() })}
          />
          <Menu
            trigger={
              <IconButton label="Choose a method" size="small">
                <ChevronDown size={13} />
              </IconButton>
            }
            entries={methods.map((method) => ({
              id: method,
              label: method,
              checked: method === draft.method,
              onSelect: () => edit({ method }),
            }))}
          />
        </div>
        <Input
          className={styles.url}
          aria-label="Address"
          data-testid="request-url"
          placeholder="http://127.0.0.1:8080/ — or paste a curl command"
          value={draft.url}
          aria-invalid={wrongUrl !== undefined}
          title={wrongUrl}
          onBlur={() => setTouched(true)}
          onFocus={() => setTouched(false)}
          onChange={(event) => setUrl(event.target.value)}
          onPaste={(event) => {
            const text = event.clipboardData.getData('text/plain')
            if (!isCurl(text)) return
            event.preventDefault()
            readCurl(text)
          }}
        />
        {waiting ? (
          <Button look="danger" icon={<Square size={13} />} onClick={onCancel} data-testid="request-cancel">
            Cancel
          </Button>
        ) : (
          <Button
            look="primary"
            type="submit"
            icon={<Send size={13} />}
            disabledReason={problem}
            data-testid="request-send"
          >
            Send
          </Button>
        )}
        <Menu
          align="end"
          trigger={
            <IconButton label="More for this request">
              <ChevronDown size={14} />
            </IconButton>
          }
          entries={[
            { id: 'copy-curl', label: 'Copy as curl', icon: <Copy size={14} />, onSelect: () => void copyCurl(draft) },
            {
              id: 'paste-curl',
              label: 'Paste curl',
              icon: <ClipboardPaste size={14} />,
              onSelect: () => void pasteCurl(),
            },
          ]}
        />
      </div>
      {wrongUrl !== undefined && draft.url !== '' && (
        <div className={styles.lineProblem} role="alert">
          {wrongUrl}
        </div>
      )}
    </>
  )
}

/** Takes a curl command over into the editor; says what is wrong with one that cannot be read. */
function readCurl(text: string): void {
  try {
    const { draft, notes } = parseCurl(text)
    usePlayground.getState().setDraft(draft, notes)
  } catch (thrown) {
    const { message, hint } = problemOf(thrown)
    toast.error(message, { description: hint })
  }
}

/** Puts the request on the clipboard as a curl command. */
export async function copyCurl(draft: RequestDraft): Promise<void> {
  try {
    await navigator.clipboard.writeText(printCurl(draft))
    toast.success('Copied as curl')
  } catch {
    toast.error('The clipboard cannot be written', {
      description: 'Allow clipboard access for this page and try again.',
    })
  }
}

/** Reads a curl command from the clipboard. */
export async function pasteCurl(): Promise<void> {
  try {
    readCurl(await navigator.clipboard.readText())
  } catch {
    toast.error('The clipboard cannot be read', { description: 'Paste the command into the address field instead.' })
  }
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
              toast.error(`${file.name} cannot be read`, {
                description: 'It may have been moved or removed; choose it again.',
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
