import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../harness/test.ts'
import { expectAccessible } from '../pages/accessibility.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const http = 'wasi:http/incoming-handler@0.2.12'

test.describe('an empty project', () => {
  test.use({
    startWith: async ({ workshop }, use) => {
      const folder = join(workshop.folder, 'by-keys')
      await mkdir(folder)
      await use(folder)
    },
  })

  test('from nothing to an answered request with the keyboard alone', async ({ page, workbench }) => {
    const window = new WorkbenchPage(page)
    await expect(page.getByText('Nothing on the canvas yet')).toBeVisible()
    await test.step('add two components', async () => {
      for (const name of ['hello.wasm', 'http-logger']) {
        await page.keyboard.press('ControlOrMeta+Shift+A')
        await expect(page.getByTestId('add-picker')).toBeVisible()
        await page.keyboard.type(name)
        await page.keyboard.press('Enter')
        await expect(window.node(name.replace('.wasm', ''))).toBeVisible()
      }
    })
    await test.step('wire one to the other', async () => {
      await find(page, 'http-logger')
      await tabTo(page, window.port('http-logger', 'in', http))
      await page.keyboard.press('Enter')
      await expect(window.port('hello', 'out', http)).toBeFocused()
      await page.keyboard.press('Enter')
      await expect(window.wire('http-logger', http)).toBeAttached()
    })
    await test.step('look into a port, and fold it again', async () => {
      await find(page, 'http-logger')
      await tabTo(page, window.port('http-logger', 'in', http))
      await page.keyboard.press('ArrowRight')
      await expect(page.getByTestId(`detail-http-logger in ${http}`)).toContainText('handle')
      await page.keyboard.press('ArrowLeft')
      await expect(page.getByTestId(`detail-http-logger in ${http}`)).toHaveCount(0)
    })
    await test.step('export what the logger gives', async () => {
      await tabTo(page, window.port('http-logger', 'out', http))
      await page.keyboard.press('Enter')
      await expect(page.locator(':focus')).toHaveAttribute('data-testid', /port-world/)
      await page.keyboard.press('Enter')
      await expect(page.getByTestId(`rf__edge-export ${http}`)).toBeAttached()
    })
    await test.step('run, and send a request', async () => {
      await page.keyboard.press('F5')
      await expect(page.getByTestId('runtime-state')).toContainText('Running', { timeout: 30_000 })
      await page.keyboard.press('ControlOrMeta+Enter')
      await expect(page.getByTestId('response-status')).toContainText('200')
      await workbench.screenshot('by-keys')
      await page.keyboard.press('Shift+F5')
      await expect(page.getByTestId('runtime-state')).toContainText('Stopped', { timeout: 30_000 })
    })
  })
})

for (const theme of ['light', 'dark'] as const) {
  test(`no state of the canvas stands in the way of assistive tools (${theme})`, async ({ page, workbench }) => {
    const window = new WorkbenchPage(page)
    await expect(window.node('bridge')).toBeVisible()
    await window.fit()
    await window.command(`Theme: ${theme}`)
    const check = (state: string): Promise<void> => expectAccessible(workbench, undefined, state)
    await window.node('middleware').click({ position: { x: 80, y: 20 } })
    await page.getByTestId('unfold-middleware-in-mik:core/handler@0.1.0').click()
    await check('a port unfolded')
    await page.keyboard.press('ControlOrMeta+G')
    await check('a group being named')
    await page.keyboard.press('Enter')
    await window.command('Add a note')
    await page.keyboard.type('A **note**')
    await page.keyboard.press('ControlOrMeta+Enter')
    await check('a group and a note')
    for (const size of [
      { width: 1280, height: 800 },
      { width: 2560, height: 1440 },
    ]) {
      if (workbench.host === 'browser') await page.setViewportSize(size)
      await window.fit()
      await workbench.screenshot(`canvas-${theme}-${size.width}`)
    }
    await page.keyboard.press('ControlOrMeta+Shift+A')
    await check('the picker')
    await page.keyboard.press('Escape')
    await page.keyboard.press('ControlOrMeta+F')
    await page.keyboard.type('is:unsatisfied')
    await check('the search')
    await page.keyboard.press('Escape')
    await window.command('Wire all that is clear')
    await check('what was wired')
    await page.keyboard.press('ControlOrMeta+Alt+K')
    await check('the list')
    await workbench.screenshot(`list-${theme}`)
  })
}

test('with large text and without motion nothing is lost', async ({ page, workbench }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'))
  await window.fit()
  await workbench.screenshot('large-text')
  const run = await window.run.boundingBox()
  const size = await page.evaluate(() => ({ width: innerWidth, height: innerHeight }))
  if (!run) throw new Error('there is no Run')
  expect(run.x + run.width).toBeLessThanOrEqual(size.width)
  // Nothing runs out of its node.
  const overflow = await window
    .node('bridge')
    .evaluate(
      (node) =>
        [...node.querySelectorAll('*')].filter(
          (part) => part.scrollHeight > part.clientHeight + 3 && part.clientHeight > 20,
        ).length,
    )
  expect(overflow).toBe(0)
  const handler = 'mik:core/handler@0.1.0'
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await expect(window.wire('middleware', handler)).toBeAttached()
})

/** Finds an instance by its name and goes on from it. */
async function find(page: Page, name: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+F')
  await page.keyboard.type(name)
  await expect(page.getByTestId('find-bar')).toContainText('1 of 1')
  await page.keyboard.press('Escape')
}

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 150; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  await expect(target).toBeFocused()
}
