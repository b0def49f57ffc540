import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../harness/test.ts'
import { expectAccessible } from '../pages/accessibility.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test('an import is taken from the world by a drop, wired on, renamed and deleted, and the text says the same', async ({
  page,
  workbench,
}) => {
  const window = await opened(page)
  const need = window.port('middleware', 'in', handler)
  await test.step('while the wire is in the hand the world offers itself', async () => {
    const zone = page.getByTestId('import-zone')
    await expect(zone).toHaveCount(0)
    const from = await centreOf(need)
    await page.mouse.move(from.x, from.y)
    await page.mouse.down()
    await page.mouse.move(from.x - 60, from.y + 30, { steps: 4 })
    await expect(zone).toContainText('Import handler from the world')
    await workbench.screenshot('import-zone')
    const to = await centreOf(zone)
    await page.mouse.move(to.x, to.y, { steps: 6 })
    await page.mouse.up()
    await expect(zone).toHaveCount(0)
  })
  await expect(imported(page, handler)).toBeVisible()
  await expect(window.wire('middleware', handler)).toBeAttached()
  await expect(lines(page)).toContainText(`import handler: ${handler};`)
  await window.fit()
  await workbench.screenshot('world-imports')
  await expectAccessible(workbench)

  await test.step('a second import comes through the slot of the node', async () => {
    await window.drawWire(window.port('bridge', 'in', handler), page.getByTestId('port-imports-out-new'))
    await expect(imported(page, 'handler-for-bridge')).toBeVisible()
    await expect(lines(page)).toContainText('"handler-for-bridge"')
    await page.keyboard.press('ControlOrMeta+Z')
    await expect(imported(page, 'handler-for-bridge')).toHaveCount(0)
  })
  await test.step('a wire from the import shows who would take it, and one import serves two', async () => {
    await window.fit()
    await window.dragWire(imported(page, handler), window.port('bridge', 'in', handler))
    await expect(page.getByTestId('verdict-tip')).toContainText('Fits')
    await page.mouse.up()
    await expect(window.wire('bridge', handler)).toBeAttached()
    await expect(lines(page)).toContainText(/bridge.*handler/)
  })
  await test.step('a wire that does not fit is refused with the reason', async () => {
    await page.getByTestId('host-bridge').click()
    await window.drawWire(imported(page, handler), window.port('bridge', 'in', 'wasi:io/error@0.2.12'))
    await expect(page.getByTestId('refusal')).toContainText('is missing')
    await page.keyboard.press('Escape')
  })
  await test.step('renamed by its menu', async () => {
    await imported(page, handler).click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Rename import…' }).click()
    const dialog = page.getByTestId('rename-dialog')
    await dialog.getByRole('textbox').fill('Not a name')
    await expect(dialog.getByRole('alert')).toBeVisible()
    await dialog.getByRole('textbox').fill('upstream')
    await page.keyboard.press('Enter')
    await expect(imported(page, 'upstream')).toBeVisible()
    await expect(lines(page)).toContainText('"upstream"')
    await expect(window.wire('middleware', handler)).toBeAttached()
  })
  await test.step('deleted with its wires, and one undo brings all of it back', async () => {
    await imported(page, 'upstream').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Delete import' }).click()
    await expect(page.getByTestId('node-imports')).toHaveCount(0)
    await expect(window.wire('middleware', handler)).toHaveCount(0)
    await expect(lines(page)).not.toContainText('upstream')
    await page.keyboard.press('ControlOrMeta+Z')
    await expect(imported(page, 'upstream')).toBeVisible()
    await expect(window.wire('bridge', handler)).toBeAttached()
  })
  await test.step('what was typed keeps its comments when the canvas goes on', async () => {
    await lines(page).click()
    await page.keyboard.press('ControlOrMeta+Home')
    await page.keyboard.insertText('// Mine.\n')
    await expect(lines(page)).toContainText('Mine.')
    await window.wire('bridge', handler).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Delete')
    await expect(window.wire('bridge', handler)).toHaveCount(0)
    await expect(lines(page)).toContainText('Mine.')
    await expect(lines(page)).toContainText('"upstream"')
  })
})

test('by keyboard and in the list everything about world imports is done as well', async ({ page, workbench }) => {
  const window = await opened(page)
  await window.node('middleware').click({ position: { x: 80, y: 20 } })
  await window.port('middleware', 'in', handler).focus()
  await page.keyboard.press('i')
  const dialog = page.getByTestId('rename-dialog')
  await expect(dialog.getByRole('textbox')).toHaveValue(handler)
  await page.keyboard.press('Enter')
  await expect(window.wire('middleware', handler)).toBeAttached()

  await window.fit()
  await page.getByTestId('node-imports').getByText('World imports').click()
  await imported(page, handler).focus()
  await page.keyboard.press('Enter')
  await expect(window.port('bridge', 'in', handler)).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(window.wire('bridge', handler)).toBeAttached()
  await imported(page, handler).focus()
  await page.keyboard.press('F2')
  await dialog.getByRole('textbox').fill('outer')
  await page.keyboard.press('Enter')
  await imported(page, 'outer').focus()
  await page.keyboard.press('Delete')
  await expect(page.getByTestId('node-imports')).toHaveCount(0)

  await window.command('List instead of canvas')
  const need = page.getByRole('region', { name: 'middleware', exact: true }).getByRole('combobox').first()
  await need.selectOption({ label: 'import from the world as…' })
  await dialog.getByRole('textbox').fill('listed')
  await page.keyboard.press('Enter')
  await expect(need).toHaveValue('$imports listed')
  const list = page.getByRole('region', { name: 'World imports' })
  await expect(list).toContainText('to middleware')
  await workbench.screenshot('list-world-imports')
  await expectAccessible(workbench)
  await list.getByRole('button', { name: 'Rename import listed' }).click()
  await dialog.getByRole('textbox').fill('listed-again')
  await page.keyboard.press('Enter')
  await expect(list).toContainText('listed-again')
  await list.getByRole('button', { name: 'Delete import listed-again' }).click()
  await expect(list).toHaveCount(0)
  await expect(need).toHaveValue('')
})

test('world imports stand where they were put, are saved, and are in the pictures', async ({ page, workbench }) => {
  const window = await opened(page)
  await window.port('middleware', 'in', handler).click({ button: 'right' })
  await page.getByRole('menuitem', { name: /Import handler from the world as/ }).click()
  await page.getByTestId('rename-dialog').getByRole('textbox').fill('outer')
  await page.keyboard.press('Enter')
  await window.fit()
  const head = await centreOf(page.getByTestId('node-imports').getByText('World imports'))
  await page.mouse.move(head.x, head.y)
  await page.mouse.down()
  await page.mouse.move(head.x + 20, head.y + 90, { steps: 6 })
  await page.mouse.up()
  await expect(page.getByTestId('command-edit.undo')).toHaveAccessibleName('Undo move node')
  const place = await page.getByTestId('node-imports').boundingBox()
  await page.keyboard.press('ControlOrMeta+S')
  await expect(window.notice('Saved')).toBeVisible()
  const again = new WorkbenchPage(await workbench.restart())
  await expect(imported(again.page, 'outer')).toBeVisible()
  await expect(again.wire('middleware', handler)).toBeAttached()
  await expect.poll(() => again.page.getByTestId('node-imports').boundingBox()).toEqual(place)
  await again.command('Copy as Mermaid')
  await expect(again.notice('Copied as Mermaid')).toBeVisible()
})

function imported(page: Page, name: string): Locator {
  return page.getByTestId(`port-$imports-out-${name}`)
}

function lines(page: Page): Locator {
  return page.getByTestId('composition-editor').locator('.view-lines')
}

async function centreOf(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox()
  if (!box) throw new Error('it is not shown')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

async function opened(page: Page): Promise<WorkbenchPage> {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await page.keyboard.press('ControlOrMeta+Alt+5')
  await expect(lines(page)).toContainText('package local:first-steps')
  await window.fit()
  return window
}
