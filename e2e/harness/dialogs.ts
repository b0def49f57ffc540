import { join } from 'node:path'
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
