import { Activity, ArrowDownToLine, CircleX, Copy, FileDown, Hash, Link, Send, ShieldCheck, Trash2 } from 'lucide-react'
import type { RequestRecord } from '../../src-preload/contract.ts'
import type { Context } from '../commands/context.ts'
import type { Command } from '../commands/registry.ts'
import { showDrawer } from '../state/layout.ts'
import { copyCurl } from '../playground/RequestLine.tsx'
import { usePlayground } from '../playground/store.ts'
import { allowDenied } from '../run-settings/grant.ts'
import { clearRecords } from '../state/runtime.ts'
import { notify } from '../ui/notify.tsx'
import { exportRecords } from './export.ts'
import { addressIn, draftOf } from './replay.ts'
import { setFilter, toggleFollow, useConsole } from './store.ts'

function hasRecords({ runtime }: Context): true | string {
  return runtime.records.length > 0 || 'Nothing was asked for yet.'
}

/** The request that the keyboard is at, or what is beneath it. */
function chosen({ runtime }: Context): RequestRecord | undefined {
  const { active } = useConsole.getState()
  const id = active?.replace(/^(request|problem|spans)-/, '')
  const line = runtime.lines.find(({ sequence }) => active === `line-${sequence}`)
  return runtime.records.find((record) => record.id === (line ? line.request : id))
}

/** For commands that do something with the chosen request. */
const withChosen = (
  run: (record: RequestRecord, context: Context) => void | Promise<void>,
): Pick<Command, 'when' | 'run'> => ({
  when: (context) => chosen(context) !== undefined || 'Choose a request in the console first.',
  run: (context) => {
    const record = chosen(context)
    return record && run(record, context)
  },
})

/** Where requests come in now; records of a run that has ended go to the address of the next. */
const originOf = ({ runtime }: Context): string =>
  runtime.status.url ?? usePlayground.getState().origin ?? 'http://127.0.0.1/'

const copy = async (text: string, what: string): Promise<void> => {
  await navigator.clipboard.writeText(text)
  notify(what, { detail: text })
}

/** What can be done with one request. */
const requestCommands: readonly Command[] = [
  {
    id: 'console.sendAgain',
    label: 'Send again from the playground',
    icon: Send,
    keywords: 'replay repeat request',
    ...withChosen((record, context) => {
      const { draft, notes } = draftOf(record, originOf(context))
      usePlayground.getState().setDraft(draft, notes)
      showDrawer('playground')
    }),
  },
  {
    id: 'console.copyCurl',
    label: 'Copy the chosen request as curl',
    icon: Copy,
    ...withChosen((record, context) => copyCurl(draftOf(record, originOf(context)).draft)),
  },
  {
    id: 'console.copyAddress',
    label: 'Copy its address',
    icon: Link,
    palette: false,
    ...withChosen((record, context) => copy(addressIn(originOf(context), record.target), 'Address copied')),
  },
  {
    id: 'console.copyId',
    label: 'Copy its request id',
    icon: Hash,
    palette: false,
    ...withChosen((record) => copy(record.id, 'Request id copied')),
  },
]

/** Commands about the console. */
export const consoleCommands: readonly Command[] = [
  ...requestCommands,
  {
    id: 'console.clear',
    label: 'Clear the console',
    icon: Trash2,
    when: ({ runtime }) => runtime.records.length + runtime.lines.length > 0 || 'The console is empty.',
    run: clearRecords,
  },
  {
    id: 'console.follow',
    label: 'Follow the newest line',
    icon: ArrowDownToLine,
    checked: () => useConsole.getState().follow,
    run: () => {
      toggleFollow()
      showDrawer('console')
    },
  },
  {
    id: 'console.failures',
    label: 'Show failures only',
    icon: CircleX,
    checked: () => useConsole.getState().filter.failures,
    run: () => {
      setFilter({ failures: !useConsole.getState().filter.failures })
      showDrawer('console')
    },
  },
  {
    id: 'console.handlers',
    label: 'Show what goes through the handlers',
    icon: Activity,
    keywords: 'traffic breaker requests per second memory workers',
    checked: () => useConsole.getState().handlers,
    run: () => {
      useConsole.setState(({ handlers }) => ({ handlers: !handlers }))
      showDrawer('console')
    },
  },
  {
    id: 'console.allowDenied',
    label: 'Allow what was denied last',
    icon: ShieldCheck,
    keywords: 'grant host socket network denial',
    when: ({ runtime }) => runtime.lines.some(({ denied }) => denied) || 'Nothing was denied.',
    run: ({ runtime }, sequence) => {
      const line = runtime.lines.findLast(
        ({ denied, sequence: own }) => denied && (sequence === undefined || String(own) === sequence),
      )
      return line && allowDenied(line)
    },
  },
  {
    id: 'console.exportHar',
    label: 'Save the requests as HTTP archive (HAR)…',
    icon: FileDown,
    keywords: 'export network',
    when: hasRecords,
    run: () => exportRecords('har'),
  },
  {
    id: 'console.exportOtel',
    label: 'Save the requests as OpenTelemetry traces…',
    icon: FileDown,
    keywords: 'export otlp spans',
    when: hasRecords,
    run: () => exportRecords('otel'),
  },
]
