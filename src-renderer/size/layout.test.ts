import { describe, expect, it } from 'vitest'
import type { SizeNode } from '../../src-preload/contract.ts'
import { formatShare } from './share.ts'
import { findItem, itemTree, tilesOf, visibleItems, wayTo } from './layout.ts'

const root: SizeNode = {
  name: 'hello.wasm',
  kind: 'component',
  offset: 0,
  size: 1000,
  children: [
    { name: 'types', kind: 'section', offset: 8, size: 92 },
    {
      name: 'main',
      kind: 'module',
      offset: 100,
      size: 900,
      children: [
        {
          name: 'code',
          kind: 'section',
          offset: 110,
          size: 600,
          children: [
            { name: 'run', kind: 'function', offset: 120, size: 400 },
            { name: 'run', kind: 'function', offset: 520, size: 190 },
          ],
        },
        { name: 'data', kind: 'section', offset: 720, size: 280 },
      ],
    },
  ],
}

describe('the size tree', () => {
  const tree = itemTree(root)
  it('puts the largest first and tells twins apart', () => {
    expect(tree.children.map((item) => item.node.name)).toEqual(['main', 'types'])
    const ids = visibleItems(
      tree,
      new Set(tree.children.flatMap((item) => [tree.id, item.id, ...item.children.map((child) => child.id)])),
    ).map((item) => item.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(7)
  })
  it('finds by id and knows the way', () => {
    const run = tree.children[0]?.children[0]?.children[1]
    expect(run && findItem(tree, run.id)).toBe(run)
    expect(run && wayTo(run).map((item) => item.node.name)).toEqual(['hello.wasm', 'main', 'code', 'run'])
    expect(findItem(tree, 'nobody')).toBeUndefined()
  })
  it('shows what is open', () => {
    expect(visibleItems(tree, new Set([tree.id])).map((item) => item.node.name)).toEqual([
      'hello.wasm',
      'main',
      'types',
    ])
  })
})

describe('the map', () => {
  const tree = itemTree(root)
  it('gives each sibling a share of the area like its share of the bytes', () => {
    const top = tilesOf(tree, 1000, 500, 1)
    const area = (name: string): number =>
      top.filter((tile) => tile.item.node.name === name).reduce((sum, tile) => sum + tile.width * tile.height, 0)
    expect(top).toHaveLength(2)
    expect(area('main') / 500_000).toBeCloseTo(0.907, 1)
    expect(area('types') / 500_000).toBeCloseTo(0.093, 1)
  })
  it('keeps children inside their group and siblings apart', () => {
    const tiles = tilesOf(tree, 800, 600)
    for (const tile of tiles) {
      expect(tile.x >= 0 && tile.y >= 0 && tile.x + tile.width <= 800 && tile.y + tile.height <= 600).toBe(true)
      const parent = tiles.find((other) => other.item === tile.item.parent)
      if (parent)
        expect(
          tile.x >= parent.x &&
            tile.y >= parent.y &&
            tile.x + tile.width <= parent.x + parent.width &&
            tile.y + tile.height <= parent.y + parent.height,
        ).toBe(true)
    }
    expect(Math.max(...tiles.map((tile) => tile.level))).toBe(3)
  })
  it('is empty where there is no room or nothing, and bounded where there is much', () => {
    expect(tilesOf(tree, 0, 100)).toEqual([])
    expect(tilesOf(itemTree({ name: 'x', kind: 'component', offset: 0, size: 0 }), 100, 100)).toEqual([])
    const many = itemTree({
      name: 'x',
      kind: 'component',
      offset: 0,
      size: 40_000,
      children: Array.from({ length: 40_000 }, (_, at) => ({ name: `f${at}`, kind: 'function', offset: at, size: 1 })),
    })
    expect(tilesOf(many, 2000, 1200).length).toBeLessThanOrEqual(1500)
  })
})

describe('a share', () => {
  it('is written with the digits it deserves', () => {
    expect([
      formatShare(0, 5),
      formatShare(1, 5000),
      formatShare(1, 30),
      formatShare(1, 2),
      formatShare(5, 5),
      formatShare(1, 0),
    ]).toEqual(['0 %', '<0.1 %', '3.3 %', '50 %', '100 %', '0 %'])
  })
})
