import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addImport } from '../compose/edit.ts'
import { emptyGraph, type CompositionGraph } from '../compose/graph.ts'
import { type Diagram, diagramOf, importsPlaceKey, worldPlaceKey } from './diagram.ts'
import { mermaidOf } from './mermaid.ts'
import { instanceHeight, placeDiagram } from './place.ts'
import { svgOf } from './svg.ts'
import { fitText, textWidth, wrapText } from './text-width.ts'

const graph: CompositionGraph = {
  ...emptyGraph,
  packages: { a: { name: 'local:a', hash: '0' }, b: { name: 'local:b', hash: '1' } },
  instances: { back: { package: 'a' }, front: { package: 'b' } },
  arguments: {
    'front my:app/log': {
      instance: 'front',
      name: 'my:app/log',
      source: { kind: 'instance', instance: 'back', path: ['my:app/log'] },
    },
  },
  exports: {
    'my:app/api@1.0.0': { source: { kind: 'instance', instance: 'front', path: ['my:app/api@1.0.0'] } },
    all: { source: { kind: 'instance', instance: 'back', path: [] } },
  },
}
const diagram = diagramOf(graph, () => undefined)

/** Tags of the picture, nested as XML wants them; throws where they are not. */
function balanced(svg: string): boolean {
  const open: string[] = []
  for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (self === '/') continue
    if (close === '/') {
      if (open.pop() !== name) return false
    } else open.push(name ?? '')
  }
  return open.length === 0
}

describe('the diagram of a graph', () => {
  it('names ports by the wires where no type is known', () => {
    expect(diagram.instances.map(({ id, inputs, outputs }) => [id, inputs.length, outputs.length])).toEqual([
      ['back', 0, 1],
      ['front', 1, 1],
    ])
    expect(diagram.wires.map(({ from, to }) => [from.instance, from.name, to.instance, to.name])).toEqual([
      ['back', 'my:app/log', 'front', 'my:app/log'],
      ['back', '', undefined, 'all'],
      ['front', 'my:app/api@1.0.0', undefined, 'my:app/api@1.0.0'],
    ])
  })
  it('is a flowchart in Mermaid', () => {
    expect(mermaidOf(diagram)).toBe(
      [
        'flowchart LR',
        '  n0["back (local:a)"]',
        '  n1["front (local:b)"]',
        '  world(["World exports"])',
        '  n0 -- "log" --> n1',
        '  n0 -- "all" --> world',
        '  n1 -- "api" --> world',
        '',
      ].join('\n'),
    )
  })
})

describe('places', () => {
  it('puts providers left of takers and the world right of all', () => {
    const places = placeDiagram(diagram)
    const [back, front, world] = ['back', 'front', worldPlaceKey].map((id) => places.get(id)?.x ?? NaN)
    expect([back, front, world]).toEqual([back, front, world].toSorted((one, other) => Number(one) - Number(other)))
    expect(new Set([back, front, world]).size).toBe(3)
  })
  it('keeps what is known and covers nothing, circles and long chains included', () => {
    const links = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 60 })
    fc.assert(
      fc.property(links, fc.nat(4), (wires, knownCount) => {
        const ids = Array.from({ length: 31 }, (_, index) => `i${index}`)
        const tangled: Diagram = {
          exports: [],
          imports: [],
          instances: ids.map((id) => ({
            id,
            packageName: id,
            colour: 0,
            inputs: [],
            hostInputs: [],
            outputs: [{ name: 'x', label: 'x', kind: 'function', wired: true }],
          })),
          wires: wires.map(([from, to]) => ({
            from: { instance: `i${from}`, name: 'x' },
            to: { instance: `i${to}`, name: 'x' },
            colour: 0,
          })),
        }
        const known = Object.fromEntries(
          ids.slice(0, knownCount).map((id, index) => [id, { x: index * 400, y: index * 300 }]),
        )
        const places = placeDiagram(tangled, known)
        for (const [id, place] of Object.entries(known)) expect(places.get(id)).toEqual(place)
        const boxes = tangled.instances.map((one) => ({
          ...(places.get(one.id) ?? { x: NaN, y: NaN }),
          h: instanceHeight(one),
        }))
        for (const [index, one] of boxes.entries())
          for (const other of boxes.slice(index + 1))
            expect(Math.abs(one.x - other.x) >= 224 || one.y + one.h <= other.y || other.y + other.h <= one.y).toBe(
              true,
            )
      }),
      { numRuns: 60, seed: 7 },
    )
  })
})

describe('the SVG', () => {
  it('stands where the canvas stands, in light and dark', () => {
    const positions = { back: { x: -300, y: 10 }, front: { x: 100, y: 90 }, $world: { x: 500, y: 0 } }
    const light = svgOf(diagram, { positions, title: 'A <b> & "c"' })
    expect(light.svg).toContain('viewBox="-340 -40 ')
    expect(light.width).toBe(500 + 188 + 300 + 80)
    expect(light.svg).toContain('<title>A &lt;b&gt; &amp; &quot;c&quot;</title>')
    expect(balanced(light.svg)).toBe(true)
    const dark = svgOf(diagram, { positions, theme: 'dark' })
    expect(dark.svg).not.toContain('#ffffff')
    expect(svgOf(diagram, { positions, theme: 'dark' })).toEqual(dark)
    expect(light.svg.match(/<path /g)).toHaveLength(3)
  })
  it('draws groups and notes, and makes room for them', () => {
    const { svg, width } = svgOf(diagram, {
      positions: { back: { x: 0, y: 0 }, front: { x: 300, y: 0 }, $world: { x: 600, y: 0 } },
      groups: [{ x: -100, y: -40, width: 400, height: 300, name: 'Inside & out', colour: 2 }],
      notes: [{ x: 1000, y: 0, width: 160, height: 60, text: 'one two three four five six seven\nnext <b>' }],
    })
    expect(width).toBe(1160 + 100 + 80)
    expect(svg).toContain('>Inside &amp; out</text>')
    expect(svg).toContain('>one two three four')
    expect(balanced(svg)).toBe(true)
  })
  it('draws the imports of the world and the wires from them', () => {
    const imported: CompositionGraph = {
      ...addImport(graph, 'outer', { instance: 'back', name: 'my:app/clock' }),
      arguments: {
        ...graph.arguments,
        'back my:app/clock': {
          instance: 'back',
          name: 'my:app/clock',
          source: { kind: 'import', import: 'outer', path: [] },
        },
      },
    }
    const drawn = diagramOf(imported, () => undefined)
    expect(drawn.imports).toEqual(['outer'])
    const { svg } = svgOf(drawn)
    expect(svg).toContain('World imports')
    expect(svg).toContain('<title>import outer → back: my:app/clock</title>')
    expect(balanced(svg)).toBe(true)
    const places = placeDiagram(drawn)
    expect(places.get(importsPlaceKey)?.x).toBeLessThan(places.get('back')?.x ?? NaN)
    const put = { x: -700, y: 12 }
    expect(placeDiagram(drawn, { [importsPlaceKey]: put }).get(importsPlaceKey)).toEqual(put)
    expect(mermaidOf(drawn)).toContain('  outside(["World imports"])\n')
    expect(mermaidOf(drawn)).toContain('  outside -- "clock" --> n0\n')
  })
  it('draws nothing as a picture that says so', () => {
    expect(svgOf({ instances: [], wires: [], exports: [], imports: [] }).svg).toContain('Nothing is on the canvas.')
  })
  it('is XML whatever the names are, and nothing from a name becomes markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
        const { svg } = svgOf(
          {
            instances: [
              {
                id: name,
                packageName: `${name}"><script>`,
                colour: 3,
                inputs: [{ name, label: name, kind: 'function', wired: false, problem: name }],
                hostInputs: [],
                outputs: [],
              },
            ],
            wires: [],
            exports: [name],
            imports: [name],
          },
          { title: name },
        )
        expect(svg).not.toContain('<script')
        // oxlint-disable-next-line no-control-regex
        expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/)
        expect(balanced(svg)).toBe(true)
      }),
      { numRuns: 60, seed: 11 },
    )
  })
  it('draws two hundred nodes with a thousand wires', () => {
    const many: CompositionGraph = {
      ...emptyGraph,
      packages: { p: { name: 'local:p', hash: '0' } },
      instances: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`n${index}`, { package: 'p' }])),
      arguments: Object.fromEntries(
        Array.from({ length: 1000 }, (_, index) => {
          const instance = `n${(index * 7 + 1) % 200}`
          const name = `a:b/i${index}`
          return [
            `${instance} ${name}`,
            { instance, name, source: { kind: 'instance' as const, instance: `n${index % 200}`, path: [name] } },
          ]
        }),
      ),
    }
    const { svg } = svgOf(diagramOf(many, () => undefined))
    expect(svg.match(/<path /g)).toHaveLength(1000)
    expect(svg.match(/rx="9"/g)).toHaveLength(200)
  })
})

describe('the width of text', () => {
  it('grows with the text, and what is cut fits', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.integer({ min: 20, max: 300 }), (text, width) => {
        const cut = fitText(text, width, 12)
        expect(textWidth(cut, 12)).toBeLessThanOrEqual(width)
        expect(cut === text || cut.endsWith('…')).toBe(true)
      }),
      { numRuns: 200, seed: 3 },
    )
    fc.assert(
      fc.property(fc.string({ maxLength: 120 }), fc.integer({ min: 30, max: 300 }), (text, width) => {
        for (const line of wrapText(text, width, 12)) expect(textWidth(line, 12)).toBeLessThanOrEqual(width)
      }),
      { numRuns: 100, seed: 9 },
    )
    expect(wrapText('one two three', 1000, 12)).toEqual(['one two three'])
    expect(textWidth('wide', 12, true)).toBeGreaterThan(textWidth('wide', 12))
    expect(textWidth('組成', 10)).toBeGreaterThan(textWidth('io', 10))
  })
})
