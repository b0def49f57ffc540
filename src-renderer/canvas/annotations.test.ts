import { describe, expect, it } from 'vitest'
import {
  type Box,
  groupOf,
  moved,
  refitted,
  rejoined,
  withGroup,
  withNote,
  withoutAnnotations,
} from '../state/annotations.ts'
import { type Tables, emptyTables, withGraph, graphOf } from '../state/document.ts'
import { emptyHistory, record, stepBack } from '../state/history.ts'
import { aligned, distributed } from './align.ts'
import { clipOf, insertClip, readClip } from './clipboard.ts'
import { noteBlocks } from './note-text.tsx'
import { snap } from './snapping.ts'

const size = () => ({ width: 100, height: 50 })
const tables: Tables = {
  ...emptyTables,
  packages: { p: { name: 'local:p', hash: '00' } },
  instances: { a: { package: 'p' }, b: { package: 'p' }, c: { package: 'p' } },
  positions: { a: { x: 0, y: 0 }, b: { x: 200, y: 100 }, c: { x: 900, y: 900 } },
}
const { tables: grouped, id = '' } = withGroup(tables, ['a', 'b', '$world'], size, 'Pair')

describe('a group', () => {
  it('frames its members with room for the name, and nothing else', () => {
    expect(grouped.groups[id]).toEqual({
      name: 'Pair',
      x: -24,
      y: -58,
      width: 348,
      height: 232,
      members: ['a', 'b'],
    })
    expect(withGroup(tables, ['$world', 'gone'], size)).toEqual({ tables, id: undefined })
  })

  it('takes its members along, but for those that go elsewhere', () => {
    const after = moved(
      grouped,
      new Map([
        [id, { x: 76, y: 42 }],
        ['b', { x: 7, y: 7 }],
      ]),
    )
    expect(after.positions).toMatchObject({ a: { x: 100, y: 100 }, b: { x: 7, y: 7 }, c: { x: 900, y: 900 } })
    expect(after.groups[id]).toMatchObject({ x: 76, y: 42, width: 348 })
  })

  it('is joined by what is dropped into it and left by what is dragged out; the smaller of two frames counts', () => {
    const away = rejoined(moved(grouped, new Map([['a', { x: 2000, y: 0 }]])), ['a'], size)
    expect(away.groups[id]?.members).toEqual(['b'])
    const back = rejoined(moved(away, new Map([['a', { x: 10, y: 10 }]])), ['a'], size)
    expect(back.groups[id]?.members).toEqual(['a', 'b'])
    expect(rejoined(back, ['a', 'b', '$world', id], size)).toBe(back)
    const inner = { name: 'Inner', x: 0, y: 0, width: 120, height: 80, members: [] }
    const nested = rejoined({ ...back, groups: { ...back.groups, '$group-9': inner } }, ['a'], size)
    expect(groupOf(nested.groups, 'a')).toBe('$group-9')
    expect(nested.groups[id]?.members).toEqual(['b'])
  })

  it('leaves its members when it goes, and forgets those that are gone', () => {
    expect(withoutAnnotations(grouped, new Set([id]))).toEqual(tables)
    const { a: _, ...instances } = tables.instances
    expect(withGraph(grouped, { ...graphOf(grouped), instances }).groups[id]?.members).toEqual(['b'])
  })

  it('moves over when its nodes are grouped anew, and fits itself to them on demand', () => {
    const again = withGroup(grouped, ['b', 'c'], size)
    expect(again.id).toBe('$group-2')
    expect(again.tables.groups[id]?.members).toEqual(['a'])
    expect(refitted(again.tables, [id], size).groups[id]).toMatchObject({ x: -24, y: -58, width: 148, height: 132 })
  })

  it('is copied with its members, notes and wires, under names of its own', () => {
    const noted = withNote(grouped, { x: 5, y: 5 }, 'Hello')
    const row = grouped.groups[id]
    if (!row) throw new Error('no group')
    const all = { ...noted.tables, groups: { [id]: { ...row, members: ['a', 'b', noted.id] } } }
    const clip = readClip(JSON.stringify(clipOf(all, [], [id])))
    if (!clip) throw new Error('not readable')
    expect(Object.keys(clip.instances)).toEqual(['a', 'b'])
    const pasted = insertClip(all, clip, () => 'p', { x: 1000, y: 1000 })
    expect(pasted.annotations).toEqual(['$note-2', '$group-2'])
    expect(pasted.tables.groups['$group-2']?.members).toEqual([...pasted.instances, '$note-2'])
    expect(pasted.tables.notes['$note-2']).toMatchObject({ text: 'Hello', x: 1029, y: 1063 })
  })
})

describe('a gesture in steps', () => {
  it('is one entry that goes back to before the first step', () => {
    const change = (before: number, after: number) => ({
      label: 'Move',
      changes: [{ table: 'positions', key: 'a', before, after }],
    })
    const first = record(emptyHistory, change(0, 1), 'nudge a')
    const history = record(record(first, change(1, 2), 'nudge a'), change(2, 3), 'nudge a')
    expect(history.past).toEqual([change(0, 3)])
    expect(stepBack(history)?.delta.changes[0]).toMatchObject({ before: 3, after: 0 })
    expect(record(history, change(3, 4), 'nudge b').past).toHaveLength(2)
    expect(record(history, change(3, 4)).past).toHaveLength(2)
    // After an undo a new gesture begins.
    const undone = stepBack(history)?.history ?? emptyHistory
    expect(record(record(undone, change(0, 1), 'nudge a'), change(1, 2)).past).toHaveLength(2)
  })
})

describe('order on the canvas', () => {
  const boxes = new Map<string, Box>([
    ['a', { x: 0, y: 10, width: 100, height: 50 }],
    ['b', { x: 130, y: 0, width: 50, height: 100 }],
    ['c', { x: 400, y: 300, width: 100, height: 50 }],
  ])
  it('aligns with the outermost', () => {
    expect([...aligned(boxes, 'right').values()].map(({ x }) => x)).toEqual([400, 450, 400])
    expect([...aligned(boxes, 'top').values()].map(({ y }) => y)).toEqual([0, 0, 0])
    expect([...aligned(boxes, 'middle').values()].map(({ y }) => y)).toEqual([150, 125, 150])
  })
  it('leaves the same room between each two', () => {
    const places = distributed(boxes, 'x')
    expect([...places].map(([name, { x }]) => [name, x])).toEqual([
      ['a', 0],
      ['b', 225],
      ['c', 400],
    ])
    expect(distributed(new Map([...boxes].slice(0, 2)), 'x').get('b')).toEqual({ x: 130, y: 0 })
  })
  it('snaps to edges and middles within reach, and to the grid otherwise', () => {
    const others = [{ x: 200, y: 0, width: 100, height: 100 }]
    const near = snap({ x: 203, y: 400, width: 60, height: 40 }, { others, grid: false, reach: 6 })
    expect(near.place).toEqual({ x: 200, y: 400 })
    expect(near.guides).toEqual([{ axis: 'x', at: 200, from: 0, to: 440 }])
    expect(snap({ x: 236, y: 58, width: 60, height: 40 }, { others, grid: false, reach: 6 }).place).toEqual({
      x: 240,
      y: 60,
    })
    expect(snap({ x: 60, y: 500, width: 10, height: 10 }, { others, grid: true, reach: 6 })).toEqual({
      place: { x: 66, y: 506 },
      guides: [],
    })
  })
})

describe('a note', () => {
  it('reads a little Markdown and keeps the rest as typed', () => {
    expect(noteBlocks('# Title\ntext\nmore\n\n- one\n- two\n```\n# code\n```\n<b>not markup</b>')).toEqual([
      { kind: 'heading', lines: ['Title'] },
      { kind: 'paragraph', lines: ['text', 'more'] },
      { kind: 'list', lines: ['one', 'two'] },
      { kind: 'code', lines: ['# code'] },
      { kind: 'paragraph', lines: ['<b>not markup</b>'] },
    ])
    expect(noteBlocks('')).toEqual([])
    expect(noteBlocks('```\nnever closed')).toEqual([{ kind: 'code', lines: ['never closed'] }])
  })
})
