import type { Locator, Page } from '@playwright/test'
import { readProject, sampleProject } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

test.use({
  startWith: async ({ workshop }, use) => use(await sampleProject(workshop)),
})

const group = '$group-1'

test('a group is framed, named, dragged with its members, saved, and taken back step by step', async ({
  page,
  workbench,
  workshop,
}) => {
  const window = await opened(page)
  await select(window, 'mik-handler', 'middleware')
  await page.keyboard.press('ControlOrMeta+G')
  await expect(page.getByRole('textbox', { name: 'Name of the group' })).toBeFocused()
  await page.keyboard.type('Business')
  await page.keyboard.press('Enter')
  const frame = page.getByTestId(`group-${group}`)
  await expect(frame).toContainText('Business')
  await expect(frame).toContainText('2 nodes')

  const before = await boxOf(window.node('middleware'))
  const bridge = await boxOf(window.node('bridge'))
  const head = await boxOf(frame.locator('[data-drag-handle]'))
  await page.mouse.move(head.x + 60, head.y + 12)
  await page.mouse.down()
  await page.mouse.move(head.x + 100, head.y + 60, { steps: 4 })
  await page.mouse.move(head.x + 90, head.y + 72, { steps: 4 })
  await page.mouse.up()
  const after = await boxOf(window.node('middleware'))
  expect(after.y - before.y).toBeGreaterThan(40)
  expect(await boxOf(window.node('bridge'))).toEqual(bridge)
  const undo = page.getByTestId('command-edit.undo')
  await expect(undo).toHaveAccessibleName('Undo move group')
  await workbench.screenshot('group')

  await page.keyboard.press('ControlOrMeta+S')
  await expect(window.notice('Saved')).toBeVisible()
  const { view } = (await readProject(`${workshop.folder}/project`)) as unknown as {
    view: { groups: Record<string, { name: string; members: string[] }> }
  }
  expect(view.groups[group]).toMatchObject({ name: 'Business', members: ['mik-handler', 'middleware'] })

  for (const done of ['move group', 'rename group', 'group']) {
    await expect(undo).toHaveAccessibleName(new RegExp(`^Undo ${done}`, 'i'))
    await undo.click()
  }
  await expect(frame).toHaveCount(0)
  expect(await boxOf(window.node('middleware'))).toEqual(before)
})

test('a node is dragged into a group and out of it; ungrouping keeps the members', async ({ page }) => {
  const window = await opened(page)
  await select(window, 'mik-handler', 'middleware')
  await page.keyboard.press('ControlOrMeta+G')
  await page.keyboard.press('Escape')
  const frame = page.getByTestId(`group-${group}`)
  await drag(page, window.node('mik-handler'), await pointIn(frame, 0.5, 1.4))
  await expect(frame).toContainText('1 node')
  await drag(page, window.node('mik-handler'), await pointIn(frame, 0.35, 0.5))
  await expect(frame).toContainText('2 nodes')
  await frame.locator('[data-drag-handle]').click()
  await page.keyboard.press('ControlOrMeta+Shift+G')
  await expect(frame).toHaveCount(0)
  await expect(window.node('mik-handler')).toBeVisible()
  await expect(page.getByTestId('announcer')).toContainText('Ungrouped 2 nodes')
})

test('a note is written, resized by keys, copied with a group, shown in the list, and deleted', async ({
  page,
  workbench,
}) => {
  const window = await opened(page)
  await window.command('Add a note')
  const field = page.getByRole('textbox', { name: 'Text of the note' })
  await expect(field).toBeFocused()
  await page.keyboard.type('# Order\nThe **middleware** must come last')
  await page.keyboard.press('ControlOrMeta+Enter')
  const note = page.getByTestId('note-$note-1')
  await expect(note.locator('strong')).toHaveText('middleware')
  await expect(note.locator('[data-heading]')).toHaveText('Order')
  // Beside another node: the view itself may still be on its way.
  const place = (): Promise<{ readonly width: number; readonly x: number; readonly y: number }> =>
    page.evaluate(() => {
      const [box, beside] = ['note-$note-1', 'node-middleware'].map((id) =>
        document.querySelector(`[data-testid="${id}"]`)?.getBoundingClientRect(),
      )
      if (!box || !beside) throw new Error('the note or the node is gone')
      return { width: Math.round(box.width), x: Math.round(box.x - beside.x), y: Math.round(box.y - beside.y) }
    })
  const before = await place()
  for (let step = 0; step < 3; step++) await page.keyboard.press('Alt+ArrowRight')
  await expect.poll(async () => (await place()).width).toBeGreaterThan(before.width)
  for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowDown')
  await expect.poll(async () => (await place()).y).toBeGreaterThan(before.y)
  // Each row of steps is one entry.
  await page.keyboard.press('ControlOrMeta+Z')
  await page.keyboard.press('ControlOrMeta+Z')
  await expect.poll(place).toEqual(before)

  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.press('ControlOrMeta+D')
  await expect(page.getByTestId('note-$note-2')).toContainText('Order')
  await page.keyboard.press('ControlOrMeta+Z')
  await expect(page.getByTestId('note-$note-2')).toHaveCount(0)
  await workbench.screenshot('note')

  await page.keyboard.press('ControlOrMeta+Alt+K')
  const list = page.getByRole('region', { name: 'Notes' })
  await list.getByRole('textbox').fill('Shorter')
  await list.getByRole('textbox').blur()
  await workbench.screenshot('list-notes')
  await page.keyboard.press('ControlOrMeta+Alt+K')
  await expect(note).toContainText('Shorter')
  await note.click()
  await expect(page.locator('.react-flow__node.selected')).toHaveCount(1)
  await page.keyboard.press('Delete')
  await expect(note).toHaveCount(0)
})

test('nodes are aligned, distributed, nudged, and snap into line while they are dragged', async ({ page }) => {
  const window = await opened(page)
  await select(window, 'mik-handler', 'middleware', 'bridge')
  await window.command('Align top edges')
  const tops = await Promise.all(
    ['mik-handler', 'middleware', 'bridge'].map(async (id) => (await boxOf(window.node(id))).y),
  )
  expect(new Set(tops.map(Math.round)).size).toBe(1)
  await select(window, 'middleware')
  for (let step = 0; step < 6; step++) await page.keyboard.press('ArrowRight')
  await expect(page.getByTestId('command-edit.undo')).toHaveAccessibleName('Undo move node')
  await select(window, 'mik-handler', 'middleware', 'bridge')
  await window.command('Distribute across')
  await expect(page.getByTestId('command-edit.undo')).toHaveAccessibleName('Undo distribute across')
  const [first, second, third] = await Promise.all(
    ['mik-handler', 'middleware', 'bridge'].map((id) => boxOf(window.node(id))),
  )
  if (!first || !second || !third) throw new Error('three nodes')
  const gap = second.x - first.x - first.width
  expect(Math.abs(third.x - second.x - second.width - gap)).toBeLessThan(2)

  const other = await boxOf(window.node('middleware'))
  const moved = window.node('mik-handler')
  const from = await boxOf(moved)
  await page.mouse.click(from.x + 500, from.y + 300)
  await page.mouse.move(from.x + 80, from.y + 18)
  await page.mouse.down()
  await page.mouse.move(from.x + 80, from.y + 90, { steps: 6 })
  await page.mouse.move(from.x + 80 + (other.x - from.x) + 2, from.y + 100, { steps: 6 })
  await expect(page.getByTestId('guides')).toBeAttached()
  await page.mouse.up()
  // What is drawn may be a frame behind the pointer.
  await expect.poll(async () => Math.abs((await boxOf(moved)).x - other.x)).toBeLessThan(0.6)
  await expect(page.getByTestId('guides')).toHaveCount(0)
})

test('what lies on the clipboard and is no part of a canvas is refused with what it is', async ({
  page,
  workbench,
}) => {
  const window = await opened(page)
  await select(window, 'middleware')
  await page.keyboard.press('ControlOrMeta+C')
  await page.keyboard.press('ControlOrMeta+V')
  await expect(window.node('middleware-2')).toBeVisible()
  const paste = (text: string) =>
    page.evaluate((content) => {
      const data = new DataTransfer()
      data.setData('text/plain', content)
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
    }, text)
  await paste('{"nodes": []}')
  await expect(window.notice('JSON that was not copied from a canvas')).toBeVisible()
  await paste('{"patchbay":"clip","version":7}')
  await expect(window.notice('not copied by this version')).toBeVisible()
  await expect(window.node('middleware-3')).toHaveCount(0)
  await workbench.screenshot('foreign-clip')
})

async function opened(page: Page): Promise<WorkbenchPage> {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.fit()
  return window
}

async function select(window: WorkbenchPage, ...ids: string[]): Promise<void> {
  for (const [index, id] of ids.entries())
    await window.node(id).click({ position: { x: 80, y: 20 }, ...(index > 0 ? { modifiers: ['Shift'] as const } : {}) })
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

async function boxOf(locator: Locator): Promise<Box> {
  const box = await locator.boundingBox()
  if (!box) throw new Error(`${String(locator)} is not shown`)
  return box
}

async function pointIn(
  locator: Locator,
  across: number,
  down: number,
): Promise<{ readonly x: number; readonly y: number }> {
  const box = await boxOf(locator)
  return { x: box.x + box.width * across, y: box.y + box.height * down }
}

/** Drags a node by its head so that its middle comes to lie there. */
async function drag(page: Page, node: Locator, to: { readonly x: number; readonly y: number }): Promise<void> {
  const box = await boxOf(node)
  const grip = { x: box.x + 80, y: box.y + 18 }
  const end = { x: grip.x + to.x - (box.x + box.width / 2), y: grip.y + to.y - (box.y + box.height / 2) }
  await page.mouse.move(grip.x, grip.y)
  await page.mouse.down()
  await page.mouse.move((grip.x + end.x) / 2, (grip.y + end.y) / 2, { steps: 5 })
  await page.mouse.move(end.x, end.y, { steps: 5 })
  await page.mouse.up()
}
