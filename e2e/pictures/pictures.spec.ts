import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeLargeProject } from '../../bench/large-project.ts'
import { callChannel } from '../../src-preload/contract.ts'
import { guest, sample, sampleProject } from '../harness/project.ts'
import { type Workbench, expect, test } from '../harness/test.ts'
import { WorkbenchPage, pointIn } from '../pages/workbench.ts'
import { expectAccessible } from '../pages/accessibility.ts'
import { Gallery, large, small } from './gallery.ts'
import { expectTidy } from './tidiness.ts'

const handler = 'mik:core/handler@0.1.0'
const http = 'wasi:http/incoming-handler@0.2.12'

// Dozens of pictures each; on a busy machine each of them takes its time.
test.describe.configure({ timeout: 300_000 })

test('wires: first start, verdicts, refusal, search by need, splice, report', async ({ page, workbench }) => {
  const window = new WorkbenchPage(page)
  const gallery = new Gallery(workbench)
  await gallery.open()
  await expect(window.node('bridge')).toBeVisible()
  const fit = () => window.fit()
  await gallery.show('first-start', fit)

  const pane = page.locator('.react-flow__pane')
  for (const size of [large, small]) {
    await gallery.resize(size)
    await fit()
    await window.dragWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
    await expect(page.getByTestId('verdict-tip')).toContainText('Fits')
    await expect(page.locator('[data-mark]').first()).toBeAttached()
    await gallery.showAt(size, 'drag-fits')
    await page.keyboard.press('Escape')
    await page.mouse.up()
    await expect(window.wire('middleware', handler)).toHaveCount(0)

    await window.dragWire(window.port('bridge', 'out', http), window.port('middleware', 'in', handler))
    await expect(page.getByTestId('verdict-tip')).not.toContainText('Fits')
    await gallery.showAt(size, 'drag-refused')
    await page.mouse.up()
    await expect(page.getByTestId('refusal')).toBeVisible()
    await gallery.showAt(size, 'refusal')
    await page.getByTestId('refusal').getByRole('button', { name: 'Compare both sides' }).click()
    await expect(page.getByRole('dialog', { name: 'Both sides of the wire' })).toContainText('request')
    await gallery.showAt(size, 'refusal-items')
    await page.getByRole('radio', { name: 'WIT' }).click()
    await expect(page.getByTestId('wire-diff').locator('.view-lines').nth(1)).toContainText('resource')
    await gallery.showAt(size, 'refusal-wit')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await expect(page.getByTestId('refusal')).toHaveCount(0)

    await window.dragWire(window.port('middleware', 'in', handler), pane, { across: 0.2, down: 0.8 })
    await page.mouse.up()
    await expect(page.getByTestId('add-picker').getByRole('option').first()).toContainText('gives exactly')
    await gallery.showAt(size, 'find-by-need')
    await page.keyboard.press('Escape')

    const [out, world] = [
      await pointIn(window.port('bridge', 'out', http)),
      await pointIn(page.getByTestId(`port-world-in-${http}`)),
    ]
    await page.locator('[data-item="sample:http-logger"]').hover()
    await page.mouse.down()
    await page.mouse.move(out.x, out.y, { steps: 4 })
    await page.mouse.move((out.x + world.x) / 2, (out.y + world.y) / 2, { steps: 6 })
    await expect(page.locator('[data-splice]')).toBeAttached()
    await gallery.showAt(size, 'splice-over')
    await page.mouse.up()
    await expect(window.wire('http-logger', http)).toBeAttached()
    await gallery.showAt(size, 'spliced')
    await page.keyboard.press('ControlOrMeta+Z')
    await expect(window.node('http-logger')).toHaveCount(0)
  }
  await window.command('Wire all that is clear')
  await expect(page.getByTestId('wire-report')).toContainText('Wired 1 of 1')
  await gallery.show('wire-all', fit)
})

test('waiting: a workbench that does not answer yet', async ({ page, workbench }) => {
  await expect(new WorkbenchPage(page).node('bridge')).toBeVisible()
  await silence(workbench)
  for (const size of [large, small])
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      // Nobody tells it of a theme yet: it has the one it was loaded with.
      await page.reload()
      await expect(page.getByRole('status', { name: 'Opening the project' })).toBeVisible()
      await workbench.screenshot(`pictures/opening-${size.width}-${colorScheme}`)
      if (size === small) await expectAccessible(workbench)
      await expectTidy(page, `opening at ${size.width}×${size.height}`)
    }
})

test('panes: exports, world, text, groups, notes, search, map, list', async ({ page, workbench }) => {
  const window = new WorkbenchPage(page)
  const gallery = new Gallery(workbench)
  await gallery.open()
  await expect(window.node('bridge')).toBeVisible()
  const fit = () => window.fit()
  await window.node('bridge').click({ position: { x: 80, y: 20 } })
  await page.keyboard.press('ControlOrMeta+Alt+X')
  await expect(page.getByTestId('export-dialog')).toBeVisible()
  await gallery.show('exports')
  await page.keyboard.press('Escape')

  await page.keyboard.press('ControlOrMeta+Alt+6')
  await page.getByRole('button', { name: 'Compare with a world…' }).click()
  const target = page.getByTestId('target-dialog')
  await expect(target.getByText('wasi:http/proxy@0.2.12')).toBeVisible()
  await gallery.show('target')
  await target.getByText('wasi:http/proxy@0.2.12').click()
  await expect(page.getByTestId(`world-export-${http}`)).toHaveAttribute('data-state', 'fits')
  await gallery.show('world', fit)

  await page.keyboard.press('ControlOrMeta+Alt+5')
  const lines = page.getByTestId('composition-editor').locator('.view-lines')
  await expect(lines).toContainText('package local:first-steps')
  // The first line stays where it is when the problems of the text come up beneath.
  await lines.locator('.view-line').filter({ hasText: 'package' }).click()
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.insertText('\nlet second = new patchbay:middlewear { ... };\n')
  await expect(page.locator('.squiggly-error').first()).toBeAttached()
  await gallery.show('text-error', fit)
  await page.getByRole('button', { name: 'Discard what I typed' }).click()
  await page.keyboard.press('ControlOrMeta+Alt+5')
  await page.keyboard.press('ControlOrMeta+Alt+6')
  await expect(page.getByTestId('composition-world')).toBeVisible()
  await page.keyboard.press('ControlOrMeta+Alt+6')

  await fit()
  await window.node('middleware').click({ position: { x: 80, y: 20 } })
  await page.getByTestId(`unfold-middleware-in-${handler}`).click()
  await window.node('mik-handler').click({ position: { x: 80, y: 20 } })
  await window.node('middleware').click({ position: { x: 80, y: 20 }, modifiers: ['Shift'] })
  await page.keyboard.press('ControlOrMeta+G')
  await page.keyboard.type('Business')
  await page.keyboard.press('Enter')
  await window.command('Add a note')
  await page.keyboard.type('# Order\nThe **middleware** must come last, see `wac`.\n- one\n- two')
  await page.keyboard.press('ControlOrMeta+Enter')
  await gallery.show('groups-notes', fit)

  await page.keyboard.press('ControlOrMeta+A')
  for (let times = 0; times < 2; times++) await page.keyboard.press('ControlOrMeta+D')
  await expect(page.getByTestId('canvas-map')).toBeVisible()
  await page.keyboard.press('ControlOrMeta+F')
  await page.keyboard.type('is:unsatisfied')
  await expect(page.getByTestId('find-bar')).toContainText('of')
  await gallery.show('search-map')
  await page.keyboard.press('Escape')
  await page.keyboard.press('ControlOrMeta+Alt+K')
  await expect(page.getByTestId('list-view')).toBeVisible()
  await gallery.show('list')
  await page.keyboard.press('ControlOrMeta+Alt+K')
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.press('Delete')
  await expect(page.getByText('Nothing on the canvas yet')).toBeVisible()
  await gallery.show('empty')
})

test.describe('a project', () => {
  test.use({ startWith: async ({ workshop }, use) => use(await sampleProject(workshop)) })

  test('inside: a report of what no longer fits, collapsed, opened again', async ({ page, workbench, workshop }) => {
    const window = new WorkbenchPage(page)
    const gallery = new Gallery(workbench)
    await gallery.open()
    await expect(window.node('bridge')).toBeVisible()
    const fit = () => window.fit()
    await page.keyboard.press('ControlOrMeta+Alt+W')
    await expect(window.wire('middleware', handler)).toBeAttached()
    await page.getByTestId('wire-report').getByRole('button', { name: 'Close' }).click()
    await fit()
    await copyFile(sample('adder'), join(workshop.folder, 'project', 'components', 'mik-handler.wasm'))
    await expect(page.getByTestId('replaced-report')).toContainText('1 wire no longer fits')
    await gallery.show('replaced', fit)
    await copyFile(sample('mik-handler'), join(workshop.folder, 'project', 'components', 'mik-handler.wasm'))
    await expect(page.getByTestId('replaced-report')).toHaveCount(0)

    await window.node('mik-handler').click({ position: { x: 80, y: 20 } })
    await window.node('middleware').click({ position: { x: 80, y: 20 }, modifiers: ['Shift'] })
    await page.keyboard.press('ControlOrMeta+Alt+G')
    const whole = window.node('middleware-composed')
    await expect(whole).toContainText('2 inside')
    await gallery.show('collapsed', fit)
    await whole.dblclick({ position: { x: 80, y: 20 } })
    await expect(window.wire('middleware', handler)).toBeAttached()
    await gallery.show('expanded', fit)
  })

  test('looking: sizes, interfaces, comparison, a broken component, commands, shortcuts', async ({
    page,
    workbench,
    workshop,
  }) => {
    const window = new WorkbenchPage(page)
    const gallery = new Gallery(workbench)
    await gallery.open()
    await expect(window.node('bridge')).toBeVisible()
    const fit = () => window.fit()
    await fit()
    await page.locator('[data-item="sample:hello-js"]').click()
    await window.inspect('Size')
    await expect(page.getByTestId('treemap').locator('[data-leaf]').first()).toBeVisible()
    await gallery.show('size', fit)
    for (const tab of ['Overview', 'Interfaces'] as const) {
      await window.inspect(tab)
      await gallery.show(`inspector-${tab.toLowerCase()}`)
    }
    await window.inspect('WIT')
    await expect(page.getByTestId('inspector-wit').locator('.view-lines')).toContainText('world')
    await gallery.show('inspector-wit')

    await window.node('middleware').click({ position: { x: 80, y: 20 } })
    await window.command('Compare with another component…')
    await page.getByTestId('compare-dialog').getByLabel('After').selectOption({ label: 'hello.wasm' })
    await expect(page.getByTestId('compare-impact')).toContainText('has no export')
    await gallery.show('compare')
    await page.keyboard.press('Escape')

    await writeFile(join(workshop.folder, 'project', 'components', 'middleware.wasm'), 'a letter')
    await expect(window.item('middleware.wasm').first()).toContainText(/not.*WebAssembly|neither/i)
    await window.item('middleware.wasm').first().click()
    await page.keyboard.press('ControlOrMeta+Alt+3')
    await expect(page.getByTestId('problems')).toBeVisible()
    await gallery.show('broken-component', fit)
    await page.keyboard.press('ControlOrMeta+Shift+P')
    await gallery.show('palette')
    await page.keyboard.press('Escape')
    await page.keyboard.press('ControlOrMeta+/')
    await expect(page.getByTestId('shortcuts')).toBeVisible()
    await gallery.show('shortcuts')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Alt+N')
    await expect(page.getByTestId('template-http-js')).toBeVisible()
    await gallery.show('new-component')
  })
})

test.describe('guests', () => {
  test.use({
    startWith: async ({ workshop }, use) => {
      await guest(workshop, 'command')
      await use(await guest(workshop, 'behaviours'))
    },
  })

  test('running: nodes, playground, console, traffic, settings, probe, failures, a command', async ({
    page,
    workbench,
  }) => {
    const window = new WorkbenchPage(page)
    const gallery = new Gallery(workbench)
    await gallery.open()
    await window.place('behaviours')
    const fit = () => window.fit()
    const { origin } = new URL(await window.start())
    await window.request(`${origin}/hello`)
    await expect(page.getByTestId('response-status')).toContainText('200')
    await gallery.show('running-playground', fit)
    await window.request(`${origin}/trap`)
    await expect(page.getByTestId('live-behaviours')).toHaveAttribute('data-live', 'request-failed')
    await gallery.show('failed-playground', fit)
    await window.request(`${origin}/log`)
    await expect(page.getByTestId('response-status')).toContainText('200')
    await window.open('Console')
    await page.getByTestId('console-request').last().click()
    await gallery.show('console')
    await page.getByTestId('command-console.handlers').click()
    await expect(page.getByTestId('traffic-row')).toBeVisible()
    await gallery.show('traffic')
    await page.getByTestId('command-run.settings').click()
    await expect(page.getByTestId('run-settings')).toBeVisible()
    await gallery.show('run-settings')
    await page.getByTestId('run-section-rules').click()
    await page.getByTestId('run-rules-add').click()
    await page.keyboard.type('a b')
    await page.getByTestId('run-section-handlers').click()
    await page.getByTestId('run-exception-guests').click()
    await gallery.show('run-settings-exception')
    await page.getByTestId('run-section-rules').click()
    await page.keyboard.press('Escape')
    await gallery.show('run-settings-leaving')
    await page.getByTestId('run-settings-discard').click()
    await window.command('Probe what requests share')
    await expect(page.getByTestId('probe')).toBeVisible()
    await gallery.show('probe')
    await page.keyboard.press('Escape')
    await window.item('command.wasm').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Run as a command…' }).click()
    await page.getByTestId('command-arguments').fill("one 'two words'")
    await page.getByTestId('command-start').click()
    await expect(page.getByTestId('command-state')).toContainText('Exit code 0')
    await gallery.show('command')
  })
})

test.describe('many nodes', () => {
  test.use({
    startWith: async ({ workshop }, use) => {
      const folder = join(workshop.folder, 'large')
      await mkdir(folder)
      await use(await writeLargeProject(folder))
    },
  })

  test('two hundred nodes with a thousand wires', async ({ page, workbench }) => {
    const gallery = new Gallery(workbench)
    await gallery.open()
    await expect(page.locator('.react-flow__node').first()).toBeVisible()
    await gallery.show('many-nodes', () => new WorkbenchPage(page).fit())
  })
})

/** From the next load of the page on the workbench hears everything and says nothing. */
async function silence({ page, electron }: Workbench): Promise<void> {
  if (electron)
    await electron.evaluate(({ ipcMain }, channel) => {
      ipcMain.removeHandler(channel)
      ipcMain.handle(channel, () => new Promise(() => undefined))
    }, callChannel)
  else await page.routeWebSocket(/./, () => undefined)
}
