import { cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { guest } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

test.describe('what requests share', () => {
  test.use({
    startWith: async ({ workshop }, use) => use(dirname(await guest(workshop, 'behaviours'))),
  })

  test('is told for each isolation, in words and numbers', async ({ page, workbench }) => {
    const window = new WorkbenchPage(page)
    await window.place('behaviours')
    await page.keyboard.press('ControlOrMeta+Shift+P')
    await page.keyboard.type('probe what requests')
    await page.keyboard.press('Enter')
    const dialog = page.getByTestId('probe')
    await dialog.getByTestId('probe-path').fill('/served')
    await dialog.getByTestId('probe-start').click()
    const report = dialog.getByTestId('probe-report')
    await expect(report).toContainText('State leaks when an instance is reused', { timeout: 30_000 })
    await expect(report.locator('[data-isolation=request]')).toContainText('0 bytes, 0 globals')
    await expect(report.locator('[data-isolation=none]')).toContainText('"200 1", then "200 2"')
    await workbench.screenshot('probe')
    await dialog.getByTestId('probe-path').fill('no path')
    await expect(dialog.getByRole('alert')).toContainText('begins with /')

    // The same stands beside the choice it is for.
    await page.keyboard.press('Escape')
    await page.keyboard.press('ControlOrMeta+,')
    const settings = page.getByTestId('run-settings')
    await expect(settings.getByTestId('run-probe-finding')).toContainText('State leaks when an instance is reused')
    await settings.getByTestId('run-probe-path').fill('/hello')
    await settings.getByTestId('run-probe').click()
    await expect(settings.getByTestId('run-probe-finding')).toContainText('GET /hello', { timeout: 30_000 })
  })

  test('is told of components and tenants served beside the composition, too', async ({
    page,
    workbench,
    workshop,
  }) => {
    const folder = join(workshop.folder, 'guests')
    await mkdir(join(folder, 'tenants', 'acme'), { recursive: true })
    await cp(join(folder, 'behaviours.wasm'), join(folder, 'tenants', 'acme', 'api.wasm'))
    const window = new WorkbenchPage(page)
    await window.place('behaviours')
    await window.command('Run settings')
    const settings = page.getByTestId('run-settings')
    await settings.getByTestId('run-section-serving').click()
    await settings.getByTestId('run-components').check()
    await settings.getByTestId('run-section-tenants').click()
    await settings.getByTestId('run-tenantFolder').fill('tenants')
    await settings.getByTestId('run-exception-acme').click()
    await expect(settings.getByTestId('run-probe-handler')).toBeHidden()
    await expect(settings.getByLabel('Ask acme/api for')).toBeVisible()
    await settings.getByTestId('run-section-common').click()
    await settings.getByTestId('run-probe-handler').selectOption('acme/api')
    await settings.getByTestId('run-probe-path').fill('/served')
    await settings.getByTestId('run-probe').click()
    const finding = settings.getByTestId('run-probe-finding')
    await expect(finding).toContainText('State leaks', { timeout: 30_000 })
    await workbench.screenshot('probe-many')
    await settings.getByTestId('run-probe-handler').selectOption('behaviours')
    await expect(finding).toContainText('found out by a probe')
    await settings.getByTestId('run-settings-save').click()
    // Under a dialog the keys of the window do nothing.
    await expect(settings).toBeHidden()

    await window.command('probe what requests')
    const dialog = page.getByTestId('probe')
    await dialog.getByTestId('probe-handler').selectOption('acme/api')
    await expect(dialog.getByTestId('probe-report')).toContainText('State leaks')
    await workbench.screenshot('probe-tenant')
  })
})
