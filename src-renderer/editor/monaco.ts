/**
 * Monaco as Patchbay needs it: every editor feature, the languages of our users' files and no others, workers as local files.
 * Only `MonacoEditor.tsx` and its neighbours import this file, so that all of it lands in a chunk that loads when an editor is shown.
 */
import 'monaco-editor/features/register.all'
import 'monaco-editor/languages/definitions/cpp/register'
import 'monaco-editor/languages/definitions/css/register'
import 'monaco-editor/languages/definitions/go/register'
import 'monaco-editor/languages/definitions/html/register'
import 'monaco-editor/languages/definitions/ini/register'
import 'monaco-editor/languages/definitions/javascript/register'
import 'monaco-editor/languages/definitions/markdown/register'
import 'monaco-editor/languages/definitions/python/register'
import 'monaco-editor/languages/definitions/rust/register'
import 'monaco-editor/languages/definitions/shell/register'
import 'monaco-editor/languages/definitions/typescript/register'
import 'monaco-editor/languages/definitions/xml/register'
import 'monaco-editor/languages/definitions/yaml/register'
import 'monaco-editor/languages/features/json/register'
import * as monaco from 'monaco-editor/editor'
// The bundler makes the default exports of these two.
// oxlint-disable-next-line import/default
import EditorWorker from 'monaco-editor/editor/editor.worker?worker'
// oxlint-disable-next-line import/default
import JsonWorker from 'monaco-editor/languages/features/json/json.worker?worker'
import { wac } from './languages/wac.ts'
import { wat, watConfiguration } from './languages/wat.ts'
import { wit, witConfiguration } from './languages/wit.ts'
import { followTheme } from './theme.ts'

self.MonacoEnvironment = {
  getWorker: (_id, label) => (label === 'json' ? new JsonWorker() : new EditorWorker()),
}

monaco.languages.register({ id: 'wit', extensions: ['.wit'], aliases: ['WIT'] })
monaco.languages.setMonarchTokensProvider('wit', wit)
monaco.languages.setLanguageConfiguration('wit', witConfiguration)
monaco.languages.register({ id: 'wac', extensions: ['.wac'], aliases: ['WAC'] })
monaco.languages.setMonarchTokensProvider('wac', wac)
monaco.languages.setLanguageConfiguration('wac', witConfiguration)
monaco.languages.register({ id: 'wat', extensions: ['.wat', '.wast'], aliases: ['WAT'] })
monaco.languages.setMonarchTokensProvider('wat', wat)
monaco.languages.setLanguageConfiguration('wat', watConfiguration)

followTheme(monaco.editor)

export { monaco }
