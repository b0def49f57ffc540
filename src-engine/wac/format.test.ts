import { describe, expect, it } from 'vitest'
import { SourceText } from '../wit/source.ts'
import { Scanner } from '../wit/tokens.ts'
import { formatWac } from './format.ts'

const messy = `// head
package   local:c@1.0.0  targets  a:b/w@0.2.0 ;// the whole


/* two
   lines */
import  log :docs:log/log@1.0.0;
import f as "a:b/f":async func( a:list<tuple<u8,string>>,b :u32 )->result<_,string>;
import g: interface{ use types.{a,b as c}; /// says
 f:func( x:a ) ; };
enum level {low,high}
record wide { first-field-of-it: string, second-field-of-it: string, third-field-of-it: option<string> }


let a=new docs:adder{};
let b = new docs:calc { add:a . add , "x:y/z@1.0.0" : a["q"], // why
  ... /* rest */ };
let c = new docs:calc { ...a,log,... }; let d=(new docs:adder {}).add;
let e = new docs:calc {
  add: new docs:adder { deep: new docs:adder { ... }, ... }.add, ...
};
world w { @since(version = 0.2.0)
  import x: func(); include a:b/w with { a as b }; resource r { constructor(x: u32); m: static func(); } export y: interface { }; }
export a...; // all
export (new docs:adder {}).add  as  "sum" ;
// end
`
const neat = `// head
package local:c@1.0.0 targets a:b/w@0.2.0; // the whole

/* two
   lines */
import log: docs:log/log@1.0.0;
import f as "a:b/f": async func(a: list<tuple<u8, string>>, b: u32) -> result<_, string>;
import g: interface {
  use types.{a, b as c}; /// says
  f: func(x: a);
};
enum level { low, high }
record wide {
  first-field-of-it: string,
  second-field-of-it: string,
  third-field-of-it: option<string>,
}

let a = new docs:adder {};
let b = new docs:calc {
  add: a.add,
  "x:y/z@1.0.0": a["q"], // why
  ... /* rest */
};
let c = new docs:calc { ...a, log, ... };
let d = (new docs:adder {}).add;
let e = new docs:calc {
  add: new docs:adder { deep: new docs:adder { ... }, ... }.add,
  ...
};
world w {
  @since(version = 0.2.0)
  import x: func();
  include a:b/w with { a as b };
  resource r {
    constructor(x: u32);
    m: static func();
  }
  export y: interface {};
}
export a...; // all
export (new docs:adder {}).add as "sum";
// end
`

/** Tokens without the commas that end lists, and comments in order. */
function wordsOf(text: string): string[] {
  const scanner = new Scanner(new SourceText(text))
  const words: string[] = []
  for (let token = scanner.next(); token.kind !== 'end'; token = scanner.next()) {
    const word = text.slice(token.span.start, token.span.end)
    if (word === '}' && words.at(-1) === ',') words.pop()
    words.push(word)
  }
  return [...words, ...scanner.comments.map((comment) => comment.text)]
}

describe('formatWac', () => {
  it('lays a script out, keeps every word and comment, and is done after one run', () => {
    expect(formatWac(messy)).toBe(neat)
    expect(formatWac(neat)).toBe(neat)
    expect(wordsOf(neat)).toEqual(wordsOf(messy))
  })

  it('keeps what it was given wherever comments and line breaks stand', () => {
    const tokens = wordsOf(messy.slice(0, messy.indexOf('// end'))).filter((word) => !word.startsWith('/'))
    // Names of packages are one word: broken up they would be other names.
    const text = neat.replaceAll(/\/\/.*|\/\*[^]*?\*\//g, '')
    expect(tokens.length).toBeGreaterThan(100)
    const gaps = [...text.matchAll(/[ \n]+/g)].map(({ index }) => index)
    for (const [number, gap] of gaps.entries()) {
      const comment = ['// here\n', '/* here */', '\n\n\n'][number % 3] ?? ''
      const changed = `${text.slice(0, gap)} ${comment} ${text.slice(gap)}`
      const once = formatWac(changed)
      expect(wordsOf(once), changed).toEqual(wordsOf(changed))
      expect(formatWac(once), changed).toBe(once)
    }
  })

  it('refuses what is no script, with its place', () => {
    expect(() => formatWac('package a:b;\nlet x = ;')).toThrow('expected an expression, found `;`')
  })
})
