import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startServer } from '../harness/launch.ts'
import { expect, test } from '../harness/test.ts'

test('the page tells that the workbench stopped, and reconnects', async ({ workbench, workshop }) => {
  workbench.allowErrors(/WebSocket|Failed to load resource|ERR_CONNECTION_REFUSED/)
  const server = await startServer({ userFolder: workshop.userFolder })
  const page = await workbench.page.context().newPage()
  await page.goto(server.url)
  await expect(page.getByRole('main')).toBeVisible()
  await server.stop()
  await expect(page.getByText(/reconnect/i).first()).toBeVisible()

  const next = await startServer({ userFolder: workshop.userFolder }, Number(new URL(server.origin).port))
  await expect(page.getByText(/new link/i).first()).toBeVisible()
  await page.goto(next.url)
  await expect(page.getByRole('main')).toBeVisible()
  await next.stop()
})
test('another page cannot reach the workbench', async ({ workbench, page }) => {
  // Its own page shows what it was refused.
  workbench.allowErrors(/Failed to load resource|WebSocket|blocked|Refused|Framing/)
  const stranger = createServer((_request, response) =>
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><p>stranger</p>'),
  )
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = stranger.address() as AddressInfo
    // Same host, other port: the browser counts that as the same site, so the cookie alone would not protect us.
    const other = await page.context().newPage()
    await other.goto(`http://127.0.0.1:${port}/`)
    const outcome = await other.evaluate(async (origin) => {
      const read = await fetch(`${origin}/`, { credentials: 'include' }).then(
        () => true,
        () => false,
      )
      const socket = await new Promise((resolve) => {
        const attempt = new WebSocket(`${origin.replace('http', 'ws')}/workbench`)
        attempt.addEventListener('open', () => resolve(true))
        attempt.addEventListener('error', () => resolve(false))
      })
      const frame = document.createElement('iframe')
      frame.src = `${origin}/`
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
      document.body.append(frame)
      await loaded
      return { read, socket }
    }, workbench.origin ?? '')
    expect(outcome).toEqual({ read: false, socket: false })
    for (const frame of other.frames().slice(1))
      expect(await frame.evaluate(() => document.querySelector('main, #root'))).toBeNull()
  } finally {
    stranger.closeAllConnections()
    stranger.close()
  }
})

test('a link works once, and other browsers are told what to do', async ({ workbench, page, sharedBrowser }) => {
  expect(page.url()).toBe(`${workbench.origin}/`)
  const browser = await sharedBrowser()
  const context = await browser.newContext()
  const other = await context.newPage()
  const plain = await other.goto(`${workbench.origin}/`)
  expect(plain?.status()).toBe(403)
  await expect(other.getByText('Enter prints a new one')).toBeVisible()
  const guessed = await other.goto(`${workbench.origin}/?token=${'A'.repeat(43)}`)
  expect(guessed?.status()).toBe(403)
  await expect(other.getByRole('heading')).toHaveText('This link was used already')
  await context.close()
})
