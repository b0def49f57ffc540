import type { languages } from 'monaco-editor/editor'

/** Names that start a declaration or steer one, in WIT. */
const keywords = [
  'package',
  'world',
  'interface',
  'use',
  'import',
  'export',
  'include',
  'with',
  'as',
  'from',
  'type',
  'record',
  'variant',
  'enum',
  'flags',
  'resource',
  'func',
  'static',
  'constructor',
  'async',
]

const primitives = [
  'bool',
  'u8',
  'u16',
  'u32',
  'u64',
  's8',
  's16',
  's32',
  's64',
  'f32',
  'f64',
  'float32',
  'float64',
  'char',
  'string',
  'error-context',
]

const constructors = ['list', 'map', 'option', 'result', 'tuple', 'stream', 'future', 'own', 'borrow']

/** A kebab-case word, with the `%` that lets a keyword serve as a name. */
const word = /%?[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*/

/** Rules that WIT and WAC have in common: comments, package paths, types, punctuation. */
export const sharedRules: Record<string, languages.IMonarchLanguageRule[]> = {
  blank: [
    [/\s+/, ''],
    [/\/\/\/.*$/, 'comment.doc'],
    [/\/\/.*$/, 'comment'],
    [/\/\*\*(?!\/)/, 'comment.doc', '@documentation'],
    [/\/\*/, 'comment', '@comment'],
  ],
  // Block comments nest.
  comment: [
    [/[^/*]+/, 'comment'],
    [/\/\*/, 'comment', '@push'],
    [/\*\//, 'comment', '@pop'],
    [/[/*]/, 'comment'],
  ],
  documentation: [
    [/[^/*]+/, 'comment.doc'],
    [/\/\*/, 'comment.doc', '@push'],
    [/\*\//, 'comment.doc', '@pop'],
    [/[/*]/, 'comment.doc'],
  ],
  path: [
    // `wasi:http/types@0.2.0`: the namespace and package, the item, the version.
    [/(%?[a-z][a-z0-9-]*)(:)(?=[a-z%])/, ['namespace', 'delimiter'], '@package'],
    [/@(?=\d)/, 'delimiter', '@version'],
    // `@since(version = 0.2.0)`
    [/@[a-z]+/, 'annotation'],
  ],
  package: [
    [/%?[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*/, 'namespace'],
    [/[:]/, 'delimiter'],
    [/(\/)(%?[A-Za-z][A-Za-z0-9-]*)/, ['delimiter', 'type.identifier']],
    [/@(?=\d)/, 'delimiter', '@version'],
    [/(?=.)/, '', '@pop'],
    [/$/, '', '@pop'],
  ],
  version: [
    [
      /\d+(?:\.\d+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?/,
      'number.version',
      '@pop',
    ],
    [/(?=.)/, '', '@pop'],
  ],
  marks: [
    [/->|\.\.\./, 'operator'],
    [/[{}()[\]<>]/, '@brackets'],
    [/[;,.:=/*_@+]/, 'delimiter'],
    [/\d+/, 'number'],
  ],
}

const declarations: languages.IMonarchLanguageRule[] = [
  // `resource request {`: the word after the kind is the name that is being declared.
  [
    /(interface|world|record|variant|enum|flags|resource|type)(\s+)(%?[A-Za-z][A-Za-z0-9-]*)/,
    ['keyword', '', 'type.declaration'],
  ],
  // `handle: func(…)`: a function name; the same before `async func` and `static func`.
  [/(%?[A-Za-z][A-Za-z0-9-]*)(\s*)(:)(?=\s*(?:static\s+)?(?:async\s+)?func\b)/, ['function', '', 'delimiter']],
  [/(constructor)(?=\s*\()/, 'keyword'],
  // `body: string`: a field, parameter or case.
  [/(%?[A-Za-z][A-Za-z0-9-]*)(\s*)(:)(?=\s)/, ['variable', '', 'delimiter']],
]

/** WIT, the interface language of the Component Model. */
export const wit: languages.IMonarchLanguage = {
  defaultToken: 'invalid',
  keywords,
  primitives,
  constructors,
  brackets: [
    { open: '{', close: '}', token: 'delimiter.curly' },
    { open: '(', close: ')', token: 'delimiter.parenthesis' },
    { open: '<', close: '>', token: 'delimiter.angle' },
    { open: '[', close: ']', token: 'delimiter.square' },
  ],
  tokenizer: {
    root: [
      { include: '@blank' },
      ...declarations,
      { include: '@path' },
      [
        word,
        {
          cases: {
            '@keywords': 'keyword',
            '@primitives': 'type.primitive',
            '@constructors': 'type.primitive',
            '@default': 'type.identifier',
          },
        },
      ],
      { include: '@marks' },
    ],
    ...sharedRules,
  },
}

/** Brackets, comments and folding of WIT and WAC. */
export const witConfiguration: languages.LanguageConfiguration = {
  comments: { lineComment: '//', blockComment: ['/*', '*/'] },
  brackets: [
    ['{', '}'],
    ['(', ')'],
    ['<', '>'],
  ],
  autoClosingPairs: [
    { open: '{', close: '}' },
    { open: '(', close: ')' },
    { open: '<', close: '>' },
  ],
  // A kebab-case name is one word for double click and completion.
  wordPattern: /%?[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*/,
}

/** What {@link wac} adds its own words to. */
export const witWords = { keywords, primitives, constructors, word, declarations }
