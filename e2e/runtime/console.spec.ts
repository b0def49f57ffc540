import { guest } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

test.use({
  startWith: async ({ workshop }, use) => use(await guest(workshop, 'behaviours')),
})

test('shows the newest row, whatever came while it was out of sight, and takes arrow keys from there', async ({
  page,
}) => {
  const window = new WorkbenchPage(page)
  await window.place('behaviours')
  const { origin } = new URL(await window.start())
  // Rows of different heights: a trap has lines, a 404 none.
  for (let times = 0; times < 15; times++) await fetch(`${origin}/${times % 3 ? 'log' : 'status=404'}`)
  await fetch(`${origin}/path/last`)
  await window.open('Console')
  const requests = page.getByTestId('console-request')
  const last = requests.filter({ hasText: '/path/last' })
  await expect(last).toBeInViewport()
  await page.getByTestId('command-console.handlers').click()
  await expect(page.getByTestId('traffic-row')).toBeVisible()
  await expect(last).toBeInViewport()

  await page.getByRole('tree', { name: 'Requests and log lines' }).press('ArrowUp')
  await expect(page.getByRole('treeitem', { selected: true })).toContainText('/path/last')
})

test('puts requests in order of a column, and sends one of them again from the playground', async ({ page }) => {
  const window = new WorkbenchPage(page)
  await window.place('behaviours')
  const { origin } = new URL(await window.start())
  await fetch(`${origin}/path/quick`)
  await fetch(`${origin}/sleep=150`, { method: 'POST', headers: { 'x-mine': 'a' }, body: 'some text' })
  await fetch(`${origin}/status=404`)
  await window.open('Console')
  const requests = page.getByTestId('console-request')
  await expect(requests).toHaveText([/quick/, /sleep/, /404/])
  await page.getByTestId('console-order-duration').click()
  await expect(requests.first()).toContainText('/sleep=150')
  await page.getByTestId('console-order-status').click()
  await expect(requests.first()).toContainText('/status=404')
  await page.getByTestId('console-order-status').click()
  await expect(requests.last()).toContainText('/status=404')
  await page.getByTestId('console-order-time').click()
  await expect(requests).toHaveText([/quick/, /sleep/, /404/])

  await requests.nth(1).click({ button: 'right' })
  await page.getByTestId('menu-console.sendAgain').click()
  await expect(page.getByTestId('request-url')).toHaveValue(`${origin}/sleep=150`)
  await expect(page.getByTestId('request-method')).toHaveValue('POST')
  await expect(page.getByRole('list', { name: 'Left out of this request' })).toContainText('The body of 9 B')
  await window.send()
  await expect(page.getByTestId('response-body')).toContainText('slept')
  await window.open('Console')
  await expect(requests).toHaveCount(4)
})
