import { describe, expect, it } from 'vitest'
import { childOf, continueTrace, parseTraceparent, parseTracestate, traceOf, traceparentOf } from './trace-context.ts'

const id = '0af7651916cd43dd8448eb211c80319c'
const parent = 'b7ad6b7169203331'

describe('traceparent', () => {
  it('is read strictly', () => {
    expect(parseTraceparent(`00-${id}-${parent}-01`)).toEqual({ id, parent, flags: '01' })
    expect(parseTraceparent(`00-${id}-${parent}-fe`)?.flags).toBe('00')
    expect(parseTraceparent(`cc-${id}-${parent}-01-what-the-future-holds`)).toMatchObject({ id })
    for (const wrong of [
      '',
      `00-${id}-${parent}`,
      `00-${id}-${parent}-01-more`,
      `ff-${id}-${parent}-01`,
      `00-${id.toUpperCase()}-${parent}-01`,
      `00-${'0'.repeat(32)}-${parent}-01`,
      `00-${id}-${'0'.repeat(16)}-01`,
      `00-${id}-${parent}-1`,
      ` 00-${id}-${parent}-01`,
      `00-${id}-${parent}-01, 00-${id}-${parent}-01`,
      `cc-${id}-${parent}-01.x`,
    ])
      expect(parseTraceparent(wrong)).toBeUndefined()
  })
})

describe('tracestate', () => {
  it('is kept when well-formed, else dropped', () => {
    expect(parseTracestate('rojo=00f067aa0ba902b7 ,\tcongo=t61rcWkgMzE')).toBe(
      'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
    )
    expect(parseTracestate('fw529a3039@dt=FfAAAAAAAAA,,a=1')).toBe('fw529a3039@dt=FfAAAAAAAAA,a=1')
    for (const wrong of ['', 'Rojo=1', 'a=1,a=2', 'a', 'a=', 'a=b=c', `a=${'x'.repeat(257)}`, 'x'.repeat(5000)])
      expect(parseTracestate(wrong)).toBeUndefined()
    expect(parseTracestate(Array.from({ length: 33 }, (_, at) => `k${at}=v`).join(','))).toBeUndefined()
  })
})

describe('a trace', () => {
  it('goes on with a span of its own, or begins', () => {
    const going = traceOf({ traceparent: `00-${id}-${parent}-00`, tracestate: 'a=1' })
    expect(going).toMatchObject({ id, parent, flags: '00', state: 'a=1' })
    expect(going.span).toMatch(/^[0-9a-f]{16}$/)
    expect(going.span).not.toBe(parent)
    const fresh = traceOf({ traceparent: 'nonsense', tracestate: 'a=1' })
    expect(parseTraceparent(traceparentOf(fresh))).toMatchObject({ id: fresh.id })
    expect([fresh.parent, fresh.state]).toEqual([undefined, undefined])
    expect(traceOf({}).id).not.toBe(traceOf({}).id)
  })

  it('replaces whatever the client said, and leaves other headers as they are', () => {
    const trace = traceOf({ traceparent: `00-${id}-${parent}-01` })
    expect(continueTrace(['A', '1', 'TraceParent', 'x', 'tracestate', 'bad state', 'a', '2'], trace)).toEqual([
      'A',
      '1',
      'a',
      '2',
      'traceparent',
      `00-${id}-${trace.span}-01`,
    ])
  })

  it('gives calls a child span', () => {
    const child = childOf(`00-${id}-${parent}-01`)
    expect(child?.traceparent).toBe(`00-${id}-${child?.span}-01`)
    expect(childOf('nonsense')).toBeUndefined()
  })
})
