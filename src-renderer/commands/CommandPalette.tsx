import { Command as Palette } from 'cmdk'
import { Dialog as Radix } from 'radix-ui'
import { closeDialog, useLayout } from '../state/layout.ts'
import { Keys } from '../ui/Keys.tsx'
import styles from './CommandPalette.module.css'
import { type Context, readContext } from './context.ts'
import { showKeys } from './keys.ts'
import { labelEnd, rankCommand } from './rank.ts'
import { type Command, allCommands, blockedBy, labelOf, runCommand } from './registry.ts'

/** Every command by name. Ctrl+Shift+P, as in the editors our users come from. */
export function CommandPalette() {
  const open = useLayout((layout) => layout.dialog?.kind === 'palette')
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && closeDialog()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.overlay} />
        <Radix.Content className={styles.content} aria-describedby={undefined} data-testid="palette">
          <Radix.Title className="visually-hidden">Commands</Radix.Title>
          <Entries context={readContext()} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function Entries({ context }: { readonly context: Context }) {
  const groups = new Map<string, Command[]>()
  for (const command of allCommands()) {
    if (command.palette === false || blockedBy(command, context) !== undefined) continue
    const group = groupOf(command.id)
    groups.set(group, [...(groups.get(group) ?? []), command])
  }
  return (
    <Palette label="Commands" className={styles.palette} filter={rankCommand} loop>
      <Palette.Input className={styles.input} placeholder="What do you want to do?" autoFocus />
      <Palette.List className={styles.list}>
        <Palette.Empty className={styles.empty}>No command is called that.</Palette.Empty>
        {[...groups].map(([group, commands]) => (
          <Palette.Group key={group} heading={group} className={styles.group}>
            {commands.map((command) => (
              <Entry key={command.id} command={command} context={context} />
            ))}
          </Palette.Group>
        ))}
      </Palette.List>
    </Palette>
  )
}

function Entry({ command, context }: { readonly command: Command; readonly context: Context }) {
  const Icon = command.icon
  const keys = command.keys?.[0]
  const label = labelOf(command, context)
  return (
    <Palette.Item
      className={styles.item}
      value={`${label}${labelEnd}${command.id}`}
      {...(command.keywords === undefined ? {} : { keywords: [command.keywords] })}
      onSelect={() => {
        closeDialog()
        // After the dialog has given the focus back: the command may open another one.
        queueMicrotask(() => void runCommand(command.id))
      }}
    >
      <span className={styles.icon}>{Icon && <Icon size={15} aria-hidden />}</span>
      <span className={styles.label}>{label}</span>
      {keys !== undefined && <Keys keys={showKeys(keys)} />}
    </Palette.Item>
  )
}

const groupNames: Readonly<Record<string, string>> = {
  file: 'Project',
  components: 'Components',
  edit: 'Edit',
  canvas: 'Canvas',
  composition: 'Composition',
  run: 'Run',
  build: 'Build',
  view: 'View',
  window: 'Window',
  help: 'Help',
}

function groupOf(id: string): string {
  const area = id.slice(0, id.indexOf('.'))
  return groupNames[area] ?? area.charAt(0).toUpperCase() + area.slice(1)
}
