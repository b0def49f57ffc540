import { expect, test } from '../harness/test.ts'
import { expectAccessible } from '../pages/accessibility.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test('wire all says what it wired and what it left, and each line leads to its port', async ({ page, workbench }) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.fit()
  await window.command('Wire all that is clear')
  const report = page.getByTestId('wire-report')
  await expect(window.wire('middleware', handler)).toBeAttached()
  await expect(report).toContainText('Wired 1 of 1')
  await expect(report).toContainText('wired to mik-handler')
  await workbench.screenshot('wire-all')
  await expectAccessible(workbench)
  // It hides nothing of what it speaks of, and brings into view what is chosen.
  const edge = (await report.boundingBox())?.y ?? 0
  const lowest = (): Promise<number> =>
    page.evaluate(() =>
      Math.max(
        ...[...document.querySelectorAll('.react-flow__node')].map((node) => node.getBoundingClientRect().bottom),
      ),
    )
  await expect.poll(lowest).toBeLessThan(edge)
  await report.getByRole('button', { name: /handler of middleware/ }).click()
  await expect(page.getByTestId('inspector-title')).toHaveText('middleware')
  const port = window.port('middleware', 'in', handler)
  await expect(port).toBeInViewport()
  await expect.poll(async () => (await port.boundingBox())?.y ?? edge).toBeLessThan(edge)
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(window.wire('middleware', handler)).toHaveCount(0)
})

test('a wire that ends in nothing finds who could give it, best first, with the reason', async ({
  page,
  workbench,
}) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.fit()
  const from = window.port('middleware', 'in', handler)
  const box = await from.boundingBox()
  const pane = await page.locator('.react-flow__pane').boundingBox()
  if (!box || !pane) throw new Error('there is no canvas')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(pane.x + 60, pane.y + pane.height - 120, { steps: 8 })
  await page.mouse.up()
  const picker = page.getByTestId('add-picker')
  const first = picker.getByRole('option').first()
  await expect(first).toContainText('mik-handler.wasm')
  await expect(first).toContainText('gives exactly handler')
  await expect(picker.getByRole('option').filter({ hasText: 'middleware.wasm' })).toContainText('needs it again')
  await workbench.screenshot('find-by-need')
  await first.click()
  await expect(window.wire('middleware', handler)).toBeAttached()
})
