import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { sample, sampleProject } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'
const wired = 'bridge'

const text = new TextEncoder().encode('this is a letter and no component\n')
/** The header of a core module, and nothing else: the smallest one there is. */
const coreModule = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)

test('files that are no components say in the library what they are, and disturb nothing else', async ({
  page,
  workbench,
}) => {
  const window = await opened(page)
  const whole = await readFile(sample('middleware'))
  await window.dropFiles(page.getByLabel('Library', { exact: true }), [
    { name: 'letter.wasm', bytes: text },
    { name: 'core.wasm', bytes: coreModule },
    { name: 'half.wasm', bytes: whole.subarray(0, whole.length >> 1) },
    { name: 'nothing.wasm', bytes: new Uint8Array() },
    { name: 'good.wasm', bytes: whole },
  ])

  await expect(window.item('good.wasm')).toContainText('KB')
  await expect(window.item('letter.wasm')).toContainText(/not.*WebAssembly|neither/i)
  await expect(window.item('core.wasm')).toContainText('core module')
  await expect(window.item('half.wasm')).toContainText(/only 2\d+ are left/)
  await expect(window.item('nothing.wasm')).toContainText(/empty/)

  for (const [name, place, step] of [
    ['letter.wasm', /offset 0x0/, /./],
    ['core.wasm', /core\.wasm/, /jco new/],
    ['half.wasm', /offset 0x[0-9a-f]+/, /./],
    ['nothing.wasm', /nothing\.wasm/, /./],
  ] as const) {
    await window.item(name).click()
    await window.inspect('Overview')
    const alert = page.getByTestId('inspector-overview').getByRole('alert')
    await expect(alert, name).toContainText(name)
    await expect(alert, name).toContainText(place)
    await expect(alert.locator('[class*=hint]'), `${name}: the next step`).toContainText(step)
  }
  await workbench.screenshot('bad-files')

  await expect(window.wire(wired, handler)).toBeAttached()
  await expect(page.getByTestId('problem-count')).toBeVisible()
  await expect(page.locator('.react-flow__node[data-id]')).toHaveCount(4)
})

test('what cannot be read does not land on the canvas', async ({ page }) => {
  const window = await opened(page)
  await window.dropFiles(page.locator('.react-flow__pane'), [{ name: 'letter.wasm', bytes: text }])
  await expect(window.notice(/letter/)).toBeVisible()
  await expect(page.locator('.react-flow__node[data-id]')).toHaveCount(4)
  await window.dropFiles(page.locator('.react-flow__pane'), [
    { name: 'adder.wasm', bytes: await readFile(sample('adder')) },
  ])
  await expect(window.node('adder')).toBeVisible()
})

test.describe('a file that others change', () => {
  test.use({ startWith: async ({ workshop }, use) => use(await sampleProject(workshop)) })

  test('vanishes and comes back: the library says so, wires stay', async ({ page, workshop }) => {
    const window = await opened(page)
    const file = join(workshop.folder, 'project', 'components', 'middleware.wasm')
    await rm(file)
    await expect(window.item('middleware.wasm').first()).toContainText('file is missing')
    await window.item('middleware.wasm').first().click()
    await window.inspect('Overview')
    await expect(page.getByTestId('inspector-overview').getByRole('alert')).toContainText('Put the file back')
    await expect(window.node('middleware')).toBeVisible()
    await expect(window.wire(wired, handler)).toBeAttached()
    await copyFile(sample('middleware'), file)
    await expect(window.item('middleware.wasm').first()).toContainText('KB')
    await expect(window.wire(wired, handler)).toBeAttached()
  })

  test('is spoilt, then another component: each is shown, wires and undo stay', async ({ page, workshop }) => {
    const window = await opened(page)
    const file = join(workshop.folder, 'project', 'components', 'middleware.wasm')
    await writeFile(file, text)
    await expect(window.item('middleware.wasm').first()).toContainText(/not.*WebAssembly|neither/i)
    await expect(window.wire(wired, handler)).toBeAttached()
    await copyFile(sample('mik-handler'), file)
    await expect(window.item('middleware.wasm').first()).toContainText('KB')
    // The new component needs no handler: its socket is gone, what it still gives is still wired.
    await expect(window.port('middleware', 'in', handler)).toHaveCount(0)
    await expect(window.wire(wired, handler)).toBeAttached()
    await expect(page.getByTestId('dirty')).toHaveCount(0)
  })
})

async function opened(page: Page): Promise<WorkbenchPage> {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await expect(window.wire(wired, handler)).toBeAttached()
  return window
}
