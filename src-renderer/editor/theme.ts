import type { editor } from 'monaco-editor/editor'

type Editors = Pick<typeof editor, 'defineTheme' | 'setTheme'>

/** What Monaco calls a colour, and the token it follows. */
const surfaces: Readonly<Record<string, string>> = {
  'editor.background': '--editor-background',
  'editor.foreground': '--text',
  'editorLineNumber.foreground': '--text-faint',
  'editorLineNumber.activeForeground': '--text',
  'editorCursor.foreground': '--accent-text',
  'editor.selectionBackground': '--selected',
  'editor.inactiveSelectionBackground': '--active',
  'editor.lineHighlightBackground': '--hover',
  'editor.lineHighlightBorder': '--editor-background',
  'editorIndentGuide.background1': '--border',
  'editorIndentGuide.activeBackground1': '--border-strong',
  // One colour for all brackets: ours colour by meaning.
  'editorBracketHighlight.foreground1': '--text-muted',
  'editorBracketHighlight.foreground2': '--text-muted',
  'editorBracketHighlight.foreground3': '--text-muted',
  'editorBracketHighlight.unexpectedBracket.foreground': '--danger',
  'editorWidget.background': '--surface-raised',
  'editorWidget.border': '--border',
  'editorWidget.foreground': '--text',
  'editorHoverWidget.background': '--surface-raised',
  'editorHoverWidget.border': '--border',
  'editorSuggestWidget.background': '--surface-raised',
  'editorSuggestWidget.border': '--border',
  'editorSuggestWidget.selectedBackground': '--accent-soft',
  'editorSuggestWidget.selectedForeground': '--text',
  'menu.background': '--surface-raised',
  'menu.foreground': '--text',
  'menu.border': '--border',
  'menu.selectionBackground': '--accent',
  'menu.selectionForeground': '--on-accent',
  'menu.separatorBackground': '--border',
  'input.background': '--surface',
  'input.foreground': '--text',
  'input.border': '--border',
  'inputOption.activeBackground': '--accent-soft',
  'inputOption.activeForeground': '--accent-text',
  'quickInput.background': '--surface-raised',
  'quickInputList.focusBackground': '--accent-soft',
  'quickInputList.focusForeground': '--text',
  'list.hoverBackground': '--hover',
  focusBorder: '--focus',
  'widget.border': '--border',
  'editorError.foreground': '--danger-fill',
  'editorWarning.foreground': '--warning-fill',
  'editorGutter.background': '--editor-background',
  'scrollbarSlider.background': '--active',
  'scrollbarSlider.hoverBackground': '--border-strong',
  'scrollbarSlider.activeBackground': '--border-strong',
  'minimap.background': '--editor-background',
  'diffEditor.insertedLineBackground': '--ok-soft',
  'diffEditor.removedLineBackground': '--danger-soft',
  'diffEditor.insertedTextBackground': '--ok-mark',
  'diffEditor.removedTextBackground': '--danger-mark',
  'diffEditor.unchangedRegionBackground': '--surface-sunken',
  'diffEditor.unchangedRegionForeground': '--text-muted',
}

/** Kinds of token, in the grammars of ours and of Monaco, and the token of ours they follow. */
const inks: readonly { readonly token: string; readonly ink: string; readonly style?: string }[] = [
  { token: '', ink: '--text' },
  { token: 'comment', ink: '--text-faint', style: 'italic' },
  { token: 'comment.doc', ink: '--text-muted', style: 'italic' },
  { token: 'keyword', ink: '--accent-text' },
  { token: 'annotation', ink: '--text-faint' },
  { token: 'namespace', ink: '--warning' },
  { token: 'number', ink: '--warning' },
  { token: 'number.version', ink: '--text-faint' },
  { token: 'string', ink: '--ok' },
  { token: 'string.escape', ink: '--warning' },
  { token: 'string.key.json', ink: '--info' },
  { token: 'string.value.json', ink: '--ok' },
  { token: 'regexp', ink: '--danger' },
  { token: 'type', ink: '--info' },
  { token: 'type.identifier', ink: '--info' },
  { token: 'type.declaration', ink: '--info', style: 'bold' },
  { token: 'type.primitive', ink: '--ok' },
  { token: 'function', ink: '--text', style: 'bold' },
  { token: 'variable', ink: '--text' },
  { token: 'variable.declaration', ink: '--text', style: 'bold' },
  { token: 'identifier', ink: '--text' },
  { token: 'tag', ink: '--accent-text' },
  { token: 'attribute.name', ink: '--info' },
  { token: 'attribute.value', ink: '--ok' },
  { token: 'delimiter', ink: '--text-muted' },
  { token: 'operator', ink: '--text-muted' },
  { token: 'invalid', ink: '--danger' },
]

let pixel: CanvasRenderingContext2D | null | undefined

/** Any CSS colour as `#rrggbbaa`: painted and read back, so that every notation works. */
function hexOf(css: string): string | undefined {
  if (css === '') return undefined
  pixel ??= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', {
    willReadFrequently: true,
  })
  if (!pixel) return undefined
  pixel.clearRect(0, 0, 1, 1)
  pixel.fillStyle = css
  pixel.fillRect(0, 0, 1, 1)
  const bytes = pixel.getImageData(0, 0, 1, 1).data
  return `#${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** Name of the theme that fits the page now. */
export function themeName(): string {
  return document.documentElement.dataset['theme'] === 'dark' ? 'patchbay-dark' : 'patchbay-light'
}

function define(editors: Editors): void {
  const tokens = getComputedStyle(document.documentElement)
  const colourOf = (name: string): string | undefined =>
    hexOf(tokens.getPropertyValue(name).trim()) ?? hexOf(tokens.getPropertyValue('--text').trim())
  const colors: Record<string, string> = {}
  for (const [name, token] of Object.entries(surfaces)) {
    const colour = colourOf(token)
    if (colour !== undefined) colors[name] = colour
  }
  const rules = inks.map(({ token, ink, style }) => ({
    token,
    // Monaco's token colours have no alpha and no #.
    foreground: (colourOf(ink) ?? '#888888').slice(1, 7),
    ...(style === undefined ? {} : { fontStyle: style }),
  }))
  editors.defineTheme(themeName(), {
    base: themeName() === 'patchbay-dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules,
    colors,
  })
  editors.setTheme(themeName())
}

/** Dresses all editors in the page's tokens, now and whenever the page changes between light and dark. */
export function followTheme(editors: Editors): void {
  define(editors)
  new MutationObserver(() => define(editors)).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['data-theme'],
  })
}
