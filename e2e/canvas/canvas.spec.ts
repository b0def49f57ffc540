import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../harness/test.ts'
import { expectAccessible } from '../pages/accessibility.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'
const http = 'wasi:http/incoming-handler@0.2.12'

test('a wire that does not fit is refused in words, and the words stay until they are dismissed', async ({ page }) => {
  const window = await opened(page)
  const to = window.port('middleware', 'in', handler)
  await window.dragWire(window.port('bridge', 'out', http), to)
  await expect(page.getByTestId('verdict-tip')).toContainText('need each other')
  await expect(page.locator(`[data-port="middleware in ${handler}"]`)).toHaveAttribute('data-mark', 'no')
  await page.mouse.up()
  const refusal = page.getByRole('alertdialog', { name: 'The wire does not fit' })
  await expect(refusal).toContainText('bridge already uses middleware')
  await page.mouse.move(600, 300)
  await expect(refusal).toBeVisible()
  await refusal.getByRole('button', { name: 'Compare both sides' }).click()
  await expect(page.getByRole('dialog', { name: 'Both sides of the wire' })).toContainText('request-data')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await expect(refusal).toHaveCount(0)
  await expect(window.wire('middleware', handler)).toHaveCount(0)
})

test('a wire dropped on nothing asks only for what fits, and the choice is wired', async ({ page, workbench }) => {
  const window = await opened(page)
  const from = await centreOf(window.port('middleware', 'in', handler))
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x - 30, from.y + 90, { steps: 5 })
  await page.mouse.up()
  const picker = page.getByTestId('add-picker')
  await expect(picker.getByRole('option')).toHaveText([/mik-handler/, /middleware/, /Import it from the world/])
  await workbench.screenshot('find-by-need')
  await page.keyboard.press('Enter')
  await expect(window.node('mik-handler-2')).toBeVisible()
  await expect(window.wire('middleware', handler)).toBeAttached()
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(window.node('mik-handler-2')).toHaveCount(0)
})

test('a middleware is spliced into a wire in one gesture, and taken out with the gap closed', async ({
  page,
  workbench,
}) => {
  const window = await opened(page)
  const out = await centreOf(window.port('bridge', 'out', http))
  const world = await centreOf(page.getByTestId(`port-world-in-${http}`))
  await page.locator('[data-item="sample:http-logger"]').hover()
  await page.mouse.down()
  await page.mouse.move(out.x, out.y, { steps: 4 })
  await page.mouse.move((out.x + world.x) / 2, (out.y + world.y) / 2, { steps: 6 })
  await expect(page.locator('[data-splice]')).toBeAttached()
  await page.mouse.up()
  await expect(window.node('http-logger')).toBeVisible()
  await expect(window.wire('http-logger', http)).toBeAttached()
  await workbench.screenshot('spliced')
  await window.node('http-logger').click({ position: { x: 80, y: 20 } })
  await page.keyboard.press('ControlOrMeta+Delete')
  await expect(window.node('http-logger')).toHaveCount(0)
  await expect(page.getByTestId(`rf__edge-export ${http}`)).toBeAttached()
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(window.wire('http-logger', http)).toBeAttached()
})

test('the keyboard alone wires and runs', async ({ page }) => {
  const window = await opened(page)
  // From the field of the library on, only keys.
  await page.getByTestId('library-search').focus()
  await page.keyboard.press('ControlOrMeta+F')
  await page.keyboard.type('middleware')
  await expect(page.getByTestId('find-bar')).toContainText('1 of 1')
  await page.keyboard.press('Escape')
  const port = window.port('middleware', 'in', handler)
  await tabTo(page, port)
  await page.keyboard.press('Enter')
  await expect(window.port('mik-handler', 'out', handler)).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(window.wire('middleware', handler)).toBeAttached()
  await expect(page.getByTestId('announcer')).toContainText('Connected handler of mik-handler')
  await page.keyboard.press('F5')
  await expect(page.getByTestId('runtime-state')).toContainText('Running', { timeout: 30_000 })
  await page.keyboard.press('Shift+F5')
  await expect(page.getByTestId('runtime-state')).toContainText('Stopped', { timeout: 30_000 })
})

test('the list shows the same graph and edits it', async ({ page, workbench }) => {
  const window = await opened(page)
  await window.command('List instead of canvas')
  const middleware = page.getByRole('region', { name: 'middleware', exact: true })
  const choice = middleware.getByRole('combobox')
  await expect(choice.getByRole('option')).toHaveText([
    'not wired',
    `mik-handler › ${handler}`,
    'import from the world as…',
  ])
  await choice.selectOption({ label: `mik-handler › ${handler}` })
  await workbench.screenshot('list')
  await page.keyboard.press('ControlOrMeta+Alt+K')
  await expect(window.wire('middleware', handler)).toBeAttached()
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(window.wire('middleware', handler)).toHaveCount(0)
})

test('duplicate, arrange and undo; unsaved work is there again after the window was closed', async ({
  page,
  workbench,
}) => {
  const window = await opened(page)
  await window.node('mik-handler').click({ position: { x: 80, y: 20 } })
  await page.keyboard.press('ControlOrMeta+D')
  await expect(window.node('mik-handler-2')).toBeVisible()
  await window.command('Arrange')
  const undo = page.getByTestId('command-edit.undo')
  await expect(undo).toHaveAccessibleName('Undo arrange')
  await undo.click()
  await expect(undo).toHaveAccessibleName('Undo duplicate')
  await expect(page.getByTestId('dirty')).toBeVisible()
  const again = new WorkbenchPage(await workbench.restart())
  await expect(again.node('mik-handler-2')).toBeVisible()
  await expect(again.page.getByTestId('dirty')).toBeVisible()
})

for (const theme of ['light', 'dark'] as const) {
  test(`nothing stands in the way of assistive tools (${theme})`, async ({ page, workbench }) => {
    const window = await opened(page)
    await window.command(`Theme: ${theme}`)
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    await window.node('middleware').click({ position: { x: 80, y: 20 } })
    await expectAccessible(workbench)
    await workbench.screenshot(`window-${theme}`)
  })
}

/** The window with the sample project, everything in view. */
async function opened(page: Page): Promise<WorkbenchPage> {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.fit()
  return window
}

async function centreOf(locator: Locator): Promise<{ readonly x: number; readonly y: number }> {
  const box = await locator.boundingBox()
  if (!box) throw new Error('not shown')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  await expect(target).toBeFocused()
}
