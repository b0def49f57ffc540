import { servedGuests } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

test.use({
  startWith: async ({ workshop }, use) => {
    const folder = await servedGuests(workshop, { timeout: 4000 })
    await use(folder)
  },
})

test('of two handlers one loops: the other answers meanwhile, and the console tells each what is its own', async ({
  page,
  workbench,
}) => {
  const window = new WorkbenchPage(page)
  await window.place('behaviours')
  const { origin } = new URL(await window.start())

  let isLooping = true
  const loop = fetch(`${origin}/run/behaviours/loop`).finally(() => (isLooping = false))
  await window.open('Console')
  const requests = page.getByTestId('console-request')
  const looping = requests.filter({ hasText: '/run/behaviours/loop' })
  // What it said before it went into the loop is there while it is in it.
  await expect(page.getByTestId('console-line').filter({ hasText: 'about to loop' })).toBeVisible()
  for (let times = 0; times < 3; times++) {
    const answer = await fetch(`${origin}/run/other/log`)
    expect([answer.status, await answer.text()]).toEqual([200, 'logged\n'])
  }
  expect(isLooping).toBe(true)
  expect((await loop).status).toBe(504)

  await expect(looping).toContainText('504')
  await expect(looping).toHaveAttribute('data-failed')
  await expect(requests.filter({ hasText: '/run/other/log' })).toHaveCount(3)
  await expect(page.getByTestId('console-line').filter({ hasText: 'its worker is ended and replaced' })).toBeVisible()
  await workbench.screenshot('two-handlers')
  await requests.filter({ hasText: '/run/other/log' }).first().click()
  const spans = page.getByRole('list', { name: 'Times of the request' }).getByRole('listitem')
  await expect(spans.filter({ hasText: 'guest' }).first()).toBeVisible()
  await expect(spans.filter({ hasText: 'stdout' })).toContainText('1 call, 10 B')
  await workbench.screenshot('two-handlers-times')
  // It is there for the next one.
  expect((await fetch(`${origin}/run/behaviours/hello`)).status).toBe(200)
})
