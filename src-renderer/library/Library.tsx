import { ChevronDown, ChevronRight, FolderOpen, Hammer, PackageOpen, Plus } from 'lucide-react'
import { type DragEvent, type KeyboardEvent, useMemo, useState } from 'react'
import { readContext, useContextNow } from '../commands/context.ts'
import { commandEntries } from '../commands/entries.tsx'
import { runCommand } from '../commands/registry.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { cableColour, coloursOf } from '../canvas/colours.ts'
import { placeInView } from '../canvas/flow.ts'
import { useProject } from '../state/project.ts'
import { selectLibraryItem, useSelection } from '../state/selection.ts'
import { IconButton } from '../ui/Button.tsx'
import { Button } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { SearchField } from '../ui/Field.tsx'
import { ContextMenu, Menu } from '../ui/Menu.tsx'
import { classes } from '../ui/classes.ts'
import { formatBytes } from '../ui/format.ts'
import { Tooltip } from '../ui/Tooltip.tsx'
import { iconOf, icons, purposeText } from './describe.ts'
import styles from './Library.module.css'
import { dragItem, putOnCanvas } from './place-item.ts'

const groups: readonly { readonly origin: LibraryItem['origin']; readonly title: string }[] = [
  { origin: 'project', title: 'Project' },
  { origin: 'folder', title: 'In this folder' },
  { origin: 'sample', title: 'Samples' },
]

/** Everything that can be put on the canvas. */
export function Library() {
  const library = useProject((project) => project.library)
  const [search, setSearch] = useState('')
  const shown = useMemo(() => library.filter((item) => matches(item, search)), [library, search])
  return (
    <section className={styles.root} aria-label="Library">
      <div className={styles.head}>
        <SearchField
          label="Search the library"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          data-testid="library-search"
        />
        <AddMenu />
      </div>
      <div className={styles.groups}>
        {groups.map(({ origin, title }) => (
          <Group
            key={origin}
            origin={origin}
            title={title}
            items={shown.filter((item) => item.origin === origin)}
            searching={search !== ''}
          />
        ))}
        {search !== '' && shown.length === 0 && (
          <EmptyState title="Nothing is called that" actions={<Button onClick={() => setSearch('')}>Show all</Button>}>
            Names, interfaces and descriptions were searched.
          </EmptyState>
        )}
      </div>
    </section>
  )
}

function AddMenu() {
  const context = useContextNow()
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label="Add components" look="secondary" data-testid="library-add">
          <Plus size={15} />
        </IconButton>
      }
      entries={commandEntries(['components.add', 'build.new'], context)}
    />
  )
}

function matches(item: LibraryItem, search: string): boolean {
  if (search === '') return true
  const names = [...(item.summary?.world.imports ?? []), ...(item.summary?.world.exports ?? [])].map(({ name }) => name)
  const text = [item.name, item.description ?? '', ...names].join(' ').toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

interface GroupProps {
  readonly origin: LibraryItem['origin']
  readonly title: string
  readonly items: readonly LibraryItem[]
  readonly searching: boolean
}

function Group({ origin, title, items, searching }: GroupProps) {
  const [open, setOpen] = useState(true)
  if (items.length === 0 && (origin !== 'project' || searching)) return null
  const Chevron = open ? ChevronDown : ChevronRight
  return (
    <section aria-label={title} className={styles.group}>
      <h2 className={styles.heading}>
        <button type="button" className={styles.fold} aria-expanded={open} onClick={() => setOpen(!open)}>
          <Chevron size={12} aria-hidden />
          {title}
          <span className={styles.count}>{items.length}</span>
        </button>
      </h2>
      {open && items.length === 0 && (
        <p className={styles.none}>
          No components yet. <FolderOpen size={12} aria-hidden /> Open .wasm files, drop them here, or make a new
          component.
        </p>
      )}
      {open && (
        <ul className={styles.list} onKeyDown={walk}>
          {items.map((item) => (
            <Item key={item.id} item={item} />
          ))}
        </ul>
      )}
    </section>
  )
}

/** Arrow keys go from item to item. */
function walk(event: KeyboardEvent<HTMLUListElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  const items = [...document.querySelectorAll<HTMLElement>('[data-library-item]')]
  const next = items[items.findIndex((item) => item === document.activeElement) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}

const itemMenu = [
  'library.add',
  'library.openAsGraph',
  '-',
  'build.source',
  'build.build',
  '-',
  'command.open',
  '-',
  'library.strip',
  'library.rename',
  'library.compare',
  'library.copyPath',
  '-',
  'library.remove',
]

function Item({ item }: { readonly item: LibraryItem }) {
  const selected = useSelection((selection) => selection.libraryItem === item.id)
  const packages = useProject((project) => project.tables.packages)
  const colour = useMemo(() => coloursOf(Object.keys(packages)).get(item.id), [packages, item.id])
  const count = useProject(
    (project) => Object.values(project.tables.instances).filter((instance) => instance.package === item.id).length,
  )
  const Icon = icons[iconOf(item)]
  const add = (): void => void putOnCanvas(item, placeInView(useProject.getState().tables.positions))
  return (
    <ContextMenu
      entries={() => {
        selectLibraryItem(item.id)
        return commandEntries(itemMenu, readContext())
      }}
    >
      <li className={classes(styles.item, selected && styles.selected)} data-status={item.status}>
        <button
          type="button"
          className={styles.main}
          data-library-item
          data-testid="library-item"
          data-item={item.id}
          aria-pressed={selected}
          draggable={item.status === 'ready'}
          onDragStart={(event: DragEvent) => dragItem(event.dataTransfer, item)}
          onClick={() => selectLibraryItem(item.id)}
          onDoubleClick={add}
          onKeyDown={(event) => {
            if (event.key === 'Enter') {
              event.preventDefault()
              add()
            } else if (event.key === 'F2') {
              selectLibraryItem(item.id)
              void runCommand('library.rename')
            } else if (event.key === 'Delete') {
              selectLibraryItem(item.id)
              void runCommand('library.remove')
            }
          }}
        >
          <span className={styles.icon} style={colour === undefined ? undefined : { color: cableColour(colour) }}>
            <Icon size={15} aria-hidden />
          </span>
          <span className={styles.texts}>
            <span className={styles.name}>{item.name}</span>
            <span
              className={styles.detail}
              data-tone={item.status === 'missing' || item.status === 'broken' ? 'danger' : undefined}
            >
              {describe(item)}
            </span>
          </span>
          {count > 0 && (
            <span className={styles.uses} title={`${count} on the canvas`}>
              {count}
            </span>
          )}
        </button>
        {item.status === 'ready' && (
          <Tooltip content="Add to the canvas">
            <button
              type="button"
              className={styles.add}
              aria-label={`Add ${item.name} to the canvas`}
              tabIndex={-1}
              onClick={add}
            >
              <Plus size={14} aria-hidden />
            </button>
          </Tooltip>
        )}
        {item.status === 'source' && (
          <Tooltip content="Build">
            <button
              type="button"
              className={classes(styles.add, styles.always)}
              aria-label={`Build ${item.name}`}
              onClick={() => {
                selectLibraryItem(item.id)
                void runCommand('build.build')
              }}
            >
              <Hammer size={13} aria-hidden />
            </button>
          </Tooltip>
        )}
        {item.status === 'missing' && <PackageOpen className={styles.mark} size={14} aria-hidden />}
      </li>
    </ContextMenu>
  )
}

function describe(item: LibraryItem): string {
  if (item.status === 'missing') return 'file is missing'
  if (item.status === 'broken') return item.problem?.message ?? 'cannot be read'
  if (item.status === 'source') return 'not built yet'
  return [item.summary ? formatBytes(item.summary.size) : undefined, purposeText(item)].filter(Boolean).join(' · ')
}
