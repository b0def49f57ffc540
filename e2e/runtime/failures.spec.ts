import { type AddressInfo, createServer } from 'node:net'
import { guest, sampleProject } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test.describe('a handler that fails', () => {
  test.use({
    startWith: async ({ workshop }, use) => use(await guest(workshop, 'behaviours')),
  })

  test('a trap is a 502 with its reason, a line beneath its request, and the next request is answered', async ({
    page,
    workbench,
  }) => {
    const window = new WorkbenchPage(page)
    await window.place('behaviours')
    const url = await window.start()
    const origin = new URL(url).origin

    await window.request(`${origin}/trap`)
    await expect(page.getByTestId('response-status')).toContainText('502')
    await expect(page.getByTestId('response').getByRole('alert')).toContainText(/trap|unreachable/i)
    await workbench.screenshot('trap')

    await window.request(`${origin}/none`)
    await expect(page.getByTestId('response').getByRole('alert')).toContainText(/without|no response|never/i)

    await window.request(`${origin}/hello`)
    await expect(page.getByTestId('response-status')).toContainText('200')
    await expect(page.getByTestId('response-body')).toContainText('hello')

    await window.open('Console')
    const requests = page.getByTestId('console-request')
    await expect(requests).toHaveCount(3)
    await expect(requests.filter({ hasText: '/trap' })).toContainText('502')
    await expect(requests.filter({ hasText: '/trap' })).toHaveAttribute('data-failed')
    await expect(page.getByTestId('console-problem').filter({ hasText: /trap|unreachable/i })).toBeVisible()
    await expect(page.getByTestId('runtime-state')).toContainText('Running')
  })
})

test.describe('a stop', () => {
  test.use({
    startWith: async ({ workshop }, use) => use(await guest(workshop, 'behaviours')),
  })

  test('waits for requests under way, until it is told to stop at once: they learn why', async ({ page }) => {
    const window = new WorkbenchPage(page)
    await window.item('behaviours.wasm').dblclick()
    const { origin } = new URL(await window.start())
    await window.request(`${origin}/sleep=25000`)
    await expect(page.getByTestId('runtime-state')).toContainText('1 request in flight')
    await window.run.click()
    await expect(page.getByTestId('runtime-state')).toContainText('Stopping')
    await expect(window.run).toHaveText('Stop now')
    await window.run.click()
    await expect(page.getByTestId('runtime-state')).toContainText('Stopped')
    await expect(page.getByTestId('response-status')).toContainText('503')
    await expect(page.getByTestId('response').getByRole('alert')).toContainText('The server is stopping')
  })
})

test.describe('a port that somebody else has', () => {
  const holder = createServer()
  test.use({
    startWith: async ({ workshop }, use) => {
      await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
      const { port } = holder.address() as AddressInfo
      await use(await sampleProject(workshop, (project) => Object.assign(project, { run: { port } })))
      await new Promise((resolve) => holder.close(resolve))
    },
  })

  test('is named with the way out, and the run starts once it is free', async ({ page }) => {
    const window = new WorkbenchPage(page)
    await expect(window.node('bridge')).toBeVisible()
    await window.fit()
    await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
    const { port } = holder.address() as AddressInfo
    await window.run.click()
    await expect(window.notice(`${port}`)).toContainText(/in use/)
    await expect(page.getByTestId('runtime-state')).not.toContainText('Running')
    await new Promise((resolve) => holder.close(resolve))
    expect(new URL(await window.start()).port).toBe(String(port))
  })
})

test('a run that is refused stays among the problems until the composition is another', async ({ page }) => {
  const window = new WorkbenchPage(page)
  await window.fit()
  await page.getByRole('button', { name: 'Run', exact: true }).first().click()
  const problem = page.getByTestId('problems').locator('[data-problem="graph.missing-import"]')
  await expect(problem).toContainText('"middleware" needs "mik:core/handler@0.1.0"')
  await expect(page.getByTestId('problem-count')).toHaveText('1 problem')
  await page.keyboard.press('ControlOrMeta+Alt+W')
  await expect(window.wire('middleware', handler)).toBeAttached()
  await expect(problem).toHaveCount(0)
  await expect(page.getByTestId('problem-count')).toHaveText('No problems')
})
