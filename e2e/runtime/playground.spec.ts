import { readFile, writeFile } from 'node:fs/promises'
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { servedGuests } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

test.use({
  startWith: async ({ workshop }, use) => {
    const folder = await servedGuests(workshop)
    await writeFile(join(folder, 'half.wasm'), (await readFile(join(folder, 'behaviours.wasm'))).subarray(0, 3000))
    await use(folder)
  },
})

test('of several handlers one is chosen by its address, and an answer that breaks off shows what came and why', async ({
  page,
  workbench,
}) => {
  const window = new WorkbenchPage(page)
  const { origin } = new URL(await window.start())
  const address = page.getByTestId('request-url')
  await expect(address).toHaveValue(`${origin}/run/behaviours/`)
  await page.getByTestId('request-handlers').click()
  await page.getByTestId('menu-handler-other').click()
  await expect(address).toHaveValue(`${origin}/run/other/`)

  await window.request(`${origin}/run/other/late-trap=500`)
  const response = page.getByTestId('response')
  await expect(page.getByTestId('response-status')).toContainText('200')
  await expect(response.getByRole('alert')).toContainText(/broke off after \d+ B: The guest trapped in/)
  await workbench.screenshot('broken-off')
  await page.getByTestId('response-record').click()
  await expect(page.getByRole('treeitem', { selected: true })).toContainText('/run/other/late-trap=500')
  await window.open('Playground')
  await window.request(`${origin}/run/other/trap-after-answer`)
  await expect(page.getByTestId('response-body')).toContainText('all of it')
  await expect(response.getByRole('alert')).toContainText('failed after its answer: The guest trapped in')
})

test('a file that is no component is among the handlers, and says why it cannot run', async ({ page, workbench }) => {
  const window = new WorkbenchPage(page)
  const { origin } = new URL(await window.start())
  await window.request(`${origin}/run/half/`)
  await expect(page.getByTestId('response-status')).toContainText('500')
  await expect(page.getByTestId('response').getByRole('alert')).toContainText('half is not a valid component')
  await expect(page.getByTestId('problem-count')).toHaveText('1 problem')
  await window.open('Console')
  await page.getByTestId('command-console.handlers').click()
  await expect(page.getByTestId('traffic-row').filter({ hasText: 'half' })).toContainText('cannot run')
  await workbench.screenshot('handlers')
})

test('an answer is shown as it comes, and what came stays when it is cancelled', async ({ page, workbench }) => {
  let answer: ServerResponse | undefined
  const server = createServer((_request, response) => {
    answer = response
    response.writeHead(200, { 'Content-Type': 'text/plain' })
    response.write('first line\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const window = new WorkbenchPage(page)
  await window.open('Playground')
  await window.request(`http://127.0.0.1:${port}/`)
  const body = page.getByTestId('response-body')
  await expect(body).toContainText('first line')
  await expect(page.getByTestId('response-time').getByTestId('elapsed')).toBeVisible()
  answer?.write('second line\n')
  await expect(body).toContainText('second line')
  await workbench.screenshot('arriving')
  await page.getByTestId('request-cancel').click()
  await expect(page.getByTestId('response').getByRole('alert')).toContainText('Cancelled')
  await expect(body).toContainText('second line')

  await window.send()
  await expect(body).toContainText('first line')
  answer?.end('the end\n')
  await expect(body).toContainText('the end')
  await expect(page.getByTestId('response-time')).toContainText('total')
  await new Promise((resolve) => server.close(resolve))
})
