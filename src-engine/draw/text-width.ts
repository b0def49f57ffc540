/** Widths of the characters from space to `~` in thousandths of the font size: the common sans-serif metrics. */
const widths = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
  556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
  260, 334, 584,
]

/** The widest of the fonts that a reader may have is about this much wider than the table. */
const slack = 1.14

/** Width of a text in pixels at a font size in pixels; rather too wide than too narrow, as the reader's font is unknown. */
export function textWidth(text: string, size: number, bold = false): number {
  let sum = 0
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0
    // Letters beyond ASCII: about an n; ideographs and pictures take a square.
    sum += widths[code - 32] ?? (code < 0x2e80 ? 600 : 1000)
  }
  return (sum / 1000) * size * slack * (bold ? 1.06 : 1)
}

/** The text, or as much of its beginning as fits with an ellipsis. */
export function fitText(text: string, width: number, size: number, bold = false): string {
  if (textWidth(text, size, bold) <= width) return text
  const signs = [...text]
  let low = 0
  let high = signs.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (textWidth(`${signs.slice(0, middle).join('')}…`, size, bold) <= width) low = middle
    else high = middle - 1
  }
  return `${signs.slice(0, low).join('')}…`
}

/** The text in lines that fit, broken between words; a word that is too long is cut with an ellipsis. */
export function wrapText(text: string, width: number, size: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && textWidth(longer, size) > width) {
      lines.push(fitText(line, width, size))
      line = word
    } else line = longer
  }
  return [...lines, fitText(line, width, size)]
}
