import { Check } from 'lucide-react'
import { ContextMenu as RadixContext, DropdownMenu as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { Keys } from './Keys.tsx'
import styles from './Menu.module.css'

export type MenuEntry =
  | {
      readonly id: string
      readonly label: string
      readonly icon?: ReactNode
      readonly keys?: string | undefined
      readonly disabled?: boolean | undefined
      readonly checked?: boolean | undefined
      readonly danger?: boolean | undefined
      readonly onSelect: () => void
    }
  | { readonly separator: true }
  | { readonly heading: string }

type Parts = Pick<typeof Radix, 'Item' | 'Separator' | 'Label'>

/** Rows of a menu; the same for drop-downs, context menus and the menu bar. */
export function MenuEntries({ entries, parts }: { readonly entries: readonly MenuEntry[]; readonly parts: Parts }) {
  const anyMark = entries.some((entry) => 'label' in entry && (entry.icon !== undefined || entry.checked !== undefined))
  return entries.map((entry, index) => {
    // Separators and headings have no identity of their own; menus are drawn anew at every opening.
    if ('separator' in entry) return <parts.Separator key={`separator-${index}`} className={styles.separator} />
    if ('heading' in entry)
      return (
        <parts.Label key={`heading-${entry.heading}`} className={styles.heading}>
          {entry.heading}
        </parts.Label>
      )
    return (
      <parts.Item
        key={entry.id}
        className={styles.item}
        disabled={entry.disabled === true}
        data-danger={entry.danger === true}
        data-testid={`menu-${entry.id}`}
        onSelect={entry.onSelect}
      >
        {anyMark && (
          <span className={styles.icon}>{entry.checked ? <Check size={14} aria-label="on" /> : entry.icon}</span>
        )}
        <span className={styles.label}>{entry.label}</span>
        {entry.keys !== undefined && <Keys keys={entry.keys} className={styles.keys} />}
      </parts.Item>
    )
  })
}

/** A menu that opens beneath its button. */
export function Menu({
  trigger,
  entries,
  align = 'start',
}: {
  readonly trigger: ReactElement
  readonly entries: readonly MenuEntry[]
  readonly align?: 'start' | 'end'
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles.menu} align={align} sideOffset={4} collisionPadding={8}>
          <MenuEntries entries={entries} parts={Radix} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** A menu at the pointer (or on the menu key) for what is inside. The entries are asked for when it opens. */
export function ContextMenu({
  entries,
  children,
}: {
  readonly entries: () => readonly MenuEntry[]
  readonly children: ReactElement
}) {
  return (
    <RadixContext.Root>
      <RadixContext.Trigger asChild>{children}</RadixContext.Trigger>
      <RadixContext.Portal>
        <RadixContext.Content className={styles.menu} collisionPadding={8}>
          <AskedEntries entries={entries} />
        </RadixContext.Content>
      </RadixContext.Portal>
    </RadixContext.Root>
  )
}

function AskedEntries({ entries }: { readonly entries: () => readonly MenuEntry[] }) {
  return <MenuEntries entries={entries()} parts={RadixContext} />
}
