import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { saveAs } from '../harness/dialogs.ts'
import { guest } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

test.use({
  startWith: async ({ workshop }, use) => use(await guest(workshop, 'behaviours')),
})

test('run settings hold: a handler that fails twice is left alone until it is reset', async ({
  page,
  workbench,
  workshop,
}) => {
  const window = new WorkbenchPage(page)
  await window.place('behaviours')

  await window.open('Console')
  await page.getByTestId('command-run.settings').click()
  const dialog = page.getByTestId('run-settings')
  await dialog.getByTestId('run-timeout').fill('soon')
  await dialog.getByTestId('run-settings-save').click()
  await expect(dialog.getByRole('alert').filter({ hasText: 'number above 0' })).toHaveCount(2)
  await dialog.getByTestId('run-timeout').fill('5')
  await dialog.getByTestId('run-failures').fill('2')
  await dialog.getByTestId('run-environment-add').click()
  await dialog.getByTestId('run-environment-name-0').fill('COLOUR')
  await dialog.getByTestId('run-environment-value-0').fill('green')
  await workbench.screenshot('run-settings')
  await dialog.getByTestId('run-settings-save').click()
  await expect(dialog).toBeHidden()
  const document = JSON.parse(await readFile(join(workshop.folder, 'guests/patchbay.json'), 'utf8')) as { run: unknown }
  expect(document.run).toEqual({ timeout: 5000, breaker: { failures: 2 }, environment: { COLOUR: 'green' } })

  const { origin } = new URL(await window.start())
  await window.request(`${origin}/environment`)
  await expect(page.getByTestId('response-body')).toContainText('COLOUR=green')
  for (const status of ['502', '502', '503']) {
    await window.request(`${origin}/trap`)
    await expect(page.getByTestId('response-status')).toContainText(status)
  }

  await window.open('Console')
  await page.getByTestId('command-console.handlers').click()
  const row = page.getByTestId('traffic-row')
  await expect(row).toContainText('open')
  await workbench.screenshot('traffic')
  await row.getByTestId('breaker-reset').click()
  await expect(row).toContainText('closed')
  await window.open('Playground')
  await window.request(`${origin}/hello`)
  await expect(page.getByTestId('response-status')).toContainText('200')
})

test('what was asked is drawn as a tree in time, and saved as an archive', async ({ page, workbench, workshop }) => {
  const window = new WorkbenchPage(page)
  await window.place('behaviours')
  const { origin } = new URL(await window.start())
  await window.request(`${origin}/log`)
  await expect(page.getByTestId('response-status')).toContainText('200')
  await window.open('Console')
  await page.getByTestId('console-request').click()
  const spans = page.getByRole('list', { name: 'Times of the request' }).getByRole('listitem')
  await expect(spans.filter({ hasText: 'stdout' })).toContainText('1 call, 10 B')
  await expect(spans.filter({ hasText: 'queue' })).toBeVisible()

  const path = await saveAs(workbench, workshop.folder, 'patchbay.har', async () => {
    await page.getByTestId('console-export').click()
    await page.getByTestId('menu-console.exportHar').click()
  })
  await expect(window.notice('Saved')).toBeVisible()
  const har = JSON.parse(await readFile(path, 'utf8')) as {
    log: { version: string; entries: { request: { url: string } }[] }
  }
  expect(har.log.version).toBe('1.2')
  expect(har.log.entries.map(({ request }) => request.url)).toEqual([`${origin}/log`])
})
