/** Draws sweeps as SVG, readable on light and dark ground. */
import type { Point } from './runtime.ts'

const [width, height] = [460, 300]
const area = { left: 76, top: 44, right: 444, bottom: 232 }
const colours = ['#7a8a99', '#2f7ed8', '#d9730d']

export interface Panel {
  readonly title: string
  readonly axis: string
  readonly points: readonly Point[]
  readonly label: (at: number) => string
}

/** The panels side by side. The cost axis grows by powers of ten. */
export function drawCharts(panels: readonly Panel[]): string {
  const parts = panels.map((panel, index) => `<g transform="translate(${index * width} 0)">${draw(panel)}</g>`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width * panels.length} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    '<style>text{fill:#1f2933}.grid{stroke:#c5ced8}.soft{fill:#5b6b7b}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.grid{stroke:#3b4652}.soft{fill:#9aa9b8}}</style>',
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

function draw({ title, axis, points, label }: Panel): string {
  const costs = points.map(({ cpu }) => Math.max(cpu, 1))
  const low = Math.floor(Math.log10(Math.min(...costs)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...costs))))
  const places = [...new Set(points.map(({ at }) => at))].sort((left, right) => left - right)
  const x = (at: number): number =>
    area.left + ((area.right - area.left) * (places.indexOf(at) + 0.5)) / Math.max(1, places.length)
  const y = (cpu: number): number =>
    area.bottom - ((area.bottom - area.top) * (Math.log10(Math.max(cpu, 1)) - low)) / (high - low)
  const parts = [`<text x="${area.left}" y="20" font-weight="600">${title}</text>`]
  for (let power = low; power <= high; power++) {
    const at = y(10 ** power).toFixed(1)
    parts.push(`<line class="grid" x1="${area.left}" x2="${area.right}" y1="${at}" y2="${at}"/>`)
    parts.push(
      `<text class="soft" x="${area.left - 8}" y="${Number(at) + 4}" text-anchor="end">${10 ** power} µs</text>`,
    )
  }
  for (const at of places)
    parts.push(
      `<text class="soft" x="${x(at).toFixed(1)}" y="${area.bottom + 18}" text-anchor="middle">${label(at)}</text>`,
    )
  parts.push(
    `<text class="soft" x="${(area.left + area.right) / 2}" y="${area.bottom + 36}" text-anchor="middle">${axis}</text>`,
  )
  const servers = [...new Set(points.map(({ server }) => server))]
  servers.forEach((server, index) => {
    // A single line is ours; beside others, the first is the peer's.
    const colour = colours[(servers.length === 1 ? 1 : index) % colours.length] ?? ''
    const own = points.filter((point) => point.server === server)
    const line = own.map(({ at, cpu }) => `${x(at).toFixed(1)},${y(cpu).toFixed(1)}`).join(' ')
    parts.push(`<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"/>`)
    for (const { at, cpu } of own) {
      parts.push(
        `<circle cx="${x(at).toFixed(1)}" cy="${y(cpu).toFixed(1)}" r="3.5" fill="${colour}"><title>${cpu.toFixed(1)} µs</title></circle>`,
      )
    }
    const left = 28 + index * 144
    parts.push(`<circle cx="${left}" cy="${height - 10}" r="4" fill="${colour}"/>`)
    parts.push(`<text x="${left + 8}" y="${height - 6}">${server}</text>`)
  })
  return parts.join('\n')
}
