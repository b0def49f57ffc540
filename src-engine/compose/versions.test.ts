/** Versions of one interface that ought to fit each other, and whether they do. */
import { describe, expect, it } from 'vitest'
import { Bench, componentOf, componentOfWat, composeBench, validate, witOf } from '../../test/components.ts'

describe('imports of several versions', () => {
  it('keeps versions of a track apart where they do not fit each other, with all that hangs on them', async () => {
    const at = (version: string, type: string, more = '') =>
      componentOf(
        `package o:o; package a:b@${version} {
          interface c { resource r { constructor(s: ${type}); } record p { x: ${type} } ${more} }
          interface d { use c.{r, p}; go: func(r: borrow<r>, p: p) -> r; } }
        world w { import a:b/c@${version}; import a:b/d@${version}; export run: func(); }`,
        'w',
      )
    const old = await at('1.0.0', 'string')
    const other = await at('1.1.0', 'u32')
    const like = await at('1.2.0', 'u32', 'now: func() -> u64;')
    const bench = new Bench().add(old, 'a', 'd').add(other, 'b').add(like, 'c')
    for (const id of ['a', 'b', 'c', 'd']) bench.export(`${id} › run`, `run-${id}`)
    const { plan, bytes } = composeBench(bench)
    const wanted = plan.imports.map((each) => [each.name, each.wantedBy.map(({ instance }) => instance).join()])
    expect(wanted).toEqual([
      ['a:b/c@1.0.0', 'a,d'],
      ['a:b/c@1.2.0', 'b,c'],
      ['a:b/d@1.0.0', 'a,d'],
      ['a:b/d@1.2.0', 'b,c'],
    ])
    expect(plan.imports.map((each) => each.apart)).toEqual([
      undefined,
      'kept apart from "a:b/c@1.0.0": "p" › field "x": expected u32, found string',
      undefined,
      expect.stringMatching(/^kept apart from "a:b\/d@1.0.0": "r": /),
    ])
    // Nothing of the one got into the other.
    const before = plan.imports.find(({ name }) => name === 'a:b/c@1.0.0')?.extern
    expect(before?.kind === 'instance' && [...before.type.exports.keys()]).toEqual(['r', 'p', '[constructor]r'])
    await witOf(bytes)
  })

  it('merges a version written half in an attribute with one that is written out', async () => {
    const half = await componentOfWat('(component (import "a:b/c@1" (versionsuffix ".2.3") (instance)))')
    const full = await componentOfWat('(component (import "a:b/c@1.3.0" (instance (export "f" (func)))))')
    for (const order of [
      [half, full],
      [full, half],
    ]) {
      const bench = new Bench()
      for (const [index, bytes] of order.entries()) bench.add(bytes, `n${index}`)
      const { plan, bytes } = composeBench(bench)
      expect(plan.imports.map(({ name, extern }) => [name, extern.attributes])).toEqual([['a:b/c@1.3.0', undefined]])
      await validate(bytes)
    }
  })
})
