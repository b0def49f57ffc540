import { describe, expect, it } from 'vitest'
import { problemOf } from '../error.ts'
import { parseWac } from './parse.ts'

const errorOf = (text: string) => {
  try {
    parseWac(text)
  } catch (thrown) {
    const { message, where } = problemOf(thrown)
    return `${where?.line}:${where?.column} ${message}`
  }
  return 'no error'
}

describe('parseWac', () => {
  it('reads every kind of statement', () => {
    const document = parseWac(`
      package local:all@1.2.3 targets wasi:http/proxy@0.2.0;
      // the clock of the host
      import clock: wasi:clocks/monotonic-clock@0.2.0;
      import log as "app:log/sink": interface { write: func(line: string); };
      import greet: async func(name: string) -> result<string, u8>;
      import part: shapes;
      record point { x: s32, y: s32 }
      interface shapes { use wasi:http/types@0.2.0.{fields as headers}; area: func(at: tuple<u8, list<u8, 4>>) -> option<f64>; }
      world target { include wasi:http/proxy@0.2.0 with { a as b }; import shapes; export run: func(); }
      let a = new docs:adder@0.1.0 {};
      let b = new docs:calculator { add: a, "docs:adder/add@0.1.0": a["docs:adder/add@0.1.0"], log, ...clock, ... };
      let c = (new x:y { inner: new x:z { ... } }).exports;
      export b.calculate as "docs:calculator/calculate@0.1.0";
      export b...;
      export c;
    `)
    expect(document.package).toMatchObject({ name: 'local:all', version: '1.2.3' })
    expect(document.targets).toMatchObject({ package: 'wasi:http', item: 'proxy', version: '0.2.0' })
    expect(document.statements.map((statement) => statement.kind)).toEqual([
      'import',
      'import',
      'import',
      'import',
      'declaration',
      'declaration',
      'declaration',
      'let',
      'let',
      'let',
      'export',
      'export',
      'export',
    ])
    expect(document.comments.map((comment) => comment.text)).toEqual(['// the clock of the host'])
    const fourth = document.statements[8]
    expect(
      fourth?.kind === 'let' &&
        fourth.expression.kind === 'new' &&
        fourth.expression.arguments.map((argument) => argument.kind),
    ).toEqual(['named', 'named', 'shorthand', 'spread'])
    expect(fourth?.kind === 'let' && fourth.expression.kind === 'new' && fourth.expression.fill).toBe(true)
  })

  it('names line, column and what it expected', () => {
    const head = 'package a:b;\n'
    const table: Record<string, string> = {
      '': '1:1 expected `package`, found the end of the text',
      'package a;': '1:9 `a` is no package name: it needs a namespace',
      'package a:b': '1:12 expected `;` after the package name, found the end of the text',
      'package a:b@x;': '1:13 expected a version',
      'package a:b targets ;': '1:21 expected the name of an interface or world, found `;`',
      [`${head}let`]: '2:4 expected a name, found the end of the text',
      [`${head}let x new a:b {};`]: '2:7 expected `=` after `let x`, found `new`',
      [`${head}let x = new a {};`]: '2:13 `a` is no package name: it needs a namespace',
      [`${head}let x = new a:b;`]: '2:16 expected `{` after `new a:b`, found `;`',
      [`${head}let x = new a:b { y };z`]: '2:23 expected a statement, found `z`',
      [`${head}let x = new a:b { "y" };`]: '2:23 expected `:` after the argument `y`, found `}`',
      [`${head}let x = new a:b { ..., y };`]: '2:24 expected `}`, found `y`',
      [`${head}let x = new a:b { y z };`]: '2:21 expected `}` to close the arguments, found `z`',
      [`${head}let x = y[z];`]: '2:11 expected the full name of an export, as a string, found `z`',
      [`${head}let x = y["z";`]: '2:14 expected `]` behind the name, found `;`',
      [`${head}let x = (y;`]: '2:11 expected `)` to close the parenthesis, found `;`',
      [`${head}let x = y.;`]: '2:11 expected the name of an export, found `;`',
      [`${head}let x = ;`]: '2:9 expected an expression, found `;`',
      [`${head}import x wasi:io/poll;`]: '2:10 expected `:` after `import x`, found `wasi`',
      [`${head}import x: func(a);`]: '2:17 expected `:` after `a`, found `)`',
      [`${head}import x: func(a: list<u8);`]: '2:26 expected `>` to close `list`, found `)`',
      [`${head}import x: interface { f: func() };`]: '2:33 expected `;` after the function `f`, found `}`',
      [`${head}import x: interface { f: func();`]:
        '2:33 expected `}` to close the interface, found the end of the text',
      [`${head}export x as ;`]: '2:13 expected the name of the export, found `;`',
      [`${head}export x... as y;`]: '2:13 expected `;` after the export, found `as`',
      [`${head}interface i { list: func(); }`]: '2:15 expected a type, a function or `use`, found `list`',
      [`${head}record r { string: u8 }`]: '2:12 expected the name of a field, found `string`',
      [`${head}let x = "a;\n`]: '2:9 this string is not closed',
      [`${head}/* /* */ let`]: '2:1 this comment is not closed',
      [`${head}let é = x;`]: '2:5 unexpected character "é"',
      [`${head}let x = ${'('.repeat(5000)}`]: '2:209 nested more than 200 deep',
    }
    const found = Object.fromEntries(Object.keys(table).map((text) => [text, errorOf(text)]))
    expect(found).toEqual(table)
  })

  it('answers every mutation of a script with a document or a typed error', () => {
    const script =
      'package a:b@1.0.0;\nimport l as "x": interface { type t = u8; f: func(a: t) -> result<_, string>; };\nlet a = new c:d { l, "e:f/g": (new h:i { ... }).j, ... };\nexport a...;\n'
    let seed = 7
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    const pool = ' ;:.,{}()<>[]"@=-*/%_\n0a…'
    for (let round = 0; round < 3000; round++) {
      const at = random(script.length)
      const text = script.slice(0, at) + (pool[random(pool.length)] ?? '') + script.slice(at + random(4))
      try {
        parseWac(text)
      } catch (thrown) {
        const { code, where } = problemOf(thrown)
        expect(code, text).toMatch(/^syntax\./)
        expect(where?.line, text).toBeGreaterThan(0)
      }
    }
  })
})
