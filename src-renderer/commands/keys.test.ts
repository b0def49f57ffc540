import { describe, expect, it } from 'vitest'
import { type KeyPress, matchesKeys, showKeys } from './keys.ts'

function press(key: string, modifiers: string = '', code = ''): KeyPress {
  return {
    key,
    code,
    ctrlKey: modifiers.includes('C'),
    metaKey: modifiers.includes('M'),
    shiftKey: modifiers.includes('S'),
    altKey: modifiers.includes('A'),
  }
}

describe('shortcuts', () => {
  it('Mod is Control, and Command on a Mac', () => {
    expect(matchesKeys(press('s', 'C'), 'Mod+S', false)).toBe(true)
    expect(matchesKeys(press('s', 'M'), 'Mod+S', false)).toBe(false)
    expect(matchesKeys(press('s', 'M'), 'Mod+S', true)).toBe(true)
    expect(matchesKeys(press('s', 'C'), 'Mod+S', true)).toBe(false)
  })
  it('all modifiers count', () => {
    expect(matchesKeys(press('Z', 'CS'), 'Mod+Shift+Z', false)).toBe(true)
    expect(matchesKeys(press('z', 'CS'), 'Mod+Z', false)).toBe(false)
    expect(matchesKeys(press('z', 'CA'), 'Mod+Z', false)).toBe(false)
    expect(matchesKeys(press('Delete'), 'Delete', false)).toBe(true)
    expect(matchesKeys(press('Delete', 'S'), 'Delete', false)).toBe(false)
  })
  it('signs are found wherever the layout puts them', () => {
    expect(matchesKeys(press('?', 'S'), '?', false)).toBe(true)
    expect(matchesKeys(press('=', 'C'), 'Mod+=', false)).toBe(true)
    expect(matchesKeys(press('+', 'CS'), 'Mod++', false)).toBe(true)
  })
  it('letters are found by place where the layout has other ones', () => {
    expect(matchesKeys(press('ы', 'C', 'KeyS'), 'Mod+S', false)).toBe(true)
    expect(matchesKeys(press('ы', 'C', 'KeyA'), 'Mod+S', false)).toBe(false)
  })
  it('writes them as the platform does', () => {
    expect(showKeys('Mod+Shift+P', false)).toBe('Ctrl+Shift+P')
    expect(showKeys('Mod+Shift+P', true)).toBe('⌘⇧P')
    expect(showKeys('Mod++', false)).toBe('Ctrl++')
    expect(showKeys('ArrowUp', false)).toBe('↑')
  })
})
