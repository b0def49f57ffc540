import { ArrowDownToLine, CircleX, Trash2 } from 'lucide-react'
import type { Command } from '../commands/registry.ts'
import { showDrawer } from '../state/layout.ts'
import { clearRecords } from '../state/runtime.ts'
import { setFilter, useConsole } from './store.ts'

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
]
