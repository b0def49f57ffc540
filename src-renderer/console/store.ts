import { create } from 'zustand'
import { showDrawer } from '../state/layout.ts'
import { type ConsoleFilter, type ConsoleOrder, byTime, everything } from './rows.ts'

interface ConsoleView {
  readonly filter: ConsoleFilter
  readonly order: ConsoleOrder
  /** Requests whose times are unfolded. */
  readonly open: ReadonlySet<string>
  /** Key of the row that the keyboard is at. */
  readonly active: string | undefined
  /** Stay at the newest row. */
  readonly follow: boolean
  /** Shows the table of handlers above the rows. */
  readonly handlers: boolean
  /** Counts requests to bring the active row into view. */
  readonly revealed: number
}

export const useConsole = create<ConsoleView>()(() => ({
  filter: everything,
  order: byTime,
  open: new Set<string>(),
  active: undefined,
  follow: true,
  handlers: false,
  revealed: 0,
}))

export function setFilter(change: Partial<ConsoleFilter>): void {
  useConsole.setState(({ filter }) => ({ filter: { ...filter, ...change } }))
}

/**
 * Puts the requests in order of this; asked for again, the other way round. Figures begin with the greatest, since those are
 * looked for. Only by time is there a newest row to stay at.
 */
export function orderBy(by: ConsoleOrder['by']): void {
  useConsole.setState(({ order, follow }) => {
    const descending = order.by === by ? !order.descending : by !== 'time' && by !== 'target'
    return { order: { by, descending }, follow: follow && by === 'time' && !descending }
  })
}

/** Stays at the newest row, or no longer; there is one only in the order of time. */
export function toggleFollow(): void {
  useConsole.setState(({ follow }) => (follow ? { follow: false } : { follow: true, order: byTime }))
}

export function toggleRequest(id: string, open?: boolean): void {
  useConsole.setState((now) => {
    const next = new Set(now.open)
    if (open ?? !next.has(id)) next.add(id)
    else next.delete(id)
    return { open: next }
  })
}

/** Brings one request into view with its times unfolded, whatever was filtered. */
export function showRequest(id: string): void {
  useConsole.setState(({ open, revealed }) => ({
    filter: everything,
    order: byTime,
    open: new Set([...open, id]),
    active: `request-${id}`,
    follow: false,
    revealed: revealed + 1,
  }))
  showDrawer('console')
}
