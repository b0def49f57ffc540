import { copyFile, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { choose } from '../harness/dialogs.ts'
import { sample, sampleProject } from '../harness/project.ts'
import { type Workshop, expect, test } from '../harness/test.ts'
import { WorkbenchPage, pointIn } from '../pages/workbench.ts'

test.use({ startWith: async ({ workshop }, use) => use(await sampleProject(workshop)) })

test('files are chosen in a dialog, and lie in the project then', async ({ page, workbench, workshop }) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  const path = await elsewhere(workshop, 'calculator')
  await choose(workbench, path, () => page.keyboard.press('ControlOrMeta+Shift+O'))
  await expect(window.notice('Added calculator.wasm')).toBeVisible()
  await expect(page.getByTestId('inspector-title')).toHaveText('calculator.wasm')
  expect(await readFile(join(workshop.folder, 'project', 'components', 'calculator.wasm'))).toEqual(
    await readFile(path),
  )
})

test('files dropped from the file manager become instances where they are dropped, one beneath the other', async ({
  page,
  workshop,
}) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  const paths = [await elsewhere(workshop, 'adder'), await elsewhere(workshop, 'hello')]
  const at = await pointIn(page.locator('.react-flow__pane'), { across: 0.2, down: 0.55 })
  const drag = await dragFiles(page, paths, at)
  await expect(page.getByTestId('file-drop')).toBeVisible()
  await drag.drop()
  await expect(page.getByTestId('file-drop')).toHaveCount(0)
  await expect(window.node('adder')).toBeVisible()
  await expect(window.node('hello')).toBeVisible()
  const box = await window.node('adder').boundingBox()
  expect(Math.hypot((box?.x ?? 0) - at.x, (box?.y ?? 0) - at.y)).toBeLessThan(box?.width ?? 0)
  expect(await readFile(join(workshop.folder, 'project', 'components', 'adder.wasm'))).toEqual(
    await readFile(sample('adder')),
  )
})

test('a component of two hundred megabytes opens while the window goes on working', async ({
  page,
  workbench,
  workshop,
}) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  const path = await elsewhere(workshop, 'adder', 'large.wasm')
  await pad(path, 200 * 1024 * 1024)
  await choose(workbench, path, () => page.keyboard.press('ControlOrMeta+Shift+O'))
  const order: string[] = []
  const opened = expect(window.notice('Added large.wasm'))
    .toBeVisible({ timeout: 60_000 })
    .then(() => order.push('opened'))
  // Edited, saved and answered by the workbench, all while the file is read.
  await window.node('middleware').click({ position: { x: 80, y: 20 } })
  await expect(page.getByTestId('inspector-title')).toHaveText('middleware')
  await page.keyboard.press('ControlOrMeta+D')
  await expect(window.node('middleware-2')).toBeVisible()
  await page.keyboard.press('ControlOrMeta+S')
  await expect(page.getByTestId('dirty')).toHaveCount(0)
  order.push('saved')
  await opened
  expect(order).toEqual(['saved', 'opened'])
  await expect(window.item('large.wasm')).toContainText('210 MB')
  await window.item('large.wasm').dblclick()
  await expect(window.port('large', 'out', 'docs:adder/add@0.1.0')).toBeVisible()
})

/** A sample's component in a folder beside the project; answers its path. */
async function elsewhere({ folder }: Workshop, name: string, as = `${name}.wasm`): Promise<string> {
  const path = join(folder, 'elsewhere', as)
  await mkdir(join(folder, 'elsewhere'), { recursive: true })
  await copyFile(sample(name), path)
  return path
}

/** Appends a custom section of so many zero bytes, of which the file system keeps none. */
async function pad(path: string, size: number): Promise<void> {
  const name = Buffer.from('padding')
  const file = await open(path, 'r+')
  const { size: before } = await file.stat()
  const head = Buffer.from([0, ...leb128(1 + name.length + size), name.length, ...name])
  await file.write(head, 0, head.length, before)
  await file.truncate(before + head.length + size)
  await file.close()
}

function leb128(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest]
    bytes.push((rest & 0x7f) | 0x80)
  }
}

/** Drags files of the disk into the window, as the system does: the page learns what they are, and in Electron where. */
async function dragFiles(
  page: Page,
  files: string[],
  at: { readonly x: number; readonly y: number },
): Promise<{ drop(): Promise<void> }> {
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files, dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...at, data })
  return { drop: async () => void (await session.send('Input.dispatchDragEvent', { type: 'drop', ...at, data })) }
}
