import type { Page } from '@playwright/test'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'
const http = 'wasi:http/incoming-handler@0.2.12'

test('a node goes with all its wires, and one undo brings all of it back where it was', async ({ page }) => {
  const window = await opened(page)
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await expect(window.wire('middleware', handler)).toBeAttached()
  const before = await window.node('middleware').boundingBox()

  await window.node('middleware').click({ position: { x: 80, y: 20 } })
  await page.keyboard.press('Delete')
  await expect(window.node('middleware')).toHaveCount(0)
  await expect(page.locator('.react-flow__edge')).toHaveCount(1)
  await expect(page.getByTestId(`rf__edge-export ${http}`)).toBeAttached()
  // Its file is no business of the canvas.
  await expect(window.item('middleware.wasm').first()).toBeVisible()

  await page.keyboard.press('ControlOrMeta+Z')
  await expect(window.wire('middleware', handler)).toBeAttached()
  await expect(window.wire('bridge', handler)).toBeAttached()
  expect(await window.node('middleware').boundingBox()).toEqual(before)
})

test('a sample is dragged out of the library to where it is wanted, and becomes part of the project', async ({
  page,
}) => {
  const window = await opened(page)
  const pane = await page.locator('.react-flow__pane').boundingBox()
  if (!pane) throw new Error('there is no canvas')
  const spot = { x: pane.x + pane.width / 2, y: pane.y + pane.height - 110 }
  await page.locator('[data-item="sample:adder"]').hover()
  await page.mouse.down()
  await page.mouse.move(pane.x + 20, spot.y, { steps: 4 })
  await page.mouse.move(spot.x, spot.y, { steps: 6 })
  await page.mouse.up()
  const node = window.node('adder')
  await expect(node).toBeVisible()
  const box = await node.boundingBox()
  if (!box) throw new Error('the node is not shown')
  expect(Math.abs(box.x - spot.x)).toBeLessThan(box.width)
  expect(Math.abs(box.y - spot.y)).toBeLessThan(box.height)
  await expect(page.getByRole('region', { name: 'Project', exact: true }).getByText('adder.wasm')).toBeVisible()
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(node).toHaveCount(0)
})

async function opened(page: Page): Promise<WorkbenchPage> {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.fit()
  return window
}
