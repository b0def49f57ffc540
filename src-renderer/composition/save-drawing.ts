/** The composition as a file for people: SVG, PNG, Mermaid, `.wac`. Drawn from the graph, not photographed. */
import { canvasModel } from '../canvas/model.ts'
import { mermaidOf } from '../../src-engine/draw/mermaid.ts'
import { type SvgDrawing, svgOf } from '../../src-engine/draw/svg.ts'
import { fail } from '../../src-engine/error.ts'
import { askSave } from '../library/ask.ts'
import { useDecoded } from '../state/decoded.ts'
import { graphOf } from '../state/document.ts'
import { usePlan } from '../state/plan.ts'
import { useProject } from '../state/project.ts'
import { client } from '../state/session.ts'
import { useSettings } from '../state/settings.ts'
import { notify } from '../ui/notify.tsx'
import { scriptText } from './text.ts'

export type DrawingFormat = 'svg' | 'png' | 'mermaid' | 'wac'

const formats: Readonly<
  Record<DrawingFormat, { readonly extension: string; readonly media: string; readonly title: string }>
> = {
  svg: { extension: 'svg', media: 'image/svg+xml', title: 'Save the canvas as SVG' },
  png: { extension: 'png', media: 'image/png', title: 'Save the canvas as PNG' },
  mermaid: { extension: 'mmd', media: 'text/plain', title: 'Save the canvas as Mermaid' },
  wac: { extension: 'wac', media: 'text/plain', title: 'Save the composition as WAC' },
}

/** Draws the open composition and saves it: where the save dialog says, or as a download of the browser. */
export async function saveDrawing(format: DrawingFormat): Promise<void> {
  const { name } = useProject.getState()
  const { extension, media, title } = formats[format]
  const file = `${fileStem(name)}.${extension}`
  const host = client().host
  const bytes = await bytesOf(format)
  if (host === 'browser') {
    download(new Blob([new Uint8Array(bytes)], { type: media }), file)
    notify(`Saved ${file}`)
    return
  }
  const path = await askSave(title, file)
  if (path === undefined) return
  const saved = await client().call('files.save', { path, bytes })
  notify(`Saved ${file}`, { detail: saved.path })
}

async function bytesOf(format: DrawingFormat): Promise<Uint8Array> {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
  switch (format) {
    case 'svg':
      return utf8(drawing().svg)
    case 'png':
      return pngOf(drawing())
    case 'mermaid':
      return utf8(mermaidOf(model()))
    case 'wac':
      return utf8(scriptText(useProject.getState().tables))
  }
}

function model() {
  const { tables, library } = useProject.getState()
  return canvasModel({
    graph: graphOf(tables),
    library,
    decoded: useDecoded.getState().byHash,
    problems: usePlan.getState().problems,
  })
}

function drawing(): SvgDrawing {
  const { tables, name } = useProject.getState()
  return svgOf(model(), {
    positions: tables.positions,
    groups: Object.values(tables.groups),
    notes: Object.values(tables.notes),
    theme: useSettings.getState().resolvedTheme,
    title: name,
  })
}

/** Most pixels along one side of a PNG; larger canvases are drawn at a smaller scale. */
const mostPixels = 8192

/** The picture in pixels, two for each unit of the canvas. */
async function pngOf({ svg, width, height }: SvgDrawing): Promise<Uint8Array> {
  const scale = Math.min(2, mostPixels / Math.max(width, height))
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
    if (!blob)
      throw fail('canvas.too-large', 'the canvas is too large for a PNG', {
        hint: 'Save it as SVG: that has no limit.',
      })
    return new Uint8Array(await blob.arrayBuffer())
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** Hands a file to the browser, which keeps it where the user says. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has taken it over by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 0)
}

/** A project's name as the beginning of a file name. */
export function fileStem(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'composition'
  )
}
