import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test('first start, draw the wire, run, send, read the log, strip, save, quit, reopen', async ({ workbench, page }) => {
  const window = new WorkbenchPage(page)
  await window.fit()
  await expect(page.getByTestId('coach')).toContainText('Draw a wire')

  await test.step('the verdict shows before the wire is dropped', async () => {
    const to = window.port('middleware', 'in', handler)
    await window.dragWire(window.port('mik-handler', 'out', handler), to)
    await expect(page.getByTestId('verdict-tip')).toContainText('Fits')
    await page.mouse.up()
    await expect(window.wire('middleware', handler)).toBeAttached()
  })

  await test.step('run and send: the answer carries the header of the middleware', async () => {
    await window.start()
    await window.send()
    await expect(page.getByTestId('response-status')).toContainText('200')
    await expect(page.getByTestId('response-body')).toContainText('Hello from mik-handler')
    await expect(page.getByTestId('response-time')).toContainText('ms')
    await expect(page.getByTestId('response-size')).toContainText('B')
    await page
      .getByTestId('response')
      .getByRole('tab', { name: /Headers/ })
      .click()
    await expect(page.getByTestId('response')).toContainText('x-patchbay')
    await workbench.screenshot('answered')
  })

  await test.step('the log line of the middleware stands beneath its request', async () => {
    await window.open('Console')
    await expect(page.getByTestId('console-request')).toContainText('200')
    await expect(page.getByTestId('console-line').filter({ hasText: 'middleware: GET / -> 200' })).toBeVisible()
  })

  await test.step('strip the middleware: before and after, and the wire stays', async () => {
    await window.node('middleware').click()
    await page.getByTestId('inspector').getByRole('tab', { name: 'Size' }).click()
    await expect(page.getByTestId('strip-preview')).toContainText(/KB → .* KB/)
    await page.getByTestId('strip-button').click()
    await expect(page.getByTestId('strip-preview')).toContainText('nothing to take away')
    await expect(window.wire('middleware', handler)).toBeAttached()
  })

  await test.step('save, quit, reopen: the same canvas, and it still runs', async () => {
    const before = await window.node('middleware').boundingBox()
    expect(before).not.toBeNull()
    await page.keyboard.press('ControlOrMeta+S')
    await expect(page.getByTestId('dirty')).toHaveCount(0)
    const again = new WorkbenchPage(await workbench.restart())
    await expect(again.node('middleware')).toBeVisible()
    await expect(again.node('bridge')).toBeVisible()
    await expect(again.wire('middleware', handler)).toBeAttached()
    await expect(again.wire('bridge', handler)).toBeAttached()
    await again.start()
    await again.send()
    await expect(again.page.getByTestId('response-status')).toContainText('200')
  })
})

test('a wire that does not fit is refused with the reason', async ({ page }) => {
  const window = new WorkbenchPage(page)
  await window.fit()
  // The bridge speaks HTTP on its other side; the middleware wants mik:core.
  await window.dragWire(
    window.port('bridge', 'out', 'wasi:http/incoming-handler@0.2.12'),
    window.port('middleware', 'in', handler),
  )
  await expect(page.getByTestId('verdict-tip')).not.toContainText('Fits')
  await page.mouse.up()
  await expect(page.getByTestId('refusal')).toBeVisible()
  await expect(window.wire('middleware', handler)).toHaveCount(0)
})

test('undo takes back one gesture, redo does it again', async ({ page }) => {
  const window = new WorkbenchPage(page)
  await window.fit()
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await expect(window.wire('middleware', handler)).toBeAttached()
  await page.getByTestId('command-edit.undo').click()
  await expect(window.wire('middleware', handler)).toHaveCount(0)
  await page.getByTestId('command-edit.redo').click()
  await expect(window.wire('middleware', handler)).toBeAttached()
})

test('running what lacks a wire says which one', async ({ page }) => {
  const window = new WorkbenchPage(page)
  await window.fit()
  await window.run.click()
  await expect(page.getByText(/mik:core\/handler@0\.1\.0/).first()).toBeVisible()
  await expect(page.getByTestId('runtime-state')).not.toContainText('Running')
})
