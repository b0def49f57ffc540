import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { sample, sampleProject } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test.use({
  startWith: async ({ workshop }, use) => use(await sampleProject(workshop)),
})

test('instances collapse into one node that runs, open again with all wires, and each is one undo', async ({
  page,
  workbench,
}) => {
  const window = await opened(page)
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await window.node('mik-handler').click({ position: { x: 80, y: 20 } })
  await window.node('middleware').click({ position: { x: 80, y: 20 }, modifiers: ['Shift'] })
  await page.keyboard.press('ControlOrMeta+Alt+G')
  const whole = window.node('middleware-composed')
  await expect(whole).toContainText('2 inside')
  await expect(window.node('middleware')).toHaveCount(0)
  await expect(window.wire('bridge', handler)).toBeAttached()
  await expect(window.item('middleware-composed.wasm')).toBeVisible()
  await workbench.screenshot('collapsed')
  const url = await window.start()
  await window.open('Playground')
  await window.request(`${url}hello`)
  await expect(page.getByTestId('response-status')).toContainText('200')

  await whole.dblclick({ position: { x: 80, y: 20 } })
  await expect(window.wire('middleware', handler)).toBeAttached()
  await expect(window.wire('bridge', handler)).toBeAttached()
  await expect(whole).toHaveCount(0)
  await expect(page.getByTestId('group-$group-1')).toContainText('middleware-composed')
  await workbench.screenshot('expanded')
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(whole).toBeVisible()
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(window.wire('middleware', handler)).toBeAttached()
  await expect(page.locator('[data-testid^="group-"]')).toHaveCount(0)
})

test('what stands between is named instead of a circle being made', async ({ page }) => {
  const window = await opened(page)
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await window.node('mik-handler').click({ position: { x: 80, y: 20 } })
  await window.node('bridge').click({ position: { x: 80, y: 20 }, modifiers: ['Shift'] })
  await page.keyboard.press('ControlOrMeta+Alt+G')
  await expect(window.notice('"middleware" takes from the selected instances')).toBeVisible()
  await expect(window.node('bridge')).toBeVisible()
})

test('another component under the same file tells which wires no longer fit, each leading to its port', async ({
  page,
  workbench,
  workshop,
}) => {
  const window = await opened(page)
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await expect(window.wire('middleware', handler)).toBeAttached()
  // As a build does that ends with another interface.
  await copyFile(sample('adder'), join(workshop.folder, 'project', 'components', 'mik-handler.wasm'))
  const report = page.getByTestId('replaced-report')
  await expect(report).toContainText('1 wire no longer fits: mik-handler changed')
  await workbench.screenshot('no-longer-fits')
  await report.getByRole('button', { name: /handler of middleware/ }).click()
  await expect(page.locator(`[data-port="middleware in ${handler}"]`)).toHaveClass(/pointed/)
  await copyFile(sample('mik-handler'), join(workshop.folder, 'project', 'components', 'mik-handler.wasm'))
  await expect(report).toHaveCount(0)
  await expect(window.wire('middleware', handler)).toBeAttached()
})

test('a composed file opens as the graph inside it', async ({ page, workbench, workshop }) => {
  const window = await opened(page)
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.press('ControlOrMeta+Alt+G')
  const whole = window.node('bridge-composed')
  await expect(whole).toContainText('3 inside')
  const alone = join(workshop.folder, 'alone.wasm')
  await expect(window.item('bridge-composed.wasm')).toBeVisible()
  await copyFile(join(workshop.folder, 'project', 'components', 'bridge-composed.wasm'), alone)
  const again = new WorkbenchPage(await workbench.restart(alone))
  await expect(again.wire('middleware', handler)).toBeAttached()
  await expect(again.wire('bridge', handler)).toBeAttached()
  await expect(again.page.locator('.react-flow__edge')).toHaveCount(3)
  await workbench.screenshot('opened-composed')
})

async function opened(page: Page): Promise<WorkbenchPage> {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.fit()
  return window
}
