import { Activity, ArrowDownToLine, CircleX, FileDown, ShieldCheck, Trash2 } from 'lucide-react'
import type { Context } from '../commands/context.ts'
import type { Command } from '../commands/registry.ts'
import { showDrawer } from '../state/layout.ts'
import { allowDenied } from '../run-settings/grant.ts'
import { clearRecords } from '../state/runtime.ts'
import { exportRecords } from './export.ts'
import { setFilter, useConsole } from './store.ts'

function hasRecords({ runtime }: Context): true | string {
  return runtime.records.length > 0 || 'Nothing was asked for yet.'
}

/** Commands about the console. */
export const consoleCommands: readonly Command[] = [
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
      useConsole.setState(({ follow }) => ({ follow: !follow }))
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
