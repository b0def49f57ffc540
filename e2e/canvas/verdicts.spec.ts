import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { componentOf } from '../../test/components.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

/** One that asks for four interfaces; the others give the first in a newer patch, the second twice, the third otherwise. */
const parts = {
  asker: `package t:p@1.2.0;
interface newer { f: func(); } interface twice { f: func(); } interface other { f: func(a: u32); } interface nobody { f: func(); }
world w { import newer; import twice; import other; import nobody; export ready: func(); }`,
  patched: 'package t:p@1.2.3; interface newer { f: func(); g: func(); } world w { export newer; }',
  one: 'package t:p@1.2.0; interface twice { f: func(); } world w { export twice; }',
  two: 'package t:p@1.2.0; interface twice { f: func(); } world w { export twice; }',
  different: 'package t:p@1.2.0; interface other { f: func(a: string); } world w { export other; }',
}

test.use({
  startWith: async ({ workshop }, use) => {
    const folder = join(workshop.folder, 'parts')
    await mkdir(folder)
    for (const [name, wit] of Object.entries(parts))
      await writeFile(join(folder, `${name}.wasm`), await componentOf(wit, 'w'))
    await use(folder)
  },
})

test('every port says whether it fits, fits with a newer patch, or why not; wiring all tells apart what it left', async ({
  page,
  workbench,
}) => {
  const window = new WorkbenchPage(page)
  for (const name of Object.keys(parts)) {
    await window.place(name)
  }
  await window.command('Arrange')
  await expect(page.getByTestId('command-edit.undo')).toHaveAccessibleName('Undo arrange')
  await window.fit()
  const mark = (port: string) => page.locator(`[data-port="${port}"]`)

  const newer = window.port('patched', 'out', 't:p/newer@1.2.3')
  await window.dragWire(window.port('asker', 'in', 't:p/newer@1.2.0'), newer)
  await expect(mark('patched out t:p/newer@1.2.3')).toHaveAttribute('data-mark', 'near')
  await expect(mark('different out t:p/other@1.2.0')).toHaveAttribute('data-mark', 'no')
  await expect(page.getByTestId('verdict-tip')).toContainText('1.2.3')
  await workbench.screenshot('verdict-newer')
  await page.mouse.up()
  await expect(window.wire('asker', 't:p/newer@1.2.0')).toBeAttached()
  await page.keyboard.press('ControlOrMeta+Z')

  await window.dragWire(
    window.port('asker', 'in', 't:p/other@1.2.0'),
    window.port('different', 'out', 't:p/other@1.2.0'),
  )
  await expect(page.getByTestId('verdict-tip')).toContainText(/u32/)
  await expect(page.getByTestId('verdict-tip')).toContainText(/string/)
  await page.mouse.up()
  await expect(page.getByTestId('refusal')).toContainText(/string/)
  await page.keyboard.press('Escape')

  await window.command('Wire all that is clear')
  const report = page.getByTestId('wire-report')
  await expect(report).toContainText('Wired 1 of 4')
  await expect(report.locator('[data-kind="wired"]')).toContainText('wired to patched')
  await expect(report.locator('[data-kind="ambiguous"]')).toContainText('several would do: one, two')
  await expect(report.locator('[data-kind="near"]')).toContainText('different has it, but')
  await expect(report.locator('[data-kind="missing"]')).toContainText('nobody on the canvas exports it')
  await workbench.screenshot('wire-all-kinds')
  await report.locator('[data-kind="ambiguous"]').click()
  await expect(page.getByTestId('inspector-title')).toHaveText('asker')
})
