import type { Page } from '@playwright/test'
import { expect, test } from '../harness/test.ts'
import { expectAccessible } from '../pages/accessibility.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test('what is typed becomes wires, what is drawn becomes text, and one undo crosses both', async ({
  page,
  workbench,
}) => {
  const window = await opened(page)
  await expect(lines(page)).toContainText('let mik-handler = new')
  await writeText(page, [
    'package local:first-steps;',
    '// What answers.',
    'let mik-handler = new patchbay:mik-handler@0.1.0 {};',
    '// What stands in front.',
    'let middleware = new patchbay:middleware@0.1.0 { handler: mik-handler.handler, ... };',
    'let bridge = new patchbay:bridge@0.1.0 { handler: middleware.handler, ... };',
    'export bridge.incoming-handler;',
  ])
  await expect(window.wire('middleware', handler)).toBeAttached()
  await expect(page.getByTestId('composition-text')).toHaveAttribute('data-state', 'good')
  await workbench.screenshot('composition-text')

  // Drawn on the canvas: the text follows and keeps what a person wrote.
  await window.node('mik-handler').click({ position: { x: 80, y: 20 } })
  await page.keyboard.press('Delete')
  await expect(window.node('mik-handler')).toHaveCount(0)
  await expect(lines(page)).not.toContainText('new patchbay:mik-handler')
  await expect(lines(page)).toContainText('What stands in front.')

  await page.keyboard.press('ControlOrMeta+Z')
  await expect(window.wire('middleware', handler)).toBeAttached()
  await expect(lines(page)).toContainText('What stands in front.')
  // The same history from within the text.
  await lines(page).click()
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(window.wire('middleware', handler)).toHaveCount(0)
  await expect(lines(page)).not.toContainText('What stands in front.')
  await page.keyboard.press('ControlOrMeta+Shift+Z')
  await expect(window.wire('middleware', handler)).toBeAttached()
})

test('what the text imports is drawn, and so are the wires from it', async ({ page, workbench }) => {
  const window = await opened(page)
  await expect(page.getByTestId('node-imports')).toHaveCount(0)
  await writeText(page, [
    'package local:first-steps;',
    'import outer: mik:core/handler@0.1.0;',
    'let middleware = new patchbay:middleware@0.1.0 { handler: outer, ... };',
    'let bridge = new patchbay:bridge@0.1.0 { handler: middleware.handler, ... };',
    'export bridge.incoming-handler;',
  ])
  await expect(page.getByTestId(`port-$imports-out-${handler}`)).toBeVisible()
  await expect(window.wire('middleware', handler)).toBeAttached()
  await workbench.screenshot('composition-imports')
  await expectAccessible(workbench)

  // The wire is taken away like any other, and with its last wire the import goes back to what nobody gives.
  await window.wire('middleware', handler).focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Delete')
  await expect(window.wire('middleware', handler)).toHaveCount(0)
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(window.wire('middleware', handler)).toBeAttached()
  await window.command('List instead of canvas')
  await expect(page.getByRole('region', { name: 'World imports' })).toContainText('to middleware')
})

test('a text with mistakes underlines them, says what to do, and destroys nothing', async ({ page, workbench }) => {
  const window = await opened(page)
  await replaceText(page, 'let middleware = new patchbay:middleware@0.1.0 { ... };', [
    'let middleware = new patchbay:middlewear@0.1.0 { ... };',
  ])
  const problems = page.getByTestId('composition-problems')
  await expect(problems).toContainText('patchbay:middlewear')
  await expect(problems).toContainText('Did you mean')
  await expect(problems).toContainText('The canvas keeps to the last text that made sense')
  await expect(page.locator('.squiggly-error').first()).toBeAttached()
  await expect(window.node('middleware')).toBeVisible()
  await workbench.screenshot('composition-text-problems')
  await expectAccessible(workbench)
  await problems.getByRole('button', { name: /middlewear/ }).click()
  await expect(page.locator('.monaco-editor').first()).toHaveClass(/focused/)

  // Edited meanwhile on the canvas: said, and nothing typed is lost.
  await window.node('mik-handler').click({ position: { x: 80, y: 20 } })
  await page.keyboard.press('Delete')
  await expect(problems).toContainText('The canvas was edited since')
  await expect(lines(page)).toContainText('middlewear')
  await problems.getByRole('button', { name: 'Discard what I typed' }).click()
  await expect(problems).toHaveCount(0)
  await expect(lines(page)).not.toContainText('middlewear')
  await expect(lines(page)).not.toContainText('mik-handler')
})

test('a name of the library is enough: a sample that is typed comes into the project and onto the canvas', async ({
  page,
}) => {
  const window = await opened(page)
  const place = await window.node('bridge').boundingBox()
  await appendText(page, ['let front = new sample:hello { ... };'])
  await expect(window.node('front')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Project', exact: true }).getByText('hello.wasm')).toBeVisible()
  expect(await window.node('bridge').boundingBox()).toEqual(place)
})

test('comments are kept with the project', async ({ page, workbench }) => {
  await opened(page)
  await appendText(page, ['// Written by hand.'])
  await expect(page.getByTestId('composition-text')).toHaveAttribute('data-state', 'good')
  await page.keyboard.press('ControlOrMeta+S')
  await expect(new WorkbenchPage(page).notice('Saved')).toBeVisible()
  const again = await workbench.restart()
  await expect(lines(again)).toContainText('Written by hand.')
})

function lines(page: Page) {
  return page.getByTestId('composition-editor').locator('.view-lines')
}

async function opened(page: Page): Promise<WorkbenchPage> {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await page.keyboard.press('ControlOrMeta+Alt+5')
  await expect(lines(page)).toContainText('package local:first-steps')
  await window.fit()
  return window
}

/** Puts lines in the place of one line. */
async function replaceText(page: Page, line: string, by: readonly string[]): Promise<void> {
  await lines(page).click()
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.press('ControlOrMeta+F')
  await page.keyboard.insertText(line)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await page.keyboard.insertText(by.join('\n'))
}

async function writeText(page: Page, by: readonly string[]): Promise<void> {
  await lines(page).click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(`${by.join('\n')}\n`)
}

async function appendText(page: Page, by: readonly string[]): Promise<void> {
  await lines(page).click()
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.insertText(`\n${by.join('\n')}\n`)
}
