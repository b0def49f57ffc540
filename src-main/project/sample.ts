import { copyFile, mkdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseDocument } from './document.ts'
import { writeWhole } from './files.ts'
import { absolutePath, sampleFile, sampleProjectFolder } from './library.ts'

/** Copies the project of the first start into a folder of the user, unless it is there already. Answers the folder. */
export async function copySampleProject(userFolder: string): Promise<string> {
  const folder = join(userFolder, 'projects', 'first-steps')
  const target = join(folder, 'patchbay.json')
  if (
    await stat(target).then(
      () => true,
      () => false,
    )
  )
    return folder
  const text = await readFile(join(sampleProjectFolder, 'patchbay.json'), 'utf8')
  const { document } = parseDocument(text, target)
  for (const { path } of Object.values(document.components)) {
    const sample = sampleFile(basename(path, '.wasm'))
    if (!sample) continue
    const to = absolutePath(folder, path)
    await mkdir(join(to, '..'), { recursive: true })
    await copyFile(sample.path, to)
  }
  // Last, so that a copy that was cut short is made again.
  await writeWhole(target, text)
  return folder
}
