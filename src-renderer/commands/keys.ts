/** Shortcuts as text: modifiers and one key joined by `+`, e.g. `Mod+Shift+P`. `Mod` is Command on a Mac and Control elsewhere. */

/** Is this the platform where `Mod` is Command? */
export function isMac(platform: string): boolean {
  return /^(darwin|mac)/i.test(platform)
}

export const onMac = isMac(typeof navigator === 'undefined' ? '' : navigator.platform)

function partsOf(keys: string): { readonly modifiers: readonly string[]; readonly key: string } {
  if (keys === '+' || keys.endsWith('++')) return { modifiers: keys.slice(0, -2).split('+').filter(Boolean), key: '+' }
  const parts = keys.split('+')
  const key = parts.pop() ?? ''
  return { modifiers: parts, key }
}

/** What a key press must say to be compared. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>

/** Does the key press mean this shortcut? */
export function matchesKeys(press: KeyPress, keys: string, mac = onMac): boolean {
  const { modifiers, key } = partsOf(keys)
  const wants = (modifier: string): boolean => modifiers.includes(modifier)
  const control = wants('Ctrl') || (wants('Mod') && !mac)
  const command = wants('Mod') && mac
  if (press.ctrlKey !== control || press.metaKey !== command || press.altKey !== wants('Alt')) return false
  // A sign such as `?` or `+` already tells of Shift; layouts differ in where it lies.
  const sign = key.length === 1 && !/[a-z0-9]/i.test(key)
  if (!sign && press.shiftKey !== wants('Shift')) return false
  if (press.key.toLowerCase() === key.toLowerCase()) return true
  // Layouts without Latin letters, and Alt or Shift that turn a key into another sign: the place of the key counts.
  return /^[a-z]$/i.test(key)
    ? press.code === `Key${key.toUpperCase()}`
    : /^\d$/.test(key) && press.code === `Digit${key}`
}

const macSigns: Readonly<Record<string, string>> = {
  Mod: '⌘',
  Shift: '⇧',
  Alt: '⌥',
  Ctrl: '⌃',
  Enter: '↩',
  Delete: '⌫',
  Escape: '⎋',
}
const signs: Readonly<Record<string, string>> = {
  Mod: 'Ctrl',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  Delete: 'Del',
}

/** The shortcut as the platform writes it: `Ctrl+Shift+P`, `⇧⌘P`. */
export function showKeys(keys: string, mac = onMac): string {
  const { modifiers, key } = partsOf(keys)
  const parts = [...modifiers, key]
  if (!mac) return parts.map((part) => signs[part] ?? part).join('+')
  return parts.map((part) => macSigns[part] ?? signs[part] ?? part).join('')
}
