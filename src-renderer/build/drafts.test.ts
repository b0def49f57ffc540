import { describe, expect, it } from 'vitest'
import { afterWrite, keepMine, meetDisk, restoreDrafts, stateOf, storeDrafts, takeDisk, withText } from './drafts.ts'
import { freeName, nameProblem, suggestName } from './name.ts'

describe('a draft', () => {
  const opened = meetDisk(undefined, 'one')
  it('is clean, then edited, then clean once written', () => {
    expect(stateOf(opened)).toBe('clean')
    const edited = withText(opened, 'two')
    expect(stateOf(edited)).toBe('edited')
    expect(stateOf(afterWrite(edited, 'two'))).toBe('clean')
    expect(afterWrite(withText(edited, 'three'), 'two')).toEqual({ base: 'two', text: 'three' })
  })
  it('follows the disk while clean, and keeps the edit while the disk stands still', () => {
    expect(meetDisk(opened, 'new')).toEqual({ base: 'new', text: 'new' })
    expect(meetDisk(withText(opened, 'mine'), 'one')).toEqual({ base: 'one', text: 'mine' })
  })
  it('conflicts when both changed, loses neither text, and can be settled both ways', () => {
    const conflict = meetDisk(withText(opened, 'mine'), 'theirs')
    expect(stateOf(conflict)).toBe('conflict')
    expect(conflict).toEqual({ base: 'one', text: 'mine', disk: 'theirs' })
    expect(stateOf(keepMine(conflict))).toBe('edited')
    expect(keepMine(conflict)).toEqual({ base: 'theirs', text: 'mine' })
    expect(takeDisk(conflict)).toEqual({ base: 'theirs', text: 'theirs' })
    expect(withText(conflict, 'theirs')).toEqual({ base: 'theirs', text: 'theirs' })
    expect(meetDisk(conflict, 'mine')).toEqual({ base: 'mine', text: 'mine' })
    expect(meetDisk(conflict, 'one')).toEqual({ base: 'one', text: 'mine' })
  })
  it('outlives a reload when it is not on disk, and only then', () => {
    const drafts = { a: opened, b: withText(opened, 'mine'), c: meetDisk(withText(opened, 'mine'), 'theirs') }
    expect(restoreDrafts(storeDrafts(drafts))).toEqual({
      b: { base: 'one', text: 'mine' },
      c: { base: 'one', text: 'mine' },
    })
  })
  it.each([null, '', '{', '[]', '1', '{"a":1,"b":{"base":1,"text":"x"},"c":null}'])(
    'is not invented from %s',
    (stored) => {
      expect(restoreDrafts(stored)).toEqual({})
    },
  )
})

describe('the name of a component', () => {
  it.each([
    ['', /Give the component a name/],
    ['My-Handler', /Small letters only: "my-handler"/],
    ['a b', /No spaces/],
    ['1a', /starts with a letter/],
    ['a_b', /"_" cannot be part/],
    ['a/../b', /cannot be part/],
    ['a--b', /none is empty/],
    ['a-', /none is empty/],
    ['x'.repeat(65), /65 characters/],
    ['aux', /Windows keeps/],
    ['taken', /already has a component called taken/],
  ])('%j is refused with the reason', (name, reason) => {
    expect(nameProblem(name, ['taken'])).toMatch(reason)
  })
  it('is fine in kebab case', () => {
    expect(['a', 'my-handler', 'v2', 'x'.repeat(64)].map((name) => nameProblem(name, []))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
  it('is suggested from what was typed, and freed from what is taken', () => {
    expect(['My Handler', 'helloWorld_2', '  ', 'ärger'].map(suggestName)).toEqual([
      'my-handler',
      'hello-world-v2',
      '',
      'rger',
    ])
    expect(freeName('a', ['a', 'a-v2'])).toBe('a-v3')
    expect(nameProblem(freeName('a', ['a']), ['a'])).toBeUndefined()
  })
})
