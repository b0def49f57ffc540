import { ChevronRight } from 'lucide-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { SizeNode } from '../../src-preload/contract.ts'
import { useSizes } from '../inspector/answers.ts'
import { Button } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { formatBytes } from '../ui/format.ts'
import { StripView } from './StripView.tsx'
import { type SizeItem, findItem, itemTree, tilesOf, visibleItems, wayTo } from './layout.ts'
import { formatShare } from './share.ts'
import styles from './size.module.css'

interface SizeViewProps {
  readonly hash: string | undefined
  /** What the file is called. */
  readonly name: string
  /** Library id of a file that can be changed; undefined for samples. */
  readonly id: string | undefined
}

/** Where every byte of a component goes: a map to see it, a list to walk it, and what strip would take away. */
export function SizeView({ hash, name, id }: SizeViewProps) {
  const answer = useSizes(hash === undefined ? undefined : { hash })
  if (hash === undefined) return <EmptyState title="No sizes yet">The file is not there to be read.</EmptyState>
  switch (answer.state) {
    case 'loading':
      return (
        <div className={styles.waiting}>
          <Spinner label="Measuring" />
        </div>
      )
    case 'failed':
      return (
        <div className={styles.notice}>
          <ProblemNotice
            problem={answer.problem}
            actions={
              <Button size="small" onClick={answer.retry}>
                Try again
              </Button>
            }
          />
        </div>
      )
    case 'ready':
      return (
        <div className={styles.root} data-testid="inspector-size">
          <StripView hash={hash} id={id} />
          <Explorer key={hash} root={answer.output.root} name={name} />
        </div>
      )
  }
}

function Explorer({ root, name }: { readonly root: SizeNode; readonly name: string }) {
  const tree = useMemo(() => itemTree({ ...root, name }), [root, name])
  const [topId, setTopId] = useState(tree.id)
  const [activeId, setActiveId] = useState(tree.id)
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set([tree.id]))
  const top = findItem(tree, topId) ?? tree

  const choose = (item: SizeItem): void => {
    setActiveId(item.id)
    setOpen((now) => new Set([...now, ...wayTo(item).map((one) => one.id)]))
    if (item.children.length > 0) setTopId(item.id)
  }
  return (
    <>
      <nav className={styles.way} aria-label="Shown part">
        {wayTo(top).map((item, index, way) => (
          <span key={item.id} className={styles.wayPart}>
            {index > 0 && <ChevronRight size={11} aria-hidden />}
            <button
              type="button"
              className={styles.wayStep}
              aria-current={index === way.length - 1 ? 'location' : undefined}
              onClick={() => choose(item)}
            >
              {item.node.name}
            </button>
          </span>
        ))}
        <span className={styles.waySize}>{formatBytes(top.node.size)}</span>
      </nav>
      <Treemap top={top} active={activeId} onChoose={choose} />
      <SizeList tree={tree} open={open} active={activeId} onOpen={setOpen} onChoose={choose} onActive={setActiveId} />
    </>
  )
}

function Treemap({
  top,
  active,
  onChoose,
}: {
  readonly top: SizeItem
  readonly active: string
  readonly onChoose: (item: SizeItem) => void
}) {
  const place = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  useEffect(() => {
    const element = place.current
    if (!element) return
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const tiles = useMemo(() => tilesOf(top, size.width, size.height), [top, size])
  return (
    // The list beneath says the same to those who cannot see or point.
    <div ref={place} className={styles.map} aria-hidden data-testid="treemap">
      {tiles.map(({ item, x, y, width, height, level, leaf }) => (
        <div
          key={item.id}
          className={styles.tile}
          data-hue={hueOf(item)}
          data-leaf={leaf ? '' : undefined}
          data-active={item.id === active ? '' : undefined}
          style={{ left: x, top: y, width, height, zIndex: level }}
          title={`${item.node.name}\n${item.node.kind} · ${formatBytes(item.node.size)} · ${formatShare(item.node.size, top.node.size)} of ${top.node.name}`}
          onClick={(event) => {
            event.stopPropagation()
            onChoose(item)
          }}
        >
          {width > 34 && height > 15 && (
            <span className={styles.tileText}>
              {item.node.name}
              {width > 90 && <span className={styles.tileSize}> {formatBytes(item.node.size)}</span>}
            </span>
          )}
        </div>
      ))}
      {tiles.length === 0 && size.width > 0 && <div className={styles.mapEmpty}>{top.node.name} has no parts</div>}
    </div>
  )
}

/** Colour by what the bytes are: code, data, names and the like, everything else. */
function hueOf({ node, parent }: SizeItem): string {
  const text = `${node.kind} ${node.name}`.toLowerCase()
  if (/function|code/.test(text)) return 'code'
  if (/data|segment/.test(text)) return 'data'
  if (/custom|name|producers/.test(text)) return 'custom'
  if (/module|component/.test(node.kind)) return 'unit'
  return parent && parent.depth > 0 && node.children === undefined ? hueOf(parent) : 'other'
}

interface SizeListProps {
  readonly tree: SizeItem
  readonly open: ReadonlySet<string>
  readonly active: string
  readonly onOpen: (open: ReadonlySet<string>) => void
  readonly onChoose: (item: SizeItem) => void
  readonly onActive: (id: string) => void
}

function SizeList({ tree, open, active, onOpen, onChoose, onActive }: SizeListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => visibleItems(tree, open), [tree, open])
  // Nothing here is memoized, which is all the rule asks for.
  // oxlint-disable-next-line react/incompatible-library
  const items = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 24,
    overscan: 10,
  })
  const at = rows.findIndex((row) => row.id === active)
  useEffect(() => {
    if (at >= 0) items.scrollToIndex(at, { align: 'auto' })
  }, [at, items])

  const fold = (item: SizeItem, wanted: boolean): void => {
    const next = new Set(open)
    if (wanted) next.add(item.id)
    else next.delete(item.id)
    onOpen(next)
  }
  const press = (event: KeyboardEvent): void => {
    const row = rows[at]
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + 10,
      PageUp: at - 10,
      Home: 0,
      End: rows.length - 1,
    }
    const target = steps[event.key]
    if (target !== undefined) {
      const next = rows[Math.max(0, Math.min(rows.length - 1, target))]
      if (next) onActive(next.id)
    } else if (!row) return
    else if (event.key === 'ArrowRight') fold(row, true)
    else if (event.key === 'ArrowLeft') {
      if (open.has(row.id) && row.children.length > 0) fold(row, false)
      else if (row.parent) onActive(row.parent.id)
    } else if (event.key === 'Enter' || event.key === ' ') onChoose(row)
    else return
    event.preventDefault()
  }
  return (
    <div
      ref={scroller}
      className={styles.list}
      role="tree"
      aria-label="Parts by size"
      tabIndex={0}
      aria-activedescendant={at >= 0 ? `size-row-${at}` : undefined}
      onKeyDown={press}
    >
      <div style={{ height: items.getTotalSize(), position: 'relative' }} role="presentation">
        {items.getVirtualItems().map((virtual) => {
          const item = rows[virtual.index]
          if (!item) return null
          const leaf = item.children.length === 0
          const whole = item.parent?.node.size ?? item.node.size
          return (
            <div
              key={item.id}
              id={`size-row-${virtual.index}`}
              className={styles.item}
              role="treeitem"
              aria-level={item.depth + 1}
              aria-selected={item.id === active}
              {...(leaf ? {} : { 'aria-expanded': open.has(item.id) })}
              style={{ transform: `translateY(${virtual.start}px)`, paddingLeft: `${0.5 + item.depth * 0.75}rem` }}
              onClick={() => onChoose(item)}
            >
              <span
                className={styles.fold}
                data-open={open.has(item.id) ? '' : undefined}
                aria-hidden
                onClick={(event) => {
                  event.stopPropagation()
                  fold(item, !open.has(item.id))
                }}
              >
                {!leaf && <ChevronRight size={12} />}
              </span>
              <span className={styles.swatch} data-hue={hueOf(item)} aria-hidden />
              <span
                className={styles.name}
                title={`${item.node.name} · ${item.node.kind} · at 0x${item.node.offset.toString(16)}`}
              >
                {item.node.name}
              </span>
              <span className={styles.kind}>{item.node.name.startsWith(item.node.kind) ? '' : item.node.kind}</span>
              <span className={styles.share}>{formatShare(item.node.size, whole)}</span>
              <span className={styles.bytes}>{formatBytes(item.node.size)}</span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
