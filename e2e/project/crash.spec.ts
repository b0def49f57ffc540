import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readProject, sampleProject } from '../harness/project.ts'
import { type Workshop, expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test.use({ startWith: async ({ workshop }, use) => use(await sampleProject(workshop)) })

test('work is there again after the workbench was killed, and the project file is untouched until it is saved', async ({
  page,
  workbench,
  workshop,
}) => {
  const folder = join(workshop.folder, 'project')
  const window = new WorkbenchPage(page)
  workbench.allowErrors(/WebSocket|ERR_CONNECTION/)
  await expect(window.node('bridge')).toBeVisible()
  await window.fit()
  await window.drawWire(window.port('mik-handler', 'out', handler), window.port('middleware', 'in', handler))
  await expect(window.wire('middleware', handler)).toBeAttached()
  // Edits are kept without anybody saving.
  await expect.poll(() => journals(workshop)).toContain(`middleware ${handler}`)

  const again = new WorkbenchPage(await workbench.crash(folder))
  await expect(again.wire('middleware', handler)).toBeAttached()
  await expect(again.notice('Unsaved work of the last session was restored')).toBeVisible()
  await expect(again.page.getByTestId('dirty')).toBeVisible()
  expect(await savedWires(folder)).toEqual([`bridge ${handler}`])

  await again.page.keyboard.press('ControlOrMeta+S')
  await expect(again.page.getByTestId('dirty')).toHaveCount(0)
  expect(await savedWires(folder)).toEqual([`bridge ${handler}`, `middleware ${handler}`])
  expect(await journals(workshop)).toBe('')

  const third = new WorkbenchPage(await workbench.restart(folder))
  await expect(third.wire('middleware', handler)).toBeAttached()
  await expect(third.page.getByTestId('dirty')).toHaveCount(0)
})

/** Everything the journals hold. */
async function journals({ userFolder }: Workshop): Promise<string> {
  const folder = join(userFolder, 'journals')
  const names = await readdir(folder).catch(() => [])
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.join('\n')
}

async function savedWires(folder: string): Promise<string[]> {
  return Object.keys((await readProject(folder)).graph.arguments)
}
