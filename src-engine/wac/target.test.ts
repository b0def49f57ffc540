import { describe, expect, it } from 'vitest'
import { WitPackages } from '../wit/packages.ts'
import { sameTarget, targetOf, withTarget, worldOfTarget } from './target.ts'

const script = '// Mine.\npackage a:b@1.0.0; // the whole\n\nlet x = new c:d {};\n'
const targeted = script.replace('@1.0.0;', '@1.0.0 targets wasi:http/proxy@0.2.12;')

describe('the target of a script', () => {
  it('is read, written, changed and taken away, and nothing else is touched', () => {
    expect([targetOf(script), targetOf(targeted)]).toEqual([undefined, 'wasi:http/proxy@0.2.12'])
    expect(withTarget(script, 'wasi:http/proxy@0.2.12')).toBe(targeted)
    expect(withTarget(targeted, undefined)).toBe(script)
    expect(withTarget(targeted, 'e:f/w')).toBe(targeted.replace('wasi:http/proxy@0.2.12', 'e:f/w'))
    expect(withTarget(script, undefined)).toBe(script)
  })

  it('keeps the words of a text that means it already', () => {
    const short = targeted.replace('@0.2.12', '')
    expect(withTarget(short, 'wasi:http/proxy@0.2.12')).toBe(short)
    expect(sameTarget('a:b/c@1.0.0', 'a:b/c@1.1.0')).toBe(false)
    expect(sameTarget('a:b/c', 'a:b/d')).toBe(false)
  })

  it('leaves texts alone that cannot be read, cut anywhere', () => {
    for (let end = 0; end <= targeted.length; end++) {
      const cut = targeted.slice(0, end)
      const taken = withTarget(cut, undefined)
      expect(taken === cut || taken === cut.replace(' targets wasi:http/proxy@0.2.12', ''), cut).toBe(true)
    }
  })

  it('is a world of WIT, or one that the script declares', () => {
    const wit = new WitPackages()
    wit.addFolder([{ path: 'w.wit', text: 'package e:f; world w { export run: func(); }' }])
    const names = (text: string) => [...(worldOfTarget(text, wit)?.exports.keys() ?? [])]
    expect(names('package a:b targets e:f/w;')).toEqual(['run'])
    expect(names('package a:b targets a:b/mine;\nworld mine { export go: func(); }')).toEqual(['go'])
    expect(worldOfTarget('package a:b;', wit)).toBeUndefined()
    expect(() => worldOfTarget('package a:b targets e:f/none;', wit)).toThrow('there is no world')
  })
})
