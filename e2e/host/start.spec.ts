import { expect, test } from '../harness/test.ts'

test('the first start shows the workbench', async ({ workbench, page }) => {
  await expect(page).toHaveTitle(/Patchbay/)
  await expect(page.getByRole('main')).toBeVisible()
  await workbench.screenshot('first-start')
})

test('a restart opens the workbench again', async ({ workbench, page }) => {
  await expect(page.getByRole('main')).toBeVisible()
  const again = await workbench.restart()
  await expect(again.getByRole('main')).toBeVisible()
})
