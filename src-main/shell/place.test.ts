import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPlace, visibleBounds, writePlace } from './place.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-place-'))
})
afterAll(() => rm(folder, { recursive: true }))

const nothing = { maximized: false, fullScreen: false, theme: 'system' }

describe('remembered place', () => {
  it('comes back as it was written, into a folder that did not exist', async () => {
    const place = {
      bounds: { x: -1200, y: 40, width: 1000, height: 700 },
      maximized: true,
      fullScreen: false,
      theme: 'dark' as const,
    }
    const file = join(folder, 'new', 'window.json')
    await writePlace(file, place)
    expect(readPlace(file)).toEqual(place)
  })

  it.each([
    '',
    '{',
    '[]',
    '{"bounds":{"x":1}}',
    '{"theme":"pink"}',
    '{"bounds":{"x":0,"y":0,"width":-5,"height":1e99}}',
  ])('is no place when the file holds %j', async (text) => {
    const file = join(folder, 'broken.json')
    await writeFile(file, text)
    expect(readPlace(file)).toEqual(nothing)
  })

  it('is no place when there is no file', () => {
    expect(readPlace(join(folder, 'none.json'))).toEqual(nothing)
  })
})

describe('visibleBounds', () => {
  const displays = [
    { x: 0, y: 0, width: 1920, height: 1080 },
    { x: -1280, y: 0, width: 1280, height: 1024 },
  ]

  it('keeps bounds that can be grabbed', () => {
    expect(visibleBounds({ x: 100, y: 100, width: 1200, height: 800 }, displays)).toEqual({
      x: 100,
      y: 100,
      width: 1200,
      height: 800,
    })
    expect(visibleBounds({ x: -1000, y: 0, width: 1000, height: 800 }, displays)).toMatchObject({ x: -1000 })
  })

  it('makes a window that is too small as large as it must be', () => {
    expect(visibleBounds({ x: 0, y: 0, width: 10, height: 10 }, displays)).toEqual({
      x: 0,
      y: 0,
      width: 900,
      height: 600,
    })
  })

  it('gives up bounds on a display that is gone', () => {
    expect(visibleBounds({ x: 5000, y: 100, width: 1200, height: 800 }, displays)).toBeUndefined()
    expect(visibleBounds({ x: 100, y: 1075, width: 1200, height: 800 }, displays)).toBeUndefined()
    expect(visibleBounds({ x: 100, y: -300, width: 1200, height: 800 }, displays)).toBeUndefined()
    expect(visibleBounds(undefined, displays)).toBeUndefined()
  })
})
