/** The composition as an SVG picture of its own: no screenshot, no fonts to load, nothing from outside. */
import { shortName, splitVersion } from '../types/names.ts'
import {
  type Diagram,
  type DiagramInstance,
  type DiagramPort,
  type DiagramWire,
  importsPlaceKey,
  worldPlaceKey,
} from './diagram.ts'
import { cablePath, headerHeight, nodePadding, nodeWidth, type Point, rowHeight, worldWidth } from './geometry.ts'
import { instanceHeight, placeDiagram } from './place.ts'
import { fitText, textWidth, wrapText } from './text-width.ts'

export interface SvgOptions {
  /** Where nodes stand, by instance id; the world under `$world` and `$imports`. Those that are missing are laid out. */
  readonly positions?: Readonly<Record<string, Point>>
  /** Frames with a name around nodes. */
  readonly groups?: readonly (Box & { readonly name: string; readonly colour?: number | undefined })[]
  /** Text on the canvas. */
  readonly notes?: readonly (Box & { readonly text: string })[]
  /** Default `light`. */
  readonly theme?: 'light' | 'dark'
  /** For those who do not see the picture. */
  readonly title?: string
}

interface Box extends Point {
  readonly width: number
  readonly height: number
}

export interface SvgDrawing {
  readonly svg: string
  /** Pixels at its natural size. */
  readonly width: number
  readonly height: number
}

interface Colours {
  readonly canvas: string
  readonly surface: string
  readonly border: string
  readonly text: string
  readonly muted: string
  readonly danger: string
  /** Paper of a note. */
  readonly note: string
  readonly cables: readonly string[]
}

const themes: Readonly<Record<'light' | 'dark', Colours>> = {
  light: {
    canvas: '#f1f1f5',
    surface: '#ffffff',
    border: '#cfcfda',
    text: '#1a1a22',
    muted: '#50505f',
    danger: '#b8232b',
    note: '#fdf0d7',
    cables: [
      '#5b5bd6',
      '#0d8f8a',
      '#c2559d',
      '#b7791f',
      '#2f7fd1',
      '#3f9142',
      '#d2583a',
      '#8a4fc9',
      '#6f7d1c',
      '#c23f5e',
      '#1e87a8',
      '#7c6a58',
    ],
  },
  dark: {
    canvas: '#111116',
    surface: '#1a1a20',
    border: '#3a3a46',
    text: '#ededf2',
    muted: '#adadbc',
    danger: '#ff8a8a',
    note: '#3a2c10',
    cables: [
      '#9a93ff',
      '#39c5bb',
      '#ec8bc9',
      '#e5b45c',
      '#6db3ff',
      '#7dcc7f',
      '#ff9472',
      '#c79bff',
      '#bfc95a',
      '#ff8aa5',
      '#62c6e6',
      '#c4b19d',
    ],
  },
}

const margin = 40
const fonts = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

/** Draws a diagram as SVG. The same diagram and options give the same text. */
export function svgOf(
  diagram: Diagram,
  { positions, groups = [], notes = [], theme = 'light', title }: SvgOptions = {},
): SvgDrawing {
  const colours = themes[theme]
  const places = placeDiagram(diagram, positions)
  const boxes: Box[] = diagram.instances.map((instance) => ({
    ...(places.get(instance.id) ?? { x: 0, y: 0 }),
    width: nodeWidth,
    height: instanceHeight(instance),
  }))
  const world = places.get(worldPlaceKey)
  if (world) boxes.push({ ...world, width: worldWidth, height: worldHeight(diagram.exports) })
  const outside = places.get(importsPlaceKey)
  if (outside) boxes.push({ ...outside, width: worldWidth, height: worldHeight(diagram.imports) })
  boxes.push(...groups, ...notes)
  const edges =
    boxes.length === 0
      ? { left: 0, top: 0, right: 240, bottom: 80 }
      : {
          left: Math.min(...boxes.map((box) => box.x)),
          top: Math.min(...boxes.map((box) => box.y)),
          right: Math.max(...boxes.map((box) => box.x + box.width)),
          bottom: Math.max(...boxes.map((box) => box.y + box.height)),
        }
  const width = Math.ceil(edges.right - edges.left + 2 * margin)
  const height = Math.ceil(edges.bottom - edges.top + 2 * margin)
  const name = title ?? 'Composition'
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${round(edges.left - margin)} ${round(edges.top - margin)} ${width} ${height}" font-family="${escape(fonts)}" font-size="12.5" role="img" aria-label="${escape(name)}">`,
    `<title>${escape(name)}</title>`,
    `<rect x="${round(edges.left - margin)}" y="${round(edges.top - margin)}" width="${width}" height="${height}" fill="${colours.canvas}"/>`,
  ]
  if (boxes.length === 0)
    parts.push(
      `<text x="${margin}" y="${margin + 4}" fill="${colours.muted}">${escape('Nothing is on the canvas.')}</text>`,
    )
  for (const group of groups) parts.push(...drawGroup(group, colours))
  for (const note of notes) parts.push(...drawNote(note, colours))
  const ends = endsOf(diagram, places)
  for (const wire of diagram.wires) parts.push(...drawWire(wire, ends, colours))
  for (const instance of diagram.instances) {
    const place = places.get(instance.id)
    if (place) parts.push(...drawInstance(instance, place, colours))
  }
  if (outside) parts.push(...drawWorld(diagram, 'imports', outside, colours))
  if (world) parts.push(...drawWorld(diagram, 'exports', world, colours))
  parts.push('</svg>', '')
  return { svg: parts.join('\n'), width, height }
}

function worldHeight(names: readonly string[]): number {
  return headerHeight + nodePadding + Math.max(1, names.length) * rowHeight
}

function rowY(place: Point, row: number): number {
  return place.y + headerHeight + nodePadding / 2 + row * rowHeight + rowHeight / 2
}

/** Where each port's socket is, by `INSTANCE in NAME` and `INSTANCE out NAME`. */
function endsOf(diagram: Diagram, places: ReadonlyMap<string, Point>): ReadonlyMap<string, Point> {
  const ends = new Map<string, Point>()
  for (const { id, inputs, outputs } of diagram.instances) {
    const place = places.get(id)
    if (!place) continue
    for (const [row, port] of inputs.entries()) ends.set(`${id} in ${port.name}`, { x: place.x, y: rowY(place, row) })
    for (const [row, port] of outputs.entries())
      ends.set(`${id} out ${port.name}`, { x: place.x + nodeWidth, y: rowY(place, row) })
    // An instance as a whole leaves at its head.
    ends.set(`${id} out `, { x: place.x + nodeWidth, y: place.y + headerHeight / 2 })
  }
  const world = places.get(worldPlaceKey)
  if (world)
    for (const [row, name] of diagram.exports.entries()) ends.set(` in ${name}`, { x: world.x, y: rowY(world, row) })
  const outside = places.get(importsPlaceKey)
  if (outside)
    for (const [row, name] of diagram.imports.entries())
      ends.set(`${importsPlaceKey} out ${name}`, { x: outside.x + worldWidth, y: rowY(outside, row) })
  return ends
}

function drawWire(wire: DiagramWire, ends: ReadonlyMap<string, Point>, colours: Colours): string[] {
  const from = ends.get(`${wire.from.instance} out ${wire.from.name}`)
  const to = ends.get(`${wire.to.instance ?? ''} in ${wire.to.name}`)
  if (!from || !to) return []
  const wrong = wire.problem !== undefined
  const source = wire.from.instance === importsPlaceKey ? `import ${wire.from.name}` : wire.from.instance
  const tip = `${source} → ${wire.to.instance ?? 'world'}: ${wire.to.name}${wrong ? ` — ${wire.problem}` : ''}`
  return [
    `<path d="${cablePath(rounded(from), rounded(to))}" fill="none" stroke="${wrong ? colours.danger : cable(colours, wire.colour)}" stroke-width="2.5" stroke-linecap="round"${wrong ? ' stroke-dasharray="7 5"' : ''}><title>${escape(tip)}</title></path>`,
  ]
}

function drawInstance(instance: DiagramInstance, place: Point, colours: Colours): string[] {
  const { inputs, hostInputs, outputs, id, packageName } = instance
  const own = cable(colours, instance.colour)
  const parts = [
    '<g>',
    box(place, nodeWidth, instanceHeight(instance), colours),
    `<rect x="${round(place.x)}" y="${round(place.y)}" width="4" height="${headerHeight}" rx="2" fill="${own}"/>`,
    text({ x: place.x + 16, y: place.y + 21 }, fitText(id, nodeWidth - 32, 13.5, true), colours.text, {
      size: 13.5,
      bold: true,
    }),
    ...(packageName === id
      ? []
      : [
          text({ x: place.x + 16, y: place.y + 37 }, fitText(packageName, nodeWidth - 32, 11), colours.muted, {
            size: 11,
          }),
        ]),
  ]
  const hostRow = hostInputs.length > 0 ? [`host · ${hostInputs.length}`] : []
  const left = [...inputs.map(({ label }) => label), ...hostRow]
  for (const [row, label] of left.entries()) {
    const y = rowY(place, row)
    const port = inputs[row]
    if (port) parts.push(socket({ x: place.x, y }, port, colours, own))
    const [room] = shares(label, outputs[row]?.label)
    parts.push(text({ x: place.x + 14, y: y + 4 }, fitText(label, room, 12.5), port ? colours.text : colours.muted))
  }
  for (const [row, port] of outputs.entries()) {
    const y = rowY(place, row)
    parts.push(socket({ x: place.x + nodeWidth, y }, port, colours, own))
    const [, room] = shares(left[row], port.label)
    parts.push(
      text({ x: place.x + nodeWidth - 14, y: y + 4 }, fitText(port.label, room, 12.5), colours.text, { end: true }),
    )
  }
  parts.push('</g>')
  return parts
}

function drawGroup(group: NonNullable<SvgOptions['groups']>[number], colours: Colours): string[] {
  const { x, y, width, height, name } = group
  const colour = group.colour === undefined ? colours.muted : cable(colours, group.colour)
  return [
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="12" fill="${colour}" fill-opacity="0.07" stroke="${colour}" stroke-opacity="0.6" stroke-dasharray="6 4"/>`,
    text({ x: x + 14, y: y + 21 }, fitText(name, Math.max(0, width - 28), 13, true), colour, { size: 13, bold: true }),
  ]
}

const noteSize = 12
const noteLine = 17

function drawNote(
  { x, y, width, height, text: content }: NonNullable<SvgOptions['notes']>[number],
  colours: Colours,
): string[] {
  const room = Math.max(0, width - 24)
  const lines = content.split('\n').flatMap((line) => wrapText(line, room, noteSize))
  const most = Math.max(1, Math.floor((height - 14) / noteLine))
  return [
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="6" fill="${colours.note}" stroke="${colours.border}"/>`,
    ...lines
      .slice(0, most)
      .map((line, row) => text({ x: x + 12, y: y + 20 + row * noteLine }, line, colours.text, { size: noteSize })),
  ]
}

/** Room for the labels at both ends of a row: what is short leaves its room to the other. */
function shares(left: string | undefined, right: string | undefined): readonly [number, number] {
  const all = nodeWidth - 2 * 14 - 8
  if (left === undefined || right === undefined) return [all, all]
  const [one, other] = [textWidth(left, 12.5), textWidth(right, 12.5)]
  if (one + other <= all) return [one, other]
  return one < all / 2 ? [one, all - one] : other < all / 2 ? [all - other, other] : [all / 2, all / 2]
}

/** One side of the world: exports take wires at the left, imports give them at the right. */
function drawWorld(diagram: Diagram, side: 'imports' | 'exports', place: Point, colours: Colours): string[] {
  const imports = side === 'imports'
  const names = diagram[side]
  const parts = [
    '<g>',
    box(place, worldWidth, worldHeight(names), colours),
    text({ x: place.x + 16, y: place.y + 29 }, `World ${side}`, colours.text, { size: 13.5, bold: true }),
  ]
  for (const [row, name] of names.entries()) {
    const y = rowY(place, row)
    const wire = diagram.wires.find(({ from, to }) =>
      imports ? from.instance === importsPlaceKey && from.name === name : to.instance === undefined && to.name === name,
    )
    const port = { name, label: shortName(name), kind: 'instance', wired: !imports || wire !== undefined }
    const own = wire ? cable(colours, wire.colour) : colours.muted
    parts.push(socket({ x: place.x + (imports ? worldWidth : 0), y }, port, colours, own))
    const { version } = splitVersion(name)
    const label = version === undefined ? shortName(name) : `${shortName(name)} ${version}`
    parts.push(
      text(
        { x: place.x + (imports ? worldWidth - 14 : 14), y: y + 4 },
        fitText(label, worldWidth - 28, 12.5),
        colours.text,
        { end: imports },
      ),
    )
  }
  parts.push('</g>')
  return parts
}

function box(place: Point, width: number, height: number, colours: Colours): string {
  return `<rect x="${round(place.x)}" y="${round(place.y)}" width="${width}" height="${height}" rx="9" fill="${colours.surface}" stroke="${colours.border}"/>`
}

/** Round for interfaces, square for functions, a lozenge for everything else; filled where something is plugged in. */
function socket(at: Point, port: DiagramPort, colours: Colours, own: string): string {
  const { x, y } = rounded(at)
  const stroke = port.problem === undefined ? own : colours.danger
  const paint = `fill="${port.wired ? stroke : colours.surface}" stroke="${stroke}" stroke-width="2"`
  const tip = `<title>${escape(port.problem === undefined ? port.name : `${port.name} — ${port.problem}`)}</title>`
  if (port.kind === 'instance') return `<circle cx="${x}" cy="${y}" r="5" ${paint}>${tip}</circle>`
  const turn = port.kind === 'function' ? '' : ` transform="rotate(45 ${x} ${y})"`
  return `<rect x="${x - 4.5}" y="${y - 4.5}" width="9" height="9" rx="1.5" ${paint}${turn}>${tip}</rect>`
}

function text(
  at: Point,
  content: string,
  colour: string,
  { size, bold = false, end = false }: { readonly size?: number; readonly bold?: boolean; readonly end?: boolean } = {},
): string {
  const style = `${size === undefined ? '' : ` font-size="${size}"`}${bold ? ' font-weight="600"' : ''}${end ? ' text-anchor="end"' : ''}`
  return `<text x="${round(at.x)}" y="${round(at.y)}" fill="${colour}"${style}>${escape(content)}</text>`
}

function cable(colours: Colours, index: number): string {
  return colours.cables[index % colours.cables.length] ?? colours.muted
}

function rounded({ x, y }: Point): Point {
  return { x: round(x), y: round(y) }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** Text for XML: what would be markup is written out, what no XML may hold is replaced. */
function escape(value: string): string {
  const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return [...value].map((sign) => (isForbidden(sign.codePointAt(0) ?? 0) ? '\ufffd' : (signs[sign] ?? sign))).join('')
}

/** Control characters, halves of surrogate pairs and non-characters. (XML 1.0, section 2.2.) */
function isForbidden(code: number): boolean {
  if (code < 0x20) return code !== 0x09 && code !== 0x0a && code !== 0x0d
  return (code >= 0xd800 && code < 0xe000) || code === 0xfffe || code === 0xffff
}
