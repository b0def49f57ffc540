import { expect, test } from 'vitest'
import { mapFrame } from './map-frame.ts'

test('the map has room for everything and for what is seen, in its middle', () => {
  const boxes = [
    { x: 0, y: 0, width: 200, height: 100 },
    { x: 1000, y: 300, width: 200, height: 100 },
  ]
  const inside = { x: 100, y: 50, width: 300, height: 200 }
  expect(mapFrame(boxes, inside)).toEqual({ scale: 1200 / 142, x: 600 - 75 * (1200 / 142), y: 200 - 50 * (1200 / 142) })
  // What is seen may lie beside all nodes, and higher than the map is wide.
  const above = mapFrame(boxes, { x: 0, y: -4200, width: 300, height: 200 })
  expect(above.scale).toBe(4600 / 92)
  expect(above.y + 50 * above.scale).toBe(-1900)
})

test('without a node the map shows what is seen', () => {
  const { scale, x, y } = mapFrame([], { x: -500, y: 40, width: 1420, height: 92 })
  expect([scale, x, y]).toEqual([10, 210 - 750, 86 - 500])
})
