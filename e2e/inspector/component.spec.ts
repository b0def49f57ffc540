import type { Page } from '@playwright/test'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test('WIT of a component is shown as text of the language', async ({ page, workbench }) => {
  const window = await inspected(page, 'middleware')
  await window.inspect('WIT')
  const wit = page.getByTestId('inspector-wit')
  await expect(wit.locator('.view-lines')).toContainText('world', { timeout: 20_000 })
  await expect(wit.locator('.view-lines')).toContainText(/import\s+mik:core\/handler@0\.1\.0;/)
  await expect(wit.locator('.view-lines')).toContainText(/export\s+mik:core\/handler@0\.1\.0;/)
  // Words of the language have colours of their own.
  await expect(wit.locator('.view-line').filter({ hasText: 'world' }).locator('span span').first()).toHaveClass(/mtk/)
  await workbench.screenshot('inspector-wit')
})

test('interfaces unfold to their functions and types, and an import says what it is wired to', async ({ page }) => {
  const window = await inspected(page, 'bridge')
  await window.inspect('Interfaces')
  const port = page.getByTestId(`inspector-port-${handler}`)
  await expect(port).toContainText('middleware')
  await port.getByRole('button').first().click()
  await expect(port).toContainText('handle')
  await expect(port).toContainText('request-data')
  await expect(page.getByTestId('inspector-port-wasi:http/incoming-handler@0.2.12')).toBeVisible()
})

test('size as a map and as a list that says the same', async ({ page, workbench }) => {
  const window = await inspected(page, 'middleware')
  await window.inspect('Size')
  const map = page.getByTestId('treemap')
  await expect(map.locator('[data-leaf]').first()).toBeVisible()
  const sizes = page.getByTestId('inspector-size')
  await expect(sizes.getByRole('navigation', { name: 'Shown part' })).toContainText('KB')
  const list = sizes.getByRole('tree')
  await expect(list.getByRole('treeitem').first()).toContainText('middleware')
  await workbench.screenshot('inspector-size')
  await list.getByRole('treeitem').nth(1).click()
  await expect(map.locator('[data-leaf]').first()).toBeVisible()
})

test('a sample is read before it is part of the project', async ({ page }) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await page.locator('[data-item="sample:calculator"]').click()
  await expect(page.getByTestId('inspector-title')).toHaveText('calculator.wasm')
  await window.inspect('Interfaces')
  await expect(page.getByTestId('inspector-content')).toContainText('adder')
  await window.inspect('WIT')
  await expect(page.getByTestId('inspector-wit').locator('.view-lines')).toContainText('calculate', { timeout: 20_000 })
  await expect(page.getByTestId('dirty')).toHaveCount(0)
})

async function inspected(page: Page, instance: string): Promise<WorkbenchPage> {
  const window = new WorkbenchPage(page)
  await expect(window.node(instance)).toBeVisible()
  await window.fit()
  await window.node(instance).click({ position: { x: 80, y: 20 } })
  await expect(page.getByTestId('inspector-title')).toHaveText(instance)
  return window
}

test('a strip is taken back: the file is what it was before', async ({ page }) => {
  const window = await inspected(page, 'middleware')
  await window.inspect('Size')
  const preview = page.getByTestId('strip-preview')
  await expect(preview).toContainText(/KB → .* KB/)
  const before = await preview.textContent()
  await page.getByTestId('strip-button').click()
  await expect(preview).toContainText('nothing to take away')
  await page.getByTestId('unstrip-button').click()
  await expect(preview).toHaveText(before ?? '')
  await expect(page.getByTestId('unstrip-button')).toHaveCount(0)
})
