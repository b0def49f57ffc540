import { expect, test } from '../harness/test.ts'
import { WorkbenchPage } from '../pages/workbench.ts'

test('new component, edit its text, build and run: the new text is in the answer', async ({ workbench, page }) => {
  const window = new WorkbenchPage(page)
  await window.command('New component')
  await page.getByTestId('template-http-js').click()
  await page.getByTestId('component-name').fill('greeter')
  await page.getByTestId('create-component').click()

  const editor = page.locator('.monaco-editor').first()
  await expect(editor).toBeVisible({ timeout: 20_000 })
  await editor.click()
  await page.keyboard.press('ControlOrMeta+A')
  // One line: the editor would indent further ones by itself.
  await page.keyboard.insertText("export default { fetch: () => new Response('Good evening from greeter') }")
  await page.getByTestId('build-and-run').click()
  await expect(page.getByTestId('runtime-state')).toContainText('Running', { timeout: 60_000 })
  await window.send()
  await expect(page.getByTestId('response-body')).toContainText('Good evening from greeter')
  await workbench.screenshot('built-and-answered')
})
