import type { editor } from 'monaco-editor/editor'

type Editors = typeof editor

/** Colours of the editor by our tokens: what Monaco calls it, our CSS variable. */
const surfaces: readonly (readonly [string, string])[] = [
  ['editor.background', '--editor-background'],
  ['editor.foreground', '--text'],
]

/** `[r, g, b, a]`, each 0…255. */
type Rgba = readonly [number, number, number, number]

let pixel: CanvasRenderingContext2D | null | undefined

/** Any CSS colour as four bytes: painted and read back, so that every notation works. */
function colourOf(css: string): Rgba | undefined {
  if (!css) return undefined
  pixel ??= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', {
    willReadFrequently: true,
  })
  if (!pixel) return undefined
  pixel.clearRect(0, 0, 1, 1)
  pixel.fillStyle = '#000'
  pixel.fillStyle = css
  pixel.fillRect(0, 0, 1, 1)
  const [r = 0, g = 0, b = 0, a = 255] = pixel.getImageData(0, 0, 1, 1).data
  return [r, g, b, a]
}
