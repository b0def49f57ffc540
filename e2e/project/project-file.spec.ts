import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readProject, sampleProject } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test.describe('a project of a newer version', () => {
  test.use({
    startWith: async ({ workshop }, use) =>
      use(await sampleProject(workshop, (project) => Object.assign(project, { version: 7, future: { kept: true } }))),
  })

  test('opens read-only and is not saved over', async ({ page, workshop }) => {
    const window = new WorkbenchPage(page)
    const file = join(workshop.folder, 'project', 'patchbay.json')
    const before = await readFile(file, 'utf8')
    await expect(window.notice('saved by a newer Patchbay')).toContainText('Update Patchbay, or save a copy')
    await expect(page.getByText('read only', { exact: true })).toBeVisible()
    await expect(window.wire('bridge', handler)).toBeAttached()
    await page.keyboard.press('ControlOrMeta+S')
    await expect(window.notice(/read-only|newer/).first()).toBeVisible()
    await window.node('bridge').click({ position: { x: 80, y: 20 } })
    await page.keyboard.press('Delete')
    await expect(window.node('bridge')).toHaveCount(0)
    await page.keyboard.press('ControlOrMeta+S')
    await expect(page.getByTestId('dirty')).toBeVisible()
    expect(await readFile(file, 'utf8')).toBe(before)
  })
})

test.describe('a project with a missing component', () => {
  test.use({
    startWith: async ({ workshop }, use) => {
      const folder = await sampleProject(workshop, ({ graph }) => {
        // The sample of the same name has the very bytes of the file; a component of one's own is nowhere else.
        const lost = graph.packages.middleware
        if (lost) lost.hash = '0'.repeat(64)
      })
      await rm(join(folder, 'components', 'middleware.wasm'))
      await use(folder)
    },
  })

  test('shows what is missing where it was, and keeps its wires', async ({ page, workbench, workshop }) => {
    const window = new WorkbenchPage(page)
    await expect(window.node('middleware')).toHaveAttribute('data-state', 'missing')
    await expect(window.item('middleware.wasm').first()).toContainText('file is missing')
    await expect(window.wire('bridge', handler)).toBeAttached()
    await window.run.click()
    await expect(page.getByTestId('problems')).toContainText('middleware')
    await expect(page.getByTestId('runtime-state')).not.toContainText('Running')
    await workbench.screenshot('missing-component')
    await page.keyboard.press('ControlOrMeta+S')
    await expect(window.notice('Saved')).toBeVisible()
    const saved = await readProject(join(workshop.folder, 'project'))
    expect(saved.components).toHaveProperty('middleware')
    expect(Object.keys(saved.graph.arguments)).toEqual([`bridge ${handler}`])
  })
})

for (const [what, content, message, place] of [
  ['text that is no JSON', '{\n  "version": 1,\n  "name": oops\n}\n', 'is not JSON', 'patchbay.json:3:'],
  ['a value that cannot be', '{ "version": 1, "name": 4 }', 'is not as it should be', 'patchbay.json'],
  ['nothing at all', '', 'is not JSON', 'patchbay.json:1:1'],
] as const) {
  test.describe(`a project file with ${what}`, () => {
    test.use({
      startWith: async ({ workshop }, use) => {
        const folder = await sampleProject(workshop)
        await writeFile(join(folder, 'patchbay.json'), content)
        await use(folder)
      },
    })

    test('is named with the place, the window works, the file stays as it is', async ({
      page,
      workshop,
      workbench,
    }) => {
      const window = new WorkbenchPage(page)
      const notice = window.notice(message)
      await expect(notice).toContainText(place)
      await expect(notice).toContainText('Repair it in an editor')
      await workbench.screenshot('invalid-project')
      await expect(window.node('bridge')).toBeVisible()
      await page.keyboard.press('ControlOrMeta+S')
      await expect(window.notice('Saved')).toBeVisible()
      expect(await readFile(join(workshop.folder, 'project', 'patchbay.json'), 'utf8')).toBe(content)
    })
  })
}

test.describe('a project file that another program changes', () => {
  test.use({ startWith: async ({ workshop }, use) => use(await sampleProject(workshop)) })

  test('is not saved over without a word', async ({ page, workshop }) => {
    const window = new WorkbenchPage(page)
    const file = join(workshop.folder, 'project', 'patchbay.json')
    await expect(window.wire('bridge', handler)).toBeAttached()
    const other = JSON.stringify({ ...(await readProject(join(workshop.folder, 'project'))), name: 'By another hand' })
    await writeFile(file, other)
    await window.node('bridge').click({ position: { x: 80, y: 20 } })
    await page.keyboard.press('Delete')
    await page.keyboard.press('ControlOrMeta+S')
    await expect(window.notice('changed by another program')).toContainText('Save a copy elsewhere')
    await expect(page.getByTestId('dirty')).toBeVisible()
    expect(await readFile(file, 'utf8')).toBe(other)
  })
})
