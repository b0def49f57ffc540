import { Tabs as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import styles from './Tabs.module.css'

export interface TabItem {
  readonly id: string
  readonly label: string
  /** After the label: a count or a state. */
  readonly badge?: ReactNode
  readonly content: ReactNode
  /** Keep the content in the page while another tab is shown (an editor, a scroll position). */
  readonly keep?: boolean
}

export interface TabsProps {
  /** Accessible name of the list of tabs. */
  readonly label: string
  readonly tabs: readonly TabItem[]
  readonly value: string
  readonly onChange: (id: string) => void
  /** At the end of the bar. */
  readonly end?: ReactNode
  readonly testId?: string
}

/** Tabs with their panels, filling the height they are given. */
export function Tabs({ label, tabs, value, onChange, end, testId }: TabsProps) {
  return (
    <Radix.Root className={styles.root} value={value} onValueChange={onChange} data-testid={testId}>
      <div className={styles.bar}>
        <Radix.List className={styles.list} aria-label={label}>
          {tabs.map((tab) => (
            <Radix.Trigger key={tab.id} className={styles.tab} value={tab.id} data-testid={`tab-${tab.id}`}>
              {tab.label}
              {tab.badge}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {end !== undefined && <div className={styles.end}>{end}</div>}
      </div>
      {tabs.map((tab) => (
        <Radix.Content
          key={tab.id}
          className={styles.panel}
          value={tab.id}
          {...(tab.keep ? { forceMount: true, hidden: tab.id !== value } : {})}
        >
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  )
}
