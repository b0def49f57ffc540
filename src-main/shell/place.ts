import { readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'

export const smallest = { width: 900, height: 600 }
export const usual = { width: 1440, height: 900 }

/** What is remembered of the window from one start to the next. */
const placeSchema = z.object({
  bounds: z
    .object({
      x: z.number().int(),
      y: z.number().int(),
      width: z.number().int().positive(),
      height: z.number().int().positive(),
    })
    .optional(),
  maximized: z.boolean().default(false),
  fullScreen: z.boolean().default(false),
  /** Kept beside the settings because it is needed before they are read: the first frame has the right background. */
  theme: z.enum(['system', 'light', 'dark']).default('system'),
})
export type Place = z.infer<typeof placeSchema>

/** The remembered place; a file that is missing or broken is no place. */
export function readPlace(file: string): Place {
  try {
    return placeSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return placeSchema.parse({})
  }
}

/** Writes it in one step. */
export async function writePlace(file: string, place: Place): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.part`, JSON.stringify(place))
  await rename(`${file}.part`, file)
}

interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Bounds that can be seen and grabbed on one of the displays; undefined for the usual size in the middle. */
export function visibleBounds(bounds: Rectangle | undefined, displays: readonly Rectangle[]): Rectangle | undefined {
  if (!bounds) return undefined
  const width = Math.max(bounds.width, smallest.width)
  const height = Math.max(bounds.height, smallest.height)
  const seen = displays.some(
    (display) =>
      Math.min(bounds.x + width, display.x + display.width) - Math.max(bounds.x, display.x) >= 100 &&
      bounds.y >= display.y &&
      bounds.y <= display.y + display.height - 50,
  )
  return seen ? { x: bounds.x, y: bounds.y, width, height } : undefined
}
