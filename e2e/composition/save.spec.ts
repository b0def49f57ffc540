import { readFile } from 'node:fs/promises'
import { saveAs } from '../harness/dialogs.ts'
import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

const formats = [
  { command: 'Save the canvas as SVG…', file: 'first-steps.svg', begins: '<svg ' },
  { command: 'Save the canvas as PNG…', file: 'first-steps.png', begins: '\u0089PNG' },
  { command: 'Save the canvas as Mermaid…', file: 'first-steps.mmd', begins: 'flowchart LR' },
  { command: 'Save the composition as WAC…', file: 'first-steps.wac', begins: 'package local:first-steps;' },
]

test('the canvas is saved as SVG, PNG, Mermaid and WAC', async ({ page, workbench, workshop }) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  for (const { command, file, begins } of formats) {
    const path = await saveAs(workbench, workshop.folder, file, () => window.command(command))
    await expect(window.notice(`Saved ${file}`)).toBeVisible()
    const bytes = await readFile(path)
    expect(bytes.subarray(0, begins.length).toString('latin1')).toBe(begins)
    if (file.endsWith('.svg')) expect(bytes.toString()).toContain('>mik-handler</text>')
    // Width and height stand in the first chunk.
    if (file.endsWith('.png')) expect(bytes.readUInt32BE(16)).toBeGreaterThan(800)
  }
})

test('the composed result goes back into the library', async ({ page }) => {
  const window = new WorkbenchPage(page)
  await expect(window.node('bridge')).toBeVisible()
  await window.command('Compose into the library')
  await expect(window.notice('Added first-steps-composed.wasm to the library')).toBeVisible()
  await expect(window.item('first-steps-composed.wasm')).toContainText('KB')
  await expect(page.getByTestId('inspector-title')).toHaveText('first-steps-composed.wasm')
})
