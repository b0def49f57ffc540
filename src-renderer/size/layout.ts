import { type HierarchyRectangularNode, hierarchy, treemap, treemapSquarify } from 'd3-hierarchy'
import type { SizeNode } from '../../src-preload/contract.ts'

/** A node of the size tree with its way from the root; what the map and the list both show. */
export interface SizeItem {
  /** Names from the root down, joined; unique among siblings by their offsets. */
  readonly id: string
  readonly node: SizeNode
  readonly depth: number
  readonly parent: SizeItem | undefined
  readonly children: readonly SizeItem[]
}

/** The tree with ids and parents; children largest first. */
export function itemTree(root: SizeNode): SizeItem {
  return grow(root, undefined, 0)
}

function grow(node: SizeNode, parent: SizeItem | undefined, depth: number): SizeItem {
  const children: SizeItem[] = []
  const item: SizeItem = {
    id: `${parent ? `${parent.id}/` : ''}${node.kind}@${node.offset}:${node.name}`,
    node,
    depth,
    parent,
    children,
  }
  const sorted = (node.children ?? []).toSorted((left, right) => right.size - left.size || left.offset - right.offset)
  for (const child of sorted) children.push(grow(child, item, depth + 1))
  return item
}

/** The item with this id at or below `item`. */
export function findItem(item: SizeItem, id: string): SizeItem | undefined {
  if (item.id === id) return item
  for (const child of item.children) {
    if (id === child.id || id.startsWith(`${child.id}/`)) return findItem(child, id)
  }
  return undefined
}

/** From the root down to the item, both included. */
export function wayTo(item: SizeItem): SizeItem[] {
  const way: SizeItem[] = []
  for (let at: SizeItem | undefined = item; at; at = at.parent) way.unshift(at)
  return way
}

/** Rows of the keyboard list: every item whose ancestors are all open. */
export function visibleItems(root: SizeItem, open: ReadonlySet<string>): SizeItem[] {
  const rows: SizeItem[] = []
  const add = (item: SizeItem): void => {
    rows.push(item)
    if (open.has(item.id)) for (const child of item.children) add(child)
  }
  add(root)
  return rows
}

/** One rectangle of the map, in pixels. */
export interface Tile {
  readonly item: SizeItem
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Levels below the item that fills the map. */
  readonly level: number
  readonly leaf: boolean
}

const titleHeight = 18
/** Below this edge, in pixels, nothing can be seen or hit. */
const smallest = 3
const most = 1500

/** Squarified rectangles of what lies below `top`, `levels` deep; titles of groups keep a strip. Stays bounded for huge trees. */
export function tilesOf(top: SizeItem, width: number, height: number, levels = 3): Tile[] {
  if (width < smallest || height < smallest || top.node.size <= 0) return []
  const root = hierarchy<SizeItem>(top, (item) => (item.depth - top.depth < levels ? item.children : []))
  // Not `sum`: a folded group counts with its whole size, and a group's own bytes stay blank.
  root.each((node) => Object.assign(node, { value: node.data.node.size }))
  const place = treemap<SizeItem>()
    .tile(treemapSquarify)
    .size([width, height])
    .paddingInner(1)
    .paddingOuter((node) => (node.depth === 0 ? 0 : 2))
    .paddingTop((node) => (node.depth === 0 ? 0 : titleHeight))
    .round(true)
  const placed: HierarchyRectangularNode<SizeItem> = place(root)
  const tiles: Tile[] = []
  placed.each((node) => {
    const tile: Tile = {
      item: node.data,
      x: node.x0,
      y: node.y0,
      width: node.x1 - node.x0,
      height: node.y1 - node.y0,
      level: node.depth,
      leaf: !node.children,
    }
    if (node.depth > 0 && tile.width >= smallest && tile.height >= smallest) tiles.push(tile)
  })
  if (tiles.length > most) {
    tiles.sort((left, right) => left.level - right.level || right.width * right.height - left.width * left.height)
    tiles.length = most
  }
  return tiles
}
