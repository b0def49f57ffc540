import { guest } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'
const http = 'wasi:http/incoming-handler@0.2.12'

test('nodes show that they run, how much goes through, and what failed; a click leads to the request', async ({
  page,
  workbench,
}) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.fit()
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await expect(window.wire('middleware', handler)).toBeAttached()
  await expect(page.getByTestId('live-bridge')).toHaveCount(0)
  const url = await window.start()
  const bridge = page.getByTestId('live-bridge')
  await expect(bridge).toHaveAttribute('data-live', 'running')
  await expect(page.getByTestId('live-middleware')).toHaveAttribute('data-live', 'running')
  await expect(bridge).not.toContainText('/s')

  await window.request(url)
  await expect(bridge).toContainText('/s')
  await expect(page.getByTestId(`traffic-${http}`)).toBeAttached()
  await workbench.screenshot('live-traffic')
  // Only where requests come in is anything counted.
  await expect(page.getByTestId('live-middleware')).not.toContainText('/s')
  // It fades to nothing by itself.
  await expect(bridge).not.toContainText('/s', { timeout: 15_000 })
  await expect(page.getByTestId(`traffic-${http}`)).toHaveCount(0)
  await bridge.click()
  await expect(page.getByRole('tab', { name: 'Console', exact: true })).toHaveAttribute('data-state', 'active')
})

test.describe('a handler that traps', () => {
  test.use({
    startWith: async ({ workshop }, use) => use(await guest(workshop, 'behaviours')),
  })

  test('marks its node with the last failure, and a click leads to the request', async ({ page, workbench }) => {
    const window = new WorkbenchPage(page)
    await window.place('behaviours')
    const url = await window.start()
    const live = page.getByTestId('live-behaviours')
    await expect(live).toHaveAttribute('data-live', 'running')
    await window.request(`${new URL(url).origin}/trap`)
    await expect(live).toHaveAttribute('data-live', 'request-failed')
    await expect(live).toHaveAttribute('title', /GET \/trap/)
    await workbench.screenshot('live-failed')
    await live.click()
    await expect(page.getByTestId('console-request').filter({ hasText: '/trap' })).toBeVisible()
    await expect(page.getByTestId('console-problem').first()).toBeVisible()
    // Looked at: what is shown next is that it runs.
    await expect(live).toHaveAttribute('data-live', 'running')
  })
})
