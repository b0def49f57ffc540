import { Check, ChevronRight } from 'lucide-react'
import { Menubar } from 'radix-ui'
import menuStyles from '../ui/Menu.module.css'
import { Keys } from '../ui/Keys.tsx'
import { useRecent } from '../state/recent.ts'
import styles from './MenuBar.module.css'
import { type Context, readContext } from './context.ts'
import { showKeys } from './keys.ts'
import { type MenuNode, menuTree, nativeMenu } from './menu.ts'
import { runCommand } from './registry.ts'
import type { MenuItem } from '../../src-preload/contract.ts'

/** The menus inside the page, for the browser. */
export function MenuBar() {
  const recent = useRecent((now) => now.folders)
  return (
    <Menubar.Root className={styles.bar} aria-label="Menu">
      {menuTree({ electron: false, recent }).map(({ label, nodes }) => (
        <Menubar.Menu key={label}>
          <Menubar.Trigger className={styles.trigger}>{label}</Menubar.Trigger>
          <Menubar.Portal>
            <Menubar.Content className={menuStyles.menu} align="start" sideOffset={4} collisionPadding={8}>
              <Nodes nodes={nodes} />
            </Menubar.Content>
          </Menubar.Portal>
        </Menubar.Menu>
      ))}
    </Menubar.Root>
  )
}

/** Drawn when a menu opens, so that it shows the state of that moment. */
function Nodes({ nodes }: { readonly nodes: readonly MenuNode[] }) {
  const context: Context = readContext()
  return <Items items={nativeMenu(nodes, context)} />
}

function Items({ items }: { readonly items: readonly MenuItem[] }) {
  return items.map((item, index) => {
    if (item.separator) return <Menubar.Separator key={`line-${index}`} className={menuStyles.separator} />
    if (item.items)
      return (
        <Menubar.Sub key={item.label}>
          <Menubar.SubTrigger className={menuStyles.item}>
            <span className={menuStyles.icon} />
            <span className={menuStyles.label}>{item.label}</span>
            <ChevronRight size={13} aria-hidden />
          </Menubar.SubTrigger>
          <Menubar.Portal>
            <Menubar.SubContent className={menuStyles.menu} sideOffset={2} collisionPadding={8}>
              <Items items={item.items} />
            </Menubar.SubContent>
          </Menubar.Portal>
        </Menubar.Sub>
      )
    return (
      <Menubar.Item
        key={item.command ?? item.label}
        className={menuStyles.item}
        disabled={item.enabled === false}
        data-testid={`menu-${item.command}`}
        onSelect={() => {
          const { command } = item
          // After the menu has given the focus back.
          if (command !== undefined) setTimeout(() => void runCommand(command), 0)
        }}
      >
        <span className={menuStyles.icon}>{item.checked && <Check size={14} aria-label="on" />}</span>
        <span className={menuStyles.label}>{item.label}</span>
        {item.keys !== undefined && <Keys keys={showKeys(item.keys)} className={menuStyles.keys} />}
      </Menubar.Item>
    )
  })
}
