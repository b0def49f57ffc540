import { ChevronDown, ClipboardPaste, Copy, EllipsisVertical, Send, Square, Waypoints } from 'lucide-react'
import { useState } from 'react'
import { problemOf } from '../../src-engine/error.ts'
import { addressIn } from '../console/replay.ts'
import { useRuntime } from '../state/runtime.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { Input } from '../ui/Field.tsx'
import { Menu, type MenuEntry } from '../ui/Menu.tsx'
import { notify, showProblem } from '../ui/notify.tsx'
import { isCurl, parseCurl } from './curl.ts'
import { printCurl } from './curl-print.ts'
import styles from './playground.module.css'
import { type RequestDraft, draftProblem, methodProblem, methods, targetOf, urlProblem } from './request.ts'
import { type Exchange, usePlayground } from './store.ts'

interface RequestLineProps {
  readonly waiting: boolean
  readonly onSend: () => void
  readonly onCancel: () => void
}

/** Method, address, Send: Enter in any of them sends. */
export function RequestLine({ waiting, onSend, onCancel }: RequestLineProps) {
  const draft = usePlayground((state) => state.draft)
  const notes = usePlayground((state) => state.notes)
  const history = usePlayground((state) => state.history)
  const { edit, setUrl } = usePlayground.getState()
  const [left, setLeft] = useState(false)
  const wrongUrl = left && draft.url !== '' ? urlProblem(draft.url) : undefined
  return (
    <form
      className={styles.head}
      aria-label="Request"
      onSubmit={(event) => {
        event.preventDefault()
        if (!waiting) onSend()
      }}
    >
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
          onBlur={() => setLeft(true)}
          onFocus={() => setLeft(false)}
          onChange={(event) => setUrl(event.target.value)}
          onPaste={(event) => {
            const text = event.clipboardData.getData('text/plain')
            if (!isCurl(text)) return
            event.preventDefault()
            readCurl(text)
          }}
        />
        <HandlerMenu />
        {waiting ? (
          // A key each: one button that turned from Cancel into Send under the pointer would submit at once.
          <Button
            key="cancel"
            look="danger"
            icon={<Square size={12} />}
            onClick={onCancel}
            data-testid="request-cancel"
          >
            Cancel
          </Button>
        ) : (
          <Button
            key="send"
            look="primary"
            type="submit"
            icon={<Send size={13} />}
            disabledReason={draftProblem(draft)}
            aria-label="Send"
            data-testid="request-send"
          >
            <span className={styles.sendText}>Send</span>
          </Button>
        )}
        <Menu
          align="end"
          trigger={
            <IconButton label="More for this request">
              <EllipsisVertical size={15} />
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
            ...historyEntries(history),
          ]}
        />
      </div>
      {wrongUrl !== undefined && (
        <div className={styles.lineProblem} role="alert">
          {wrongUrl}
        </div>
      )}
      {notes.length > 0 && (
        <ul className={styles.notes} aria-label="Left out of this request">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </form>
  )
}

/** Where the handlers answer, when there is more than one address to choose. */
function HandlerMenu() {
  const { url: origin, handlers } = useRuntime((runtime) => runtime.status)
  const address = usePlayground((state) => state.draft.url)
  if (origin === undefined || handlers.length < 2) return null
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label="Choose a handler that is served" data-testid="request-handlers">
          <Waypoints size={15} />
        </IconButton>
      }
      entries={[
        { heading: 'Being served' },
        ...handlers.map(({ name, route, state }): MenuEntry => {
          const to = addressIn(origin, route)
          return {
            id: `handler-${name}`,
            label: route === '/' ? `/ (${name})` : route,
            checked: route === '/' ? address === to : address.startsWith(to),
            danger: state === 'failed',
            onSelect: () => usePlayground.getState().setUrl(to),
          }
        }),
      ]}
    />
  )
}

/** The last requests of this session, for windows too narrow to list them at the side. */
function historyEntries(history: readonly Exchange[]): MenuEntry[] {
  if (history.length === 0) return []
  return [
    { separator: true },
    { heading: 'Sent before' },
    ...history.slice(0, 12).map((exchange): MenuEntry => ({
      id: exchange.id,
      label: `${exchange.draft.method} ${targetOf(exchange.draft.url)}`,
      keys: exchange.outcome.kind === 'response' ? String(exchange.outcome.response.status) : exchange.outcome.kind,
      onSelect: () => usePlayground.getState().reopen(exchange.id),
    })),
  ]
}

/** Takes a curl command over into the editor; says what is wrong with one that cannot be read. */
function readCurl(text: string): void {
  try {
    const { draft, notes } = parseCurl(text)
    usePlayground.getState().setDraft(draft, notes)
  } catch (thrown) {
    showProblem(problemOf(thrown))
  }
}

/** Puts the request on the clipboard as a curl command. */
export async function copyCurl(draft: RequestDraft): Promise<void> {
  try {
    await navigator.clipboard.writeText(printCurl(draft))
    notify('Copied as curl')
  } catch {
    showProblem({
      code: 'clipboard.denied',
      message: 'The clipboard cannot be written.',
      hint: 'Allow this page to use the clipboard and try again.',
    })
  }
}

/** Reads a curl command from the clipboard. */
export async function pasteCurl(): Promise<void> {
  let text: string
  try {
    text = await navigator.clipboard.readText()
  } catch {
    showProblem(
      {
        code: 'clipboard.denied',
        message: 'The clipboard cannot be read from here.',
        hint: 'Paste the command into the address field instead.',
      },
      'info',
    )
    return
  }
  readCurl(text)
}
