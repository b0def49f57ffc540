import { describe, expect, it } from 'vitest'
import { acceleratorOf } from './accelerator.ts'

describe('acceleratorOf', () => {
  it.each([
    ['Mod+Shift+P', 'CommandOrControl+Shift+P'],
    ['Mod+Alt+ArrowUp', 'CommandOrControl+Alt+Up'],
    ['Mod++', 'CommandOrControl+Plus'],
    ['Mod+=', 'CommandOrControl+='],
    ['Mod+-', 'CommandOrControl+-'],
    ['F5', 'F5'],
    ['Shift+F10', 'Shift+F10'],
    ['Delete', 'Delete'],
    ['?', '?'],
    ['Mod+Enter', 'CommandOrControl+Enter'],
  ])('writes %s as %s', (keys, accelerator) => {
    expect(acceleratorOf(keys)).toBe(accelerator)
  })

  it.each(['', 'Mod+', 'Hyper+P', 'Mod+ContextMenu', 'F25', 'Mod+é'])('has no word for %j', (keys) => {
    expect(acceleratorOf(keys)).toBeUndefined()
  })
})
