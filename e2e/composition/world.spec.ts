import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { choose } from '../harness/dialogs.ts'
import { expect, test } from '../harness/test.ts'
import { expectAccessible } from '../pages/accessibility.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'
const http = 'wasi:http/incoming-handler@0.2.12'

test('the composed world follows every edit, and says item by item how it stands to a target world', async ({
  page,
  workbench,
}) => {
  const window = await opened(page)
  const world = page.getByTestId('composition-world')
  await expect(item(page, 'export', http)).toHaveAttribute('data-state', 'open')
  await expect(item(page, 'import', handler)).toContainText('middleware')

  await chooseTarget(page, 'wasi:http/proxy@0.2.12')
  await expect(page.getByTestId('target-bar')).toContainText('keep it out of')
  await expect(item(page, 'export', http)).toHaveAttribute('data-state', 'fits')
  await expect(item(page, 'import', handler)).toHaveAttribute('data-state', 'missing')
  await expect(item(page, 'import', handler)).toContainText('The world does not offer it')
  await workbench.screenshot('composition-world')

  // A click leads to the port.
  await item(page, 'import', handler)
    .getByRole('button', { name: new RegExp(handler) })
    .click()
  await expect(page.getByTestId('inspector-title')).toHaveText('middleware')

  // Wired: the item is gone. Taken back: it is there again.
  await window.fit()
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await expect(item(page, 'import', handler)).toHaveCount(0)
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(item(page, 'import', handler)).toHaveCount(1)
  // The choice is an edit like any other.
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(page.getByTestId('target-bar')).toContainText('Not compared with a world')
  await page.keyboard.press('ControlOrMeta+Shift+Z')
  await expect(page.getByTestId('target-bar')).toContainText('wasi:http/proxy')
  // How versions are matched is one, too.
  const exact = page.getByTestId('target-bar').getByLabel('Exact versions')
  await exact.check()
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(exact).not.toBeChecked()

  // What is missing is one click away where somebody has it.
  await item(page, 'export', http).getByRole('button', { name: 'Stop exporting incoming-handler' }).click()
  await expect(item(page, 'export', http)).toHaveAttribute('data-state', 'missing')
  await item(page, 'export', http).getByRole('button', { name: 'Export it from bridge' }).click()
  await expect(item(page, 'export', http)).toHaveAttribute('data-state', 'fits')
  await expectAccessible(workbench)
  await expect(world).toBeVisible()
})

test('the target in the pane and in the text are one: chosen, typed, undone and saved', async ({ page, workbench }) => {
  await opened(page)
  const bar = page.getByTestId('target-bar')
  const lines = page.getByTestId('composition-editor').locator('.view-lines')
  await chooseTarget(page, 'wasi:http/proxy@0.2.12')
  await page.getByRole('tab', { name: 'Text', exact: true }).click()
  await expect(lines).toContainText('targets wasi:http/proxy@0.2.12;')
  await workbench.screenshot('composition-target-text')
  // Typed over: the pane follows.
  await lines.click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(
    'package local:first-steps targets local:first-steps/mine;\n// Mine.\nworld mine { export wasi:http/incoming-handler@0.2.12; }\nlet bridge = new patchbay:bridge@0.1.0 { ... };\nexport bridge.incoming-handler;\n',
  )
  await expect(page.getByTestId('composition-problems')).toContainText('mik:core/handler')
  await page.getByTestId('composition-pane').getByTestId('tab-world').click()
  await expect(bar).toContainText('local:first-steps/mine')
  await expect(bar).toContainText('keep')
  await page.keyboard.press('ControlOrMeta+S')
  await expect(new WorkbenchPage(page).notice('Saved')).toBeVisible()
  const again = await workbench.restart()
  await expect(again.getByTestId('target-bar')).toContainText('local:first-steps/mine')
  // Taken away in the pane: gone from the text, whose comments stay.
  await again.getByRole('button', { name: 'Compare with no world' }).click()
  await again.getByRole('tab', { name: 'Text', exact: true }).click()
  const text = again.getByTestId('composition-editor').locator('.view-lines')
  await expect(text).toContainText('Mine.')
  await expect(text).not.toContainText('targets')
  await again.getByTestId('command-edit.undo').click()
  // A long line is wrapped: its parts are drawn apart.
  await expect(text).toContainText('targets')
  await expect(text).toContainText('local:first-steps/mine;')
})

test('worlds come from the project and from elsewhere; WIT that is wrong says where', async ({ page, workbench }) => {
  await opened(page)
  const folder = await projectFolder(page)
  await mkdir(join(folder, 'wit'), { recursive: true })
  await writeFile(
    join(folder, 'wit', 'world.wit'),
    'package my:app@1.0.0;\ninterface log { log: func(s: string); }\nworld app { export log; }\nworld bad { import nothing; }',
  )
  await writeFile(join(folder, 'broken.wit'), 'package my:broken;\nworld {')
  await page.getByRole('button', { name: 'Compare with a world…' }).click()
  const dialog = page.getByTestId('target-dialog')
  await expect(dialog.getByText('my:app/app@1.0.0')).toBeVisible()
  await expect(dialog.getByRole('alert').filter({ hasText: 'broken.wit' })).toBeVisible()
  await workbench.screenshot('composition-target')
  await expectAccessible(workbench)
  await dialog.getByText('my:app/app@1.0.0').click()
  await expect(item(page, 'export', 'my:app/log@1.0.0')).toContainText('Nobody on the canvas has it')

  await page.getByRole('button', { name: 'Change…' }).click()
  await dialog.getByText('A world from elsewhere…').click()
  await dialog.getByLabel('A .wit file or a folder of them').fill('nowhere/at/all')
  await dialog.getByRole('button', { name: 'Use it' }).click()
  await expect(dialog.getByRole('alert').filter({ hasText: 'nowhere/at/all' })).toBeVisible()
  await dialog.getByLabel('A .wit file or a folder of them').fill('wit')
  await dialog.getByLabel('World', { exact: true }).fill('bad')
  await dialog.getByRole('button', { name: 'Use it' }).click()
  await expect(dialog.getByRole('alert').filter({ hasText: 'nothing' })).toBeVisible()
  await dialog.getByLabel('World', { exact: true }).fill('app')
  await dialog.getByRole('button', { name: 'Use it' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByTestId('target-bar')).toContainText('app')

  // The same by choosing the one file.
  await page.getByRole('button', { name: 'Change…' }).click()
  await dialog.getByText('A world from elsewhere…').click()
  await choose(workbench, join(folder, 'wit', 'world.wit'), () => dialog.getByRole('button', { name: 'File…' }).click())
  await expect(dialog.getByLabel('A .wit file or a folder of them')).toHaveValue('wit/world.wit')
  await dialog.getByLabel('World', { exact: true }).fill('app')
  await dialog.getByRole('button', { name: 'Use it' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(item(page, 'export', 'my:app/log@1.0.0')).toContainText('Nobody on the canvas has it')
})

test('exports are chosen, renamed and taken back, whole, by interface and by function', async ({ page, workbench }) => {
  const window = await opened(page)
  await window.node('mik-handler').click({ position: { x: 80, y: 20 } })
  await page.keyboard.press('ControlOrMeta+Alt+X')
  const dialog = page.getByTestId('export-dialog')
  const row = (path: string) => dialog.getByTestId(`export-row-${path}`)
  await row(handler).getByRole('checkbox').check()
  await row('').getByRole('checkbox').check()
  const name = row(handler).getByRole('textbox')
  await name.fill('Not A Name')
  await expect(row(handler).getByRole('alert')).toContainText('cannot be the name of an export')
  await expect(dialog.getByTestId('export-apply')).toHaveAttribute('aria-disabled', 'true')
  await workbench.screenshot('composition-exports')
  await expectAccessible(workbench)
  await name.fill('my:service/inner@1.0.0')
  await row('').getByRole('textbox').fill('everything')
  await dialog.getByTestId('export-apply').click()
  await expect(item(page, 'export', 'my:service/inner@1.0.0')).toBeVisible()
  await expect(item(page, 'export', 'everything')).toBeVisible()
  await expect(page.getByTestId('rf__edge-export everything')).toBeAttached()
  await expect(page.getByTestId('rf__edge-export my:service/inner@1.0.0')).toBeAttached()
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(item(page, 'export', 'everything')).toHaveCount(0)

  // The same from the port itself.
  await window.fit()
  await window.port('mik-handler', 'out', handler).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Export handler', exact: true }).click()
  await expect(item(page, 'export', handler)).toBeVisible()
  await window.port('mik-handler', 'out', handler).focus()
  await page.keyboard.press('e')
  await expect(item(page, 'export', handler)).toHaveCount(0)
})

test('what is valid and yet no WIT can say is a warning: counted apart, told in words, and no reason not to compose', async ({
  page,
  workbench,
}) => {
  const window = await opened(page)
  await page.keyboard.press('ControlOrMeta+Alt+W')
  await expect(window.wire('middleware', handler)).toBeAttached()
  const count = page.getByTestId('problem-count')
  await expect(count).toHaveText('No problems')
  await page.getByTestId('wire-report').getByRole('button', { name: 'Close' }).click()
  const exportAs = async (name: string): Promise<void> => {
    await page.keyboard.press('ControlOrMeta+Alt+X')
    const row = page.getByTestId('export-dialog').getByTestId(`export-row-${handler}`)
    await row.getByRole('checkbox').check()
    await row.getByRole('textbox').fill(name)
    await page.getByTestId('export-apply').click()
    await expect(item(page, 'export', name)).toBeVisible()
  }
  await window.node('mik-handler').click({ position: { x: 80, y: 20 } })
  await exportAs('my:app/first@1.0.0')
  await page.keyboard.press('ControlOrMeta+D')
  await expect(window.node('mik-handler-2')).toBeVisible()
  await exportAs('my:app/again@1.0.0')
  await expect(count).toHaveText('1 warning')
  await count.click()
  const warning = page.getByTestId('problems').locator('[data-problem="graph.unprintable"]')
  await expect(warning).toContainText('have the same types')
  await expect(warning.getByLabel('Warning')).toBeVisible()
  await workbench.screenshot('warning')
  await expectAccessible(workbench)
  await window.command('Compose into the library')
  await expect(window.item('first-steps-composed.wasm')).toContainText('KB')
})

test('a component is left to be supplied from its menu, and embedded again from the inspector', async ({
  page,
  workbench,
}) => {
  const window = await opened(page)
  const dependency = page.locator('[data-testid^="world-import-unlocked-dep=<"]')
  await expect(dependency).toHaveCount(0)
  await window.node('bridge').click({ button: 'right', position: { x: 80, y: 20 } })
  await page.getByRole('menuitem', { name: /Leave .*bridge to be supplied/ }).click()
  await expect(dependency).toHaveCount(1)
  await window.node('bridge').click({ position: { x: 80, y: 20 } })
  await expect(page.getByTestId('inspector-link')).toHaveText('imported')
  await workbench.screenshot('composition-link')
  await expectAccessible(workbench)
  await page.getByTestId('inspector-link').click()
  await expect(page.getByTestId('inspector-link')).toHaveText('embedded')
  await expect(dependency).toHaveCount(0)
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(dependency).toHaveCount(1)
})

test('the pane says what it would show while nothing is on the canvas', async ({ page, workbench }) => {
  await opened(page)
  await page.locator('.react-flow__pane').click({ position: { x: 10, y: 300 } })
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.press('Delete')
  await expect(page.getByText('No world yet')).toBeVisible()
  await workbench.screenshot('composition-empty')
  await expectAccessible(workbench)
})

for (const size of [
  { width: 1280, height: 800 },
  { width: 2560, height: 1440 },
])
  for (const theme of ['light', 'dark'] as const)
    test(`text and world at ${size.width}×${size.height}, ${theme}`, async ({ page, workbench }) => {
      await page.setViewportSize(size)
      const window = await opened(page)
      await window.command(`Theme: ${theme}`)
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
      await chooseTarget(page, 'wasi:http/proxy@0.2.12')
      await expect(item(page, 'export', http)).toHaveAttribute('data-state', 'fits')
      await workbench.screenshot(`world-${size.width}-${theme}`)
      if (size.width === 1280) await expectAccessible(workbench)
      await page.keyboard.press('ControlOrMeta+Alt+5')
      await expect(page.getByTestId('composition-editor').locator('.view-lines')).toContainText('package local:')
      await workbench.screenshot(`text-${size.width}-${theme}`)
      if (size.width === 1280) await expectAccessible(workbench)
    })

function item(page: Page, side: 'import' | 'export', name: string) {
  return page.getByTestId(`world-${side}-${name}`)
}

async function opened(page: Page): Promise<WorkbenchPage> {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await page.keyboard.press('ControlOrMeta+Alt+6')
  await expect(page.getByTestId('composition-world')).toBeVisible()
  await window.fit()
  return window
}

async function chooseTarget(page: Page, world: string): Promise<void> {
  await page.getByRole('button', { name: 'Compare with a world…' }).click()
  const dialog = page.getByTestId('target-dialog')
  await dialog.getByLabel('Find a world').fill(world)
  await dialog.getByText(world).click()
  await expect(dialog).toHaveCount(0)
}

/** Where the open project lies, as the library tells of its files. */
async function projectFolder(page: Page): Promise<string> {
  await page.locator('[data-item="bridge"], [data-item$="bridge"]').first().click()
  const path = await page.getByTestId('inspector-overview').locator('dd').filter({ hasText: 'bridge.wasm' }).innerText()
  return join(path.trim(), '..', '..')
}
