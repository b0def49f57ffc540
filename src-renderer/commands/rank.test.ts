import { describe, expect, it } from 'vitest'
import { labelEnd, rankCommand } from './rank.ts'

const commands = [
  { label: 'World of the composition', keywords: 'imports exports target panel' },
  { label: 'Text of the composition', keywords: 'wac script source show hide panel' },
  { label: 'Wire all that is clear', keywords: 'connect' },
  { label: 'Show failures only', keywords: 'filter' },
]

function found(typed: string): string[] {
  return commands
    .map(({ label, keywords }) => ({ label, rank: rankCommand(`${label}${labelEnd}id`, typed, [keywords]) }))
    .filter(({ rank }) => rank > 0)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ label }) => label)
}

describe('commands by what was typed', () => {
  it.each([
    ['Wire all', 'Wire all that is clear'],
    ['all wire', 'Wire all that is clear'],
    ['wac', 'Text of the composition'],
    ['composition world', 'World of the composition'],
    ['panel world', 'World of the composition'],
    ['watic', 'Wire all that is clear'],
  ])('%s → %s', (typed, first) => {
    expect(found(typed)[0]).toBe(first)
  })

  it('finds nothing by letters that do not occur', () => {
    expect(found('xyzzy')).toEqual([])
  })
})
