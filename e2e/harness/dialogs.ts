import { basename, dirname, join } from 'node:path'
import { expect, type Workbench } from './test.ts'

/**
 * Does what ends in a file being saved, and answers the file: the browser downloads it, in the window the dialog of the
 * system is answered with `folder` and the name it suggests. Fails when another name is suggested.
 */
export async function saveAs(
  { page, electron }: Workbench,
  folder: string,
  name: string,
  act: () => Promise<void>,
): Promise<string> {
  const path = join(folder, name)
  if (!electron) {
    const download = page.waitForEvent('download')
    await act()
    const saved = await download
    expect(saved.suggestedFilename()).toBe(name)
    await saved.saveAs(path)
    return path
  }
  await electron.evaluate(({ dialog }, filePath) => {
    const given = Object(globalThis)
    dialog.showSaveDialog = async (...parts: unknown[]) => {
      given.suggestedName = Object(parts.at(-1)).defaultPath
      return { canceled: false, filePath }
    }
  }, path)
  await act()
  await expect.poll(() => electron.evaluate(() => String(Object(globalThis).suggestedName))).toContain(name)
  return path
}

/** Does what asks for files or a folder, and answers with this path: in the system's dialog, or in the picker of the browser. */
export async function choose({ page, electron }: Workbench, path: string, act: () => Promise<void>): Promise<void> {
  if (electron) {
    await electron.evaluate(({ dialog }, chosen) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] })
    }, path)
    await act()
    return
  }
  await act()
  const picker = page.getByTestId('file-picker')
  await expect(picker.getByLabel('Folder', { exact: true })).not.toHaveValue('')
  await picker.getByLabel('Folder', { exact: true }).fill(dirname(path))
  await page.keyboard.press('Enter')
  await picker.getByRole('button', { name: basename(path), exact: true }).click()
  await picker.getByRole('button', { name: /^(Add|Use this (file|folder))$/ }).click()
  await expect(picker).toHaveCount(0)
}
