import { expect, test } from '../harness/test.ts'
import { sampleProject } from '../harness/project.ts'
import { WorkbenchPage, pointIn } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test.use({ startWith: async ({ workshop }, use) => use(await sampleProject(workshop)) })

test('nodes are selected by a box, by what they need and what needs them, and by searching for any property', async ({
  page,
}) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.fit()
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await expect(window.wire('middleware', handler)).toBeAttached()
  const selected = () =>
    page
      .locator('.react-flow__node.selected')
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-id') ?? '').sort())

  await test.step('a box around two of them', async () => {
    const [from, to] = [
      await pointIn(window.node('mik-handler'), { across: -0.1, down: -0.2 }),
      await pointIn(window.node('middleware'), { across: 0.5, down: 1.15 }),
    ]
    await page.keyboard.down('Shift')
    await page.mouse.move(from.x, from.y)
    await page.mouse.down()
    await page.mouse.move(to.x, to.y, { steps: 5 })
    await page.mouse.up()
    await page.keyboard.up('Shift')
    await expect.poll(selected).toEqual(['middleware', 'mik-handler'])
  })

  await test.step('upstream and downstream', async () => {
    await window.node('middleware').click({ position: { x: 80, y: 20 } })
    await window.command('Select what it needs')
    await expect.poll(selected).toEqual(['middleware', 'mik-handler'])
    await window.node('middleware').click({ position: { x: 80, y: 20 } })
    await window.command('Select what needs it')
    await expect.poll(selected).toEqual(['bridge', 'middleware'])
  })

  await test.step('filters of the search', async () => {
    await page.keyboard.press('ControlOrMeta+F')
    const field = page.getByTestId('find-bar').getByRole('combobox')
    for (const [query, found] of [
      ['imports:wasi:http', ['bridge']],
      ['exports:mik:core', ['middleware', 'mik-handler']],
      ['package:mik:core imports:handler', ['bridge', 'middleware']],
    ] as const) {
      await field.fill(query)
      await expect(page.getByTestId('find-bar')).toContainText(`1 of ${found.length}`)
      await page.getByRole('button', { name: 'Select all found' }).click()
      await expect.poll(selected).toEqual(found)
      await page.keyboard.press('ControlOrMeta+F')
    }
    await field.fill('is:unsatisfied')
    await expect(page.getByTestId('find-bar')).toContainText('none')
    await page.keyboard.press('Escape')
  })

  await test.step('the view goes to what is selected', async () => {
    await window.node('bridge').click({ position: { x: 80, y: 20 } })
    await page.keyboard.press('Shift+2')
    const pane = await page.locator('.react-flow__pane').boundingBox()
    await expect
      .poll(async () => {
        const box = await window.node('bridge').boundingBox()
        return box && pane ? Math.abs(box.x + box.width / 2 - pane.x - pane.width / 2) < 60 : false
      })
      .toBe(true)
  })
})

test('a component is replaced by another one: wires that fit stay, and one undo brings the old one back', async ({
  page,
}) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.fit()
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await window.node('middleware').click({ position: { x: 80, y: 20 } })
  await window.command('Replace by another component…')
  await page.getByTestId('add-picker').getByRole('option').filter({ hasText: 'mik-handler.wasm' }).first().click()
  // What it gives is given still; the wire to what it no longer asks for is explained.
  await expect(window.wire('bridge', handler)).toBeAttached()
  await expect(page.getByTestId('replaced-report')).toContainText('1 wire no longer fits')
  await expect(page.getByTestId('replaced-report')).toContainText('does not import')
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(page.getByTestId('replaced-report')).toHaveCount(0)
  await expect(window.wire('middleware', handler)).toBeAttached()
  await expect(window.wire('bridge', handler)).toBeAttached()
})
