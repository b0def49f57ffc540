import { describe, expect, it } from 'vitest'
import type { languages } from 'monaco-editor/editor'
import { languageOfMediaType, languageOfPath } from './of-path.ts'
import { wac } from './wac.ts'
import { wat } from './wat.ts'
import { wit } from './wit.ts'

interface Tokenizer {
  getInitialState(): unknown
  tokenize(
    line: string,
    hasEol: boolean,
    state: unknown,
  ): { tokens: { offset: number; type: string }[]; endState: unknown }
}
interface Monarch {
  compile(id: string, language: languages.IMonarchLanguage): unknown
  MonarchTokenizer: new (...parts: unknown[]) => Tokenizer
}

// The editor's own Monarch, without the editor: these two files need no document. They carry no types, hence the names.
const monarch = 'monaco-editor/editor/standalone/common/monarch/'
const compiler: Pick<Monarch, 'compile'> = await import(`${monarch}monarchCompile`)
const lexer: Pick<Monarch, 'MonarchTokenizer'> = await import(`${monarch}monarchLexer`)
const configuration = { getValue: () => 20_000, onDidChangeConfiguration: () => ({ dispose() {} }) }

/** `[text, type]` for every token that is not blank. */
function tokens(id: string, language: languages.IMonarchLanguage, text: string): [string, string][] {
  const tokenizer = new lexer.MonarchTokenizer({}, {}, id, compiler.compile(id, language), configuration)
  const out: [string, string][] = []
  let state = tokenizer.getInitialState()
  for (const line of text.split('\n')) {
    const result = tokenizer.tokenize(line, true, state)
    state = result.endState
    for (const [index, token] of result.tokens.entries()) {
      const piece = line.slice(token.offset, result.tokens[index + 1]?.offset ?? line.length)
      if (piece.trim()) out.push([piece.trim(), token.type.replace(`.${id}`, '')])
    }
  }
  return out
}

const witText = `/// A greeter.
package example:hello@1.2.0-rc.1;
interface greet {
  use wasi:io/streams@0.2.6.{input-stream as %stream};
  /* outer /* inner */ still */
  record person { name: string, tags: option<list<u32>> }
  resource session { constructor(name: string); close: static async func() -> result<_, error-context>; }
  @since(version = 0.2.0)
  hello: func(who: borrow<session>) -> string;
}
world app { include wasi:http/proxy@0.2.6; export greet; }`

describe('the grammar of WIT', () => {
  const found = tokens('wit', wit, witText)
  it.each([
    ['/// A greeter.', 'comment.doc'],
    ['package', 'keyword'],
    ['example', 'namespace'],
    ['1.2.0-rc.1', 'number.version'],
    ['greet', 'type.declaration'],
    ['/streams'.slice(1), 'type.identifier'],
    ['%stream', 'type.identifier'],
    ['name', 'variable'],
    ['option', 'type.primitive'],
    ['u32', 'type.primitive'],
    ['session', 'type.declaration'],
    ['constructor', 'keyword'],
    ['close', 'function'],
    ['static', 'keyword'],
    ['async', 'keyword'],
    ['error-context', 'type.primitive'],
    ['@since', 'annotation'],
    ['hello', 'function'],
    ['who', 'variable'],
    ['app', 'type.declaration'],
    ['include', 'keyword'],
  ])('tells that %s is %s', (text, type) => {
    expect(found).toContainEqual([text, type])
  })
  it('ends nested comments where they end, and calls nothing of valid WIT invalid', () => {
    expect(found).toContainEqual(['/* outer /* inner */ still */', 'comment'])
    expect(found.filter(([, type]) => type.startsWith('invalid'))).toEqual([])
  })
  it('marks what no WIT has', () => {
    expect(tokens('wit', wit, 'interface a { $ }')).toContainEqual(['$', 'invalid'])
  })
})

describe('the grammar of WAC', () => {
  const found = tokens(
    'wac',
    wac,
    `package my:service targets wasi:http/proxy;
let hello = new sample:hello { ... };
let outer = new sample:middleware@0.1.0 { "wasi:http/incoming-handler@0.2.0": hello["wasi:http/incoming-handler@0.2.0"], ...hello };
export outer.handle as "a\\"b";`,
  )
  it.each([
    ['targets', 'keyword'],
    ['let', 'keyword'],
    ['hello', 'variable.declaration'],
    ['new', 'keyword'],
    ['sample', 'namespace'],
    ['0.1.0', 'number.version'],
    ['...', 'operator'],
    ['"wasi:http/incoming-handler@0.2.0"', 'string'],
    ['hello', 'variable'],
    ['\\"', 'string.escape'],
  ])('tells that %s is %s', (text, type) => {
    expect(found.map(([piece, kind]) => `${piece} ${kind}`).join('\n')).toContain(`${text} ${type}`)
  })
  it('calls nothing of it invalid', () => {
    expect(found.filter(([, type]) => type.startsWith('invalid'))).toEqual([])
  })
})

describe('the grammar of WAT', () => {
  const found = tokens(
    'wat',
    wat,
    `(component ;; note
  (core module $m (func (export "add") (param $a i32) (result i32) local.get $a i32.const 0x2a i32.add)
    (memory 1) (data (i32.const 8) "a\\00\\n") (; a (; b ;) c ;))
  (core instance $i (instantiate $m))
  (func (export "add") (param "a" u32) (result u32) (canon lift (core func $i "add"))))`,
  )
  it.each([
    ['component', 'keyword'],
    [';; note', 'comment'],
    ['$m', 'variable'],
    ['"add"', 'string'],
    ['i32', 'type.primitive'],
    ['local.get', 'function'],
    ['0x2a', 'number'],
    ['\\00\\n', 'string.escape'],
    ['canon', 'keyword'],
    ['u32', 'type.primitive'],
  ])('tells that %s is %s', (text, type) => {
    expect(found.map(([piece, kind]) => `${piece} ${kind}`).join('\n')).toContain(`${text} ${type}`)
  })
  it('calls nothing of it invalid', () => {
    expect(found.filter(([, type]) => type.startsWith('invalid'))).toEqual([])
  })
})

describe('the language of a file', () => {
  it('follows the extension, and is plain where there is none', () => {
    expect(['a/b.wit', 'x.WAC', 'y.wat', 'index.d.ts', 'Makefile', 'a.b/c', '.gitignore'].map(languageOfPath)).toEqual([
      'wit',
      'wac',
      'wat',
      'typescript',
      'plaintext',
      'plaintext',
      'plaintext',
    ])
  })
  it('follows the media type, with suffixes and parameters', () => {
    expect(
      ['application/problem+json; charset=utf-8', 'TEXT/HTML', 'image/svg+xml', 'text/plain', ''].map(
        languageOfMediaType,
      ),
    ).toEqual(['json', 'html', 'xml', 'plaintext', 'plaintext'])
  })
})
