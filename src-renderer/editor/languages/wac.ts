import type { languages } from 'monaco-editor/editor'
import { sharedRules, wit, witWords } from './wit.ts'

/** WAC, the language of compositions: WIT's declarations plus `let`, `new`, access, spread and strings. */
export const wac: languages.IMonarchLanguage = {
  defaultToken: 'invalid',
  keywords: [...witWords.keywords, 'let', 'new', 'targets'],
  primitives: witWords.primitives,
  constructors: witWords.constructors,
  brackets: wit.brackets ?? [],
  tokenizer: {
    root: [
      { include: '@blank' },
      // `let name = new package:name { … }`
      [/(let)(\s+)(%?[A-Za-z][A-Za-z0-9-]*)/, ['keyword', '', 'variable.declaration']],
      ...witWords.declarations,
      { include: '@path' },
      [/"/, 'string', '@string'],
      [
        witWords.word,
        {
          cases: {
            '@keywords': 'keyword',
            '@primitives': 'type.primitive',
            '@constructors': 'type.primitive',
            '@default': 'variable',
          },
        },
      ],
      { include: '@marks' },
    ],
    string: [
      [/[^"\\]+/, 'string'],
      [/\\(?:["\\nrt]|u\{[0-9A-Fa-f]+\})/, 'string.escape'],
      [/\\./, 'invalid'],
      [/"/, 'string', '@pop'],
      [/$/, 'string', '@pop'],
    ],
    ...sharedRules,
  },
}
