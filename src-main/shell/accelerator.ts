const named: Readonly<Record<string, string>> = {
  Mod: 'CommandOrControl',
  Ctrl: 'Control',
  Alt: 'Alt',
  Shift: 'Shift',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  '+': 'Plus',
  ' ': 'Space',
}
const plain =
  /^(?:[!-*,-~]|F[1-9]|F1\d|F2[0-4]|Space|Tab|Backspace|Delete|Insert|Enter|Return|Home|End|PageUp|PageDown|Escape|Plus|Up|Down|Left|Right)$/

/**
 * A shortcut of the window (`Mod+Shift+P`) as Electron writes it; undefined for one that Electron has no word for, because it
 * refuses a whole menu over one such key.
 */
export function acceleratorOf(keys: string): string | undefined {
  const parts = keys === '+' || keys.endsWith('++') ? [...keys.slice(0, -2).split('+'), '+'] : keys.split('+')
  const key = parts.pop() ?? ''
  const modifiers = parts.filter(Boolean).map((part) => named[part])
  const last = named[key] ?? key
  if (modifiers.includes(undefined) || !plain.test(last)) return undefined
  return [...modifiers, last].join('+')
}
