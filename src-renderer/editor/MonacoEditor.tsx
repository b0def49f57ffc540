import { useEffect, useLayoutEffect, useRef } from 'react'
import type { editor } from 'monaco-editor/editor'
import type { Problem } from '../../src-preload/contract.ts'
import type { CodeEditorProps, EditorMark } from './CodeEditor.tsx'
import styles from './editor.module.css'
import { modelFor, replaceText } from './models.ts'
import { monaco } from './monaco.ts'
import { themeName } from './theme.ts'

const fixed: editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  contextmenu: true,
  fixedOverflowWidgets: true,
  fontFamily: 'var(--font-mono)',
  fontSize: 12.5,
  lineHeight: 19,
  minimap: { enabled: false },
  hideCursorInOverviewRuler: true,
  overviewRulerBorder: false,
  overviewRulerLanes: 2,
  padding: { top: 8, bottom: 8 },
  renderLineHighlight: 'line',
  scrollBeyondLastLine: false,
  scrollbar: {
    verticalScrollbarSize: 10,
    horizontalScrollbarSize: 10,
    useShadows: false,
    alwaysConsumeMouseWheel: false,
  },
  smoothScrolling: false,
  stickyScroll: { enabled: false },
  tabSize: 2,
  unicodeHighlight: { ambiguousCharacters: false },
}

/** The loaded half of {@link CodeEditorProps}. */
export function MonacoEditor({
  label,
  value,
  language,
  path,
  readOnly = false,
  onChange,
  onSave,
  onSubmit,
  problems,
  marks,
  onUndo,
  onRedo,
  onBlur,
  focus,
  reveal,
  wrap = false,
  lineNumbers = true,
  placeholder,
  testId,
}: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const shown = useRef<editor.IStandaloneCodeEditor>(null)
  // Monaco's listeners live longer than a render; they call what the last render brought.
  const latest = useRef({ onChange, onSave, onSubmit, onUndo, onRedo, onBlur, value })
  useLayoutEffect(() => {
    latest.current = { onChange, onSave, onSubmit, onUndo, onRedo, onBlur, value }
  })

  useEffect(() => {
    if (!place.current) return
    const made = monaco.editor.create(place.current, { ...fixed, model: null, theme: themeName() })
    shown.current = made
    made.addAction({
      id: 'patchbay.save',
      label: 'Save',
      keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS],
      precondition: '!editorReadonly',
      run: () => latest.current.onSave?.(),
    })
    made.addAction({
      id: 'patchbay.submit',
      label: 'Run',
      keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter],
      run: () => latest.current.onSubmit?.(),
    })
    // What is typed stays in sight when problems beneath the editor take room from it.
    const resized = made.onDidLayoutChange(() => {
      const at = made.getPosition()
      if (at && made.hasTextFocus()) made.revealPositionInCenterIfOutsideViewport(at)
    })
    const left = made.onDidBlurEditorText(() => latest.current.onBlur?.())
    // Before the editor's own history sees the keys.
    const pressed = made.onKeyDown((event) => {
      const mod = event.ctrlKey || event.metaKey
      if (!mod || event.altKey) return
      const redoing = event.keyCode === monaco.KeyCode.KeyY || (event.keyCode === monaco.KeyCode.KeyZ && event.shiftKey)
      const undoing = event.keyCode === monaco.KeyCode.KeyZ && !event.shiftKey
      const handled = undoing ? latest.current.onUndo?.() : redoing ? latest.current.onRedo?.() : false
      if (!handled) return
      event.preventDefault()
      event.stopPropagation()
    })
    return () => {
      shown.current = null
      resized.dispose()
      left.dispose()
      pressed.dispose()
      made.dispose()
    }
  }, [])

  useEffect(() => {
    shown.current?.updateOptions({
      readOnly,
      domReadOnly: readOnly,
      ariaLabel: label,
      wordWrap: wrap ? 'on' : 'off',
      lineNumbers: lineNumbers ? 'on' : 'off',
      lineDecorationsWidth: lineNumbers ? 10 : 12,
      folding: lineNumbers,
      ...(placeholder === undefined ? {} : { placeholder }),
      renderLineHighlight: readOnly ? 'none' : 'line',
    })
  }, [readOnly, label, wrap, lineNumbers, placeholder])

  useEffect(() => {
    const on = shown.current
    if (!on) return
    const entry =
      path === undefined
        ? { model: monaco.editor.createModel(latest.current.value, language), view: null, users: 0 }
        : modelFor(path, language, latest.current.value)
    entry.users++
    replaceText(entry.model, latest.current.value)
    on.setModel(entry.model)
    if (entry.view) on.restoreViewState(entry.view)
    const changes = entry.model.onDidChangeContent(() => {
      const text = entry.model.getValue()
      if (text !== latest.current.value) latest.current.onChange?.(text)
    })
    return () => {
      changes.dispose()
      entry.users--
      if (path === undefined) {
        entry.model.dispose()
        return
      }
      entry.view = on.saveViewState()
      if (on.getModel() === entry.model) on.setModel(null)
    }
  }, [path, language])

  useEffect(() => {
    const model = shown.current?.getModel()
    if (model) replaceText(model, value)
  }, [value])

  useEffect(() => {
    const model = shown.current?.getModel()
    if (model)
      monaco.editor.setModelMarkers(model, 'patchbay', [
        ...markersOf(model, problems ?? []),
        ...(marks ?? []).map(markerOf),
      ])
  }, [problems, marks, path, language, value])

  useEffect(() => {
    if (focus) shown.current?.focus()
  }, [focus])

  useEffect(() => {
    if (!reveal) return
    const at = { lineNumber: reveal.line, column: reveal.column ?? 1 }
    shown.current?.setPosition(at)
    shown.current?.revealPositionInCenterIfOutsideViewport(at)
    shown.current?.focus()
  }, [reveal, path])

  // `nokey` keeps the canvas from taking the space bar away from the editor.
  return <div ref={place} className={`${styles.editor} nokey`} data-testid={testId} data-language={language} />
}

function markerOf({ message, hint, line, column, endLine, endColumn }: EditorMark): editor.IMarkerData {
  return {
    severity: monaco.MarkerSeverity.Error,
    message: hint === undefined ? message : `${message}\n${hint}`,
    startLineNumber: line,
    startColumn: column,
    endLineNumber: endLine,
    endColumn,
  }
}

function markersOf(model: editor.ITextModel, problems: readonly Problem[]): editor.IMarkerData[] {
  const markers: editor.IMarkerData[] = []
  for (const { message, hint, where } of problems) {
    if (where?.line === undefined) continue
    const line = Math.min(Math.max(1, where.line), model.getLineCount())
    const start =
      Math.min(where.column ?? model.getLineFirstNonWhitespaceColumn(line), model.getLineMaxColumn(line)) || 1
    const word = model.getWordAtPosition({ lineNumber: line, column: start })
    markers.push({
      severity: monaco.MarkerSeverity.Error,
      message: hint === undefined ? message : `${message}\n${hint}`,
      startLineNumber: line,
      startColumn: start,
      endLineNumber: line,
      endColumn: where.column === undefined ? model.getLineMaxColumn(line) : (word?.endColumn ?? start + 1),
    })
  }
  return markers
}
