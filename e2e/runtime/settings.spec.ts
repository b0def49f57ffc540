import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import type { Page } from '@playwright/test'
import { choose } from '../harness/dialogs.ts'
import { guest, readProject } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { expectAccessible } from '../pages/accessibility.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

test.use({
  startWith: async ({ workshop }, use) => {
    const path = await guest(workshop, 'behaviours')
    const tenant = join(dirname(path), 'tenants', 'acme')
    await mkdir(tenant, { recursive: true })
    await cp(path, join(tenant, 'api.wasm'))
    await use(path)
  },
})

/** What a server answers on this path, for a host; with the headers of a proxy's target. */
function ask(
  origin: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(origin)
    get({ host: '127.0.0.1', port, path, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    }).on('error', reject)
  })
}

async function openSettings(page: Page) {
  await new WorkbenchPage(page).command('Run settings')
  return page.getByTestId('run-settings')
}

test('a rule, a tenant and an exception for one handler are set in the window, and hold', async ({
  page,
  workbench,
  workshop,
}) => {
  const folder = join(workshop.folder, 'guests')
  const window = new WorkbenchPage(page)
  await window.place('behaviours')
  const dialog = await openSettings(page)

  await dialog.getByTestId('run-section-serving').click()
  await dialog.getByTestId('run-components').check()
  await expect(dialog.getByTestId('run-served')).toContainText('guests, behaviours')

  await dialog.getByTestId('run-section-tenants').click()
  await choose(workbench, join(folder, 'tenants'), () => dialog.getByTestId('run-tenantFolder-choose').click())
  await expect(dialog.getByTestId('run-tenantFolder')).toHaveValue('tenants')
  await dialog.getByTestId('run-exception-acme').click()
  await dialog.getByTestId('run-environment-add').click()
  await dialog.getByTestId('run-environment-name-0').fill('WHO')
  await dialog.getByTestId('run-environment-value-0').fill('acme')

  await dialog.getByTestId('run-section-handlers').click()
  await dialog.getByTestId('run-exception-behaviours').click()
  await expect(dialog.getByTestId('run-timeout')).toHaveAttribute('placeholder', '30')
  await dialog.getByTestId('run-timeout').fill('0.2')
  await expect(dialog.getByTestId('run-reuse')).toBeHidden()
  await dialog.getByTestId('run-isolation').selectOption('pool')
  await expect(dialog.getByTestId('run-reuse')).toHaveAttribute('placeholder', '100')
  await dialog.getByTestId('run-reuse').fill('0')
  await expect(dialog.getByRole('alert')).toHaveText('A whole number above 0, at most 1000000')
  await dialog.getByTestId('run-reuse').fill('3')
  await expect(dialog.getByTestId('run-isolation-meaning')).toContainText('serves 3 requests')
  await workbench.screenshot('run-settings-reuse')
  await dialog.getByTestId('run-reuse').fill('')
  await dialog.getByTestId('run-isolation').selectOption('none')
  await expect(dialog.getByTestId('run-reuse')).toBeHidden()
  await expect(dialog.getByTestId('run-isolation-meaning')).toContainText('One instance serves every request')
  await expectAccessible(workbench)
  await workbench.screenshot('run-settings-exception')

  // What is wrong stands beside its field, is not saved, and takes nothing with it.
  await dialog.getByTestId('run-section-rules').click()
  await dialog.getByTestId('run-rules-add').click()
  await expect(dialog.getByTestId('run-rules-name-0')).toBeFocused()
  await page.keyboard.type('http://acme')
  await expect(dialog.getByRole('alert')).toContainText('Write a host, a path or both')
  await dialog.getByTestId('run-rules-value-0').fill('acme/apo')
  await expect(dialog.getByTestId('run-rules')).toContainText('served are guests, behaviours, acme/api')
  await dialog.getByTestId('run-section-common').click()
  await dialog.getByTestId('run-settings-save').click()
  await expect(dialog.locator('[data-problem="usage.field"]')).toContainText('nothing was saved yet')
  await expect(dialog.getByTestId('run-rules-name-0')).toBeFocused()
  await workbench.screenshot('run-settings-wrong')
  await dialog.getByTestId('run-rules-name-0').fill('acme.localhost/')
  await dialog.getByTestId('run-rules-value-0').fill('acme/api')
  await expectAccessible(workbench)
  await dialog.getByTestId('run-settings-save').click()
  await expect(dialog).toBeHidden()
  expect((await readProject(folder))['run']).toEqual({
    components: true,
    tenantFolder: 'tenants',
    rules: { 'acme.localhost/': 'acme/api' },
    tenants: { acme: { environment: { WHO: 'acme' } } },
    handlers: { behaviours: { timeout: 200, isolation: 'none' } },
  })

  const { origin } = new URL(await window.start())
  expect(await ask(origin, '/environment', { Host: 'acme.localhost' })).toEqual({ status: 200, text: 'WHO=acme\n' })
  expect(await ask(origin, '/tenant/acme/api/environment')).toEqual({ status: 200, text: 'WHO=acme\n' })
  expect(await ask(origin, '/environment')).toEqual({ status: 200, text: '' })
  const late = await ask(origin, '/run/behaviours/loop')
  expect([late.status, late.text]).toEqual([504, expect.stringContaining('runtime.timeout')])
})

test('the file and the dialog are one truth, and nothing is thrown away unasked', async ({
  page,
  workbench,
  workshop,
}) => {
  const file = join(workshop.folder, 'guests', 'patchbay.json')
  const window = new WorkbenchPage(page)
  await window.place('behaviours')
  await page.keyboard.press('ControlOrMeta+S')
  await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toContain('behaviours')
  const byHand = async (run: unknown): Promise<void> =>
    writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), run }))
  await byHand({ timeout: 4000, timout: 1 })

  const dialog = await openSettings(page)
  await expect(dialog.getByTestId('run-timeout')).toHaveValue('4')
  await expect(dialog.getByTestId('run-settings-unknown')).toContainText('timout')
  await dialog.getByTestId('run-concurrency').fill('7')
  await byHand({ timeout: 5000, timout: 1, handlers: { guests: { memory: 1048576 } } })
  await expect(dialog.getByTestId('run-settings-followed')).toBeVisible()
  await expect(dialog.getByTestId('run-timeout')).toHaveValue('5')
  await expect(dialog.getByTestId('run-concurrency')).toHaveValue('7')
  await workbench.screenshot('run-settings-followed')

  await page.keyboard.press('Escape')
  await expect(dialog.getByTestId('run-settings-stay')).toBeFocused()
  await page.keyboard.press('Enter')
  await dialog.getByTestId('run-settings-save').click()
  await expect(dialog).toBeHidden()
  expect((JSON.parse(await readFile(file, 'utf8')) as { run: unknown }).run).toEqual({
    timeout: 5000,
    concurrency: 7,
    handlers: { guests: { memory: 1048576 } },
    timout: 1,
  })
})

test('what was denied is allowed from the console, for its handler alone', async ({ page, workbench, workshop }) => {
  const upstream = createServer((_request, response) => response.end('from outside'))
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const target = `127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const window = new WorkbenchPage(page)
  await window.place('behaviours')
  const { origin } = new URL(await window.start())
  expect((await ask(origin, '/proxy/x', { 'X-Target': target })).text).toContain('refused')
  expect((await ask(origin, '/proxy/x', { 'X-Target': 'elsewhere.test' })).text).toContain('refused')
  expect((await ask(origin, '/socket')).status).toBe(403)

  await window.open('Console')
  const allow = page.getByTestId('console-allow')
  await expect(allow).toHaveText([`Allow ${target}`, 'Allow elsewhere.test:80', 'Grant sockets…'])
  await workbench.screenshot('console-denied')
  await allow.first().click()
  await expect(window.notice(`${target} is allowed for guests`)).toBeVisible()
  await expect(allow.first()).toHaveText('Run again')
  await allow.last().click()
  const dialog = page.getByTestId('run-settings')
  await expect(dialog.getByTestId('run-allowNet')).toBeFocused()
  // What is still told lies over no button, and can be answered without leaving the dialog.
  const toast = window.notice(`${target} is allowed for guests`)
  await expect(toast).toBeVisible()
  for (const button of await dialog.getByRole('button', { name: /^(Save|Cancel)/ }).all())
    await button.click({ trial: true })
  await workbench.screenshot('toast-beside-dialog')
  await toast.getByRole('button', { name: 'Close toast' }).click()
  await expect(toast).toBeHidden()
  await expect(dialog.getByTestId('run-allowNet')).toBeFocused()
  await page.keyboard.type('127.0.0.1:1')
  await expect(dialog.getByTestId('run-allowHosts-denied').getByRole('button')).toHaveText('Allow elsewhere.test:80')
  await workbench.screenshot('run-settings-denied')
  await dialog.getByTestId('run-settings-restart').click()
  await expect(dialog).toBeHidden()
  expect((await readProject(join(workshop.folder, 'guests')))['run']).toEqual({
    handlers: { guests: { allowHosts: [target], allowNet: ['127.0.0.1:1'] } },
  })
  await expect
    .poll(() =>
      ask(origin, '/socket').then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200)
  expect((await ask(origin, '/proxy/x', { 'X-Target': target })).text).toBe('from outside')
  await window.open('Console')
  await expect(
    page
      .getByTestId('console-line')
      .filter({ hasText: `http://${target}/` })
      .first(),
  ).toContainText('allowed now')
  upstream.closeAllConnections()
  await new Promise((resolve) => upstream.close(resolve))
})

test('a run that settings forbid leads to them, and is forgotten once they are others', async ({ page, workshop }) => {
  const window = new WorkbenchPage(page)
  await window.place('behaviours')
  const dialog = await openSettings(page)
  await dialog.getByTestId('run-secrets').fill('PATCHBAY_TEST_NO_SUCH')
  await expect(dialog.getByTestId('run-secret-states')).toContainText('has no value now')
  await dialog.getByTestId('run-settings-save').click()
  await expect(dialog).toBeHidden()
  await window.run.click()
  const problem = page.getByTestId('problems').locator('[data-problem="usage.secret"]')
  await expect(problem).toContainText('The secret PATCHBAY_TEST_NO_SUCH has no value')
  await problem.click()
  await dialog.getByTestId('run-secrets').fill('')
  await dialog.getByTestId('run-settings-save').click()
  await expect(problem).toHaveCount(0)
  expect(await readProject(join(workshop.folder, 'guests'))).not.toHaveProperty('run')
  await window.start()
})
