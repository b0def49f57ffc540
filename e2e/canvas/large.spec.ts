import { join } from 'node:path'
import type { Locator } from '@playwright/test'
import { writeLargeProject } from '../../bench/large-project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const alpha = 'bench:large/alpha'

test.use({ startWith: async ({ workshop }, use) => use(await writeLargeProject(join(workshop.folder, 'large'))) })

test('of a thousand cables seen from afar each can be taken, and each follows its nodes', async ({
  page,
  workbench,
}) => {
  const window = new WorkbenchPage(page)
  await expect(page.locator('.react-flow__node').first()).toBeVisible({ timeout: 30_000 })
  await window.fit()
  const far = page.getByTestId('far-cables')
  await expect(far.locator('path')).toHaveCount(200)
  await expect(page.locator('.react-flow__edge')).toHaveCount(0)
  await workbench.screenshot('large')

  const middle = async (): Promise<{ readonly x: number; readonly y: number }> => {
    const [from, to] = [
      await centreOf(window.port('part-0', 'out', alpha)),
      await centreOf(window.port('part-10', 'in', alpha)),
    ]
    return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + 1 }
  }
  const wire = window.wire('part-10', alpha)
  const at = await middle()
  await page.mouse.move(at.x, at.y)
  await expect(wire).toBeAttached()
  await page.mouse.click(at.x, at.y)
  await expect(wire).toHaveClass(/selected/)
  await page.keyboard.press('Delete')
  await expect(page.getByText('999 wires')).toBeVisible()
  await expect(wire).toHaveCount(0)
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(page.getByText('1000 wires')).toBeVisible()

  const drawn = (): Promise<string> =>
    far.locator('path').evaluateAll((paths) => paths.map((path) => path.getAttribute('d')).join())
  const before = await drawn()
  const node = await centreOf(window.node('part-0'))
  await page.mouse.move(node.x, node.y)
  await page.mouse.down()
  await page.mouse.move(node.x, node.y - 40, { steps: 4 })
  await page.mouse.up()
  await expect.poll(drawn).not.toBe(before)
  const then = await middle()
  expect(then.y).toBeLessThan(at.y - 10)
  await page.mouse.move(then.x, then.y)
  await expect(wire).toBeAttached()
  await page.keyboard.press('ControlOrMeta+Z')
  await expect.poll(drawn).toBe(before)
})

async function centreOf(locator: Locator): Promise<{ readonly x: number; readonly y: number }> {
  const box = await locator.boundingBox()
  if (!box) throw new Error('it is not shown')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}
