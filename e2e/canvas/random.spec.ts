import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import type { Page } from '@playwright/test'
import { sampleProject } from '../harness/project.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

test.use({
  startWith: async ({ workshop }, use) => use(await sampleProject(workshop)),
})

interface Saved {
  readonly graph: {
    readonly instances: Record<string, unknown>
    readonly arguments: Record<string, { readonly source: { readonly kind: string } }>
    readonly exports: Record<string, unknown>
  }
  readonly view: { readonly groups?: Record<string, unknown>; readonly notes?: Record<string, unknown> }
}

/** What a person does without looking: whatever is selected, whatever comes of it. */
const gestures = {
  selectSome: async (page: Page, at: number) => {
    const nodes = page.locator('.react-flow__node-instance')
    const count = await nodes.count()
    if (count === 0) return
    const node = nodes.nth(at % count)
    const id = (await node.getAttribute('data-id')) ?? ''
    // Through the search, which reaches what is covered or out of view.
    await page.keyboard.press('ControlOrMeta+F')
    await page.keyboard.type(id)
    await page.keyboard.press('Escape')
  },
  selectAll: (page: Page) => page.keyboard.press('ControlOrMeta+A'),
  duplicate: (page: Page) => page.keyboard.press('ControlOrMeta+D'),
  remove: (page: Page) => page.keyboard.press('Delete'),
  reconnect: (page: Page) => page.keyboard.press('ControlOrMeta+Delete'),
  wireAll: (page: Page) => page.keyboard.press('ControlOrMeta+Alt+W'),
  arrange: async (page: Page) => {
    if ((await page.locator('.react-flow__node').count()) === 0) return
    const said = page.getByTestId('announcer').locator('span')
    await said.evaluate((span) => span.setAttribute('data-heard', ''))
    await page.keyboard.press('ControlOrMeta+Alt+A')
    // The layout is worked out elsewhere; a person waits for it.
    await expect(page.getByTestId('announcer').locator('span:not([data-heard])')).toHaveText('Arranged.')
  },
  group: async (page: Page) => {
    await page.keyboard.press('ControlOrMeta+G')
    await page.keyboard.press('Escape')
  },
  ungroup: (page: Page) => page.keyboard.press('ControlOrMeta+Shift+G'),
  note: async (page: Page, at: number) => {
    await page.keyboard.press('ControlOrMeta+Alt+N')
    await page.keyboard.type(`Note ${at}`)
    await page.keyboard.press('Escape')
  },
  nudge: (page: Page, at: number) => page.keyboard.press(at % 2 === 0 ? 'ArrowRight' : 'Shift+ArrowDown'),
  undo: (page: Page) => page.keyboard.press('ControlOrMeta+Z'),
  redo: (page: Page) => page.keyboard.press('ControlOrMeta+Shift+Z'),
} satisfies Record<string, (page: Page, at: number) => Promise<void>>

const kinds = Object.keys(gestures) as (keyof typeof gestures)[]
const gesture = fc.record({ kind: fc.constantFrom(...kinds), at: fc.nat(20) })

for (const seed of [11, 23, 47]) {
  test(`whatever is done, canvas and graph agree, every state is saved and loaded (seed ${seed})`, async ({
    page,
    workshop,
    workbench,
  }) => {
    const file = join(workshop.folder, 'project', 'patchbay.json')
    const window = new WorkbenchPage(page)
    await expect(window.node('bridge')).toBeVisible()
    await window.fit()
    const [actions = []] = fc.sample(fc.array(gesture, { minLength: 14, maxLength: 14 }), { seed, numRuns: 1 })
    for (const { kind, at } of actions) await gestures[kind](page, at)

    await page.evaluate(() =>
      document.activeElement instanceof HTMLElement ? document.activeElement.blur() : undefined,
    )
    await save(page)
    const saved = JSON.parse(await readFile(file, 'utf8')) as Saved
    await expectShown(page, saved)
    const told = actions.map(({ kind, at }) => `${kind} ${at}`).join(', ')

    const again = await workbench.restart(join(workshop.folder, 'project'))
    await expect(again.getByTestId('run-button')).toBeVisible()
    await expectShown(again, saved)
    expect(JSON.parse(await readFile(file, 'utf8')), told).toEqual(saved)
  })

  test(`undo leads back to the start, redo to the end (seed ${seed})`, async ({ page, workshop }) => {
    const file = join(workshop.folder, 'project', 'patchbay.json')
    const window = new WorkbenchPage(page)
    await expect(window.node('bridge')).toBeVisible()
    await save(page)
    const start = graphOf(await readFile(file, 'utf8'))
    const [actions = []] = fc.sample(fc.array(gesture, { minLength: 14, maxLength: 14 }), { seed, numRuns: 1 })
    for (const { kind, at } of actions) await gestures[kind](page, at)
    await page.evaluate(() =>
      document.activeElement instanceof HTMLElement ? document.activeElement.blur() : undefined,
    )
    await save(page)
    const end = graphOf(await readFile(file, 'utf8'))
    const steps = await press(page, 'edit.undo')
    await save(page)
    expect(graphOf(await readFile(file, 'utf8'))).toEqual(start)
    for (let step = 0; step < steps; step++) await page.getByTestId('command-edit.redo').click()
    await save(page)
    expect(graphOf(await readFile(file, 'utf8'))).toEqual(end)
  })
}

/** Saves; the dot in the title is gone when it is on disk. */
async function save(page: Page): Promise<void> {
  await page.keyboard.press('ControlOrMeta+S')
  await expect(page.getByTestId('dirty')).toHaveCount(0)
}

/** Presses a button of the title bar until it has nothing more to do. */
async function press(page: Page, command: string): Promise<number> {
  const button = page.getByTestId(`command-${command}`)
  let count = 0
  while ((await button.getAttribute('aria-disabled')) !== 'true' && (await button.isEnabled())) {
    await button.click()
    if (++count > 100) throw new Error(`${command} never ends`)
  }
  return count
}

/** Everything of the document that the history is about. */
function graphOf(text: string): unknown {
  const { graph, view } = JSON.parse(text) as { graph: unknown; view: Record<string, unknown> }
  const { viewport: _, ...kept } = view
  return { graph, view: kept }
}

/** The canvas shows the graph: nothing more, nothing less. */
async function expectShown(page: Page, { graph, view }: Saved): Promise<void> {
  const ids = (selector: string) =>
    page.locator(selector).evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-id') ?? '').sort())
  await expect.poll(() => ids('.react-flow__node-instance')).toEqual(Object.keys(graph.instances).sort())
  expect(await ids('.react-flow__node-frame')).toEqual(Object.keys(view.groups ?? {}).sort())
  expect(await ids('.react-flow__node-note')).toEqual(Object.keys(view.notes ?? {}).sort())
  const wires = [
    ...Object.entries(graph.arguments).flatMap(([key, { source }]) => (source.kind === 'instance' ? [key] : [])),
    ...Object.keys(graph.exports).map((name) => `export ${name}`),
  ]
  expect((await ids('.react-flow__edge')).filter((id) => id !== 'suggested')).toEqual(wires.sort())
}
