import { useEffect, useRef } from 'react'
import type { DiffEditorProps } from './DiffEditor.tsx'
import styles from './editor.module.css'
import { monaco } from './monaco.ts'
import { themeName } from './theme.ts'

/** The loaded half of {@link DiffEditorProps}. */
export function MonacoDiff({ label, before, after, language, testId }: DiffEditorProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!place.current) return
    const shown = monaco.editor.createDiffEditor(place.current, {
      automaticLayout: true,
      readOnly: true,
      domReadOnly: true,
      originalEditable: false,
      renderSideBySide: true,
      useInlineViewWhenSpaceIsLimited: true,
      renderSideBySideInlineBreakpoint: 560,
      fontFamily: 'var(--font-mono)',
      fontSize: 12.5,
      lineHeight: 19,
      minimap: { enabled: false },
      renderOverviewRuler: false,
      scrollBeyondLastLine: false,
      stickyScroll: { enabled: false },
      hideUnchangedRegions: { enabled: true, contextLineCount: 4 },
      unicodeHighlight: { ambiguousCharacters: false },
      wordWrap: 'on',
      ariaLabel: label,
      originalAriaLabel: `${label}, before`,
      modifiedAriaLabel: `${label}, after`,
      theme: themeName(),
    })
    const original = monaco.editor.createModel(before, language)
    const modified = monaco.editor.createModel(after, language)
    shown.setModel({ original, modified })
    return () => {
      shown.dispose()
      original.dispose()
      modified.dispose()
    }
  }, [label, before, after, language])
  return <div ref={place} className={`${styles.editor} nokey`} role="group" aria-label={label} data-testid={testId} />
}
