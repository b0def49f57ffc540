import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Running, launchElectron, launchServer } from '../harness/launch.ts'
import { sampleProject } from '../harness/project.ts'
import { type Workbench, type Workshop, expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const handler = 'mik:core/handler@0.1.0'

test.use({ startWith: async ({ workshop }, use) => use(await sampleProject(workshop)) })

test('nodes, their wires and notes are copied in one window and pasted in another, which has none of the files', async ({
  page,
  workbench,
  workshop,
}) => {
  const first = new WorkbenchPage(page)
  await expect(first.node('bridge')).toBeVisible()
  if (!workbench.electron) await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await first.fit()
  await first.drawWire(first.port('mik-handler', 'out', handler), first.port('middleware', 'in', handler))
  await first.command('Add a note')
  await page.keyboard.type('Comes along')
  await page.keyboard.press('ControlOrMeta+Enter')
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.press('ControlOrMeta+C')

  const other = await openAnother(workbench, workshop)
  try {
    const second = new WorkbenchPage(other.page)
    await expect(other.page.getByText('Nothing on the canvas yet')).toBeVisible()
    await other.page.bringToFront()
    await other.page.keyboard.press('ControlOrMeta+V')
    await expect(second.wire('bridge', handler)).toBeAttached()
    await expect(second.wire('middleware', handler)).toBeAttached()
    await expect(other.page.locator('.react-flow__node-note')).toContainText('Comes along')
    await expect(second.item('middleware.wasm').first()).toContainText('KB')
    await expect(other.page.getByTestId('command-edit.undo')).toHaveAccessibleName('Undo paste')
    await other.page.keyboard.press('ControlOrMeta+Z')
    await expect(second.node('bridge')).toHaveCount(0)

    // And back: cut there, pasted here.
    await other.page.keyboard.press('ControlOrMeta+Shift+Z')
    await second.node('middleware').click({ position: { x: 80, y: 20 } })
    await other.page.keyboard.press('ControlOrMeta+X')
    await expect(second.node('middleware')).toHaveCount(0)
    await page.bringToFront()
    await page.keyboard.press('ControlOrMeta+V')
    await expect(first.node('middleware-2')).toBeVisible()
  } finally {
    await other.close()
  }
})

/** A second window: another Patchbay with an empty project and a user folder of its own; in the browser, on the same clipboard. */
async function openAnother(workbench: Workbench, workshop: Workshop): Promise<Running> {
  const [userFolder, path] = [join(workshop.folder, 'second-user'), join(workshop.folder, 'empty')]
  await Promise.all([mkdir(userFolder), mkdir(path)])
  const request = { userFolder, path, prepare: async () => undefined }
  const browser = workbench.page.context().browser()
  if (workbench.electron || !browser) return launchElectron(request)
  const running = await launchServer(browser, request)
  await running.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  return running
}
