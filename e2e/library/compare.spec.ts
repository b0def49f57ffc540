import { expect, test } from '../harness/test.ts'
import { expectAccessible } from '../pages/accessibility.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test('two components are compared item by item: whom it breaks, what breaks here, and both as WIT', async ({
  page,
  workbench,
}) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.node('middleware').click({ position: { x: 80, y: 20 } })
  await window.command('Compare with another component…')
  const dialog = page.getByTestId('compare-dialog')
  await dialog.getByLabel('After').selectOption({ label: 'hello.wasm' })
  await expect(dialog.getByTestId('compare-impact')).toContainText(`has no export "${handler}"`)
  const removed = dialog.getByRole('listitem').filter({ hasText: 'removed' })
  await expect(removed.filter({ hasText: `export "${handler}"` })).toContainText('consumer breaking')
  // It asks for less than before: nobody has to do with that.
  await expect(removed.filter({ hasText: `import "${handler}"` })).not.toContainText('breaking')
  await workbench.screenshot('compare-changes')
  await expectAccessible(workbench)

  await dialog.getByRole('tab', { name: 'Side by side' }).click()
  await expect(dialog.getByTestId('compare-wit').locator('.view-lines').nth(1)).toContainText('wasi:http/types')
  await workbench.screenshot('compare-wit')

  // The other way round: another component, so nothing here depends on it.
  await dialog.getByRole('button', { name: 'Swap the two' }).click()
  await expect(dialog.getByText('nothing here depends on it')).toBeVisible()
  // Against itself nothing changed.
  await dialog.getByLabel('After').selectOption({ label: 'hello.wasm' })
  await expect(dialog.getByText('Their imports and exports are the same.')).toBeVisible()

  // What breaks leads to where.
  await dialog.getByLabel('Before').selectOption({ label: 'middleware.wasm' })
  await dialog.getByTestId('compare-impact').getByRole('button', { name: 'bridge' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByTestId('inspector-title')).toHaveText('bridge')
})

test('a refused wire shows both sides as WIT beside each other', async ({ page, workbench }) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.fit()
  // The world's handler is not what the middleware asks for.
  await window.drawWire(
    window.port('bridge', 'out', 'wasi:http/incoming-handler@0.2.12'),
    window.port('middleware', 'in', handler),
  )
  const refusal = page.getByTestId('refusal')
  await expect(refusal).toBeVisible()
  await refusal.getByRole('button', { name: 'Compare both sides' }).click()
  await page.getByRole('radio', { name: 'WIT' }).click()
  const diff = page.getByTestId('wire-diff')
  await expect(diff.locator('.view-lines').first()).toContainText('interface handler')
  await expect(diff.locator('.view-lines').nth(1)).toContainText('resource incoming-request')
  await workbench.screenshot('refused-wit')
})
