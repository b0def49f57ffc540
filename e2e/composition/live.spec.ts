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
