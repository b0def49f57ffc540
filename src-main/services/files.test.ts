import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Contents } from '../project/contents.ts'
import { fileHandlers } from './files.ts'
import { ProjectHolder } from './project.ts'

let folder: string
let projects: ProjectHolder

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-test-files-'))
  await mkdir(join(folder, 'project'))
  projects = new ProjectHolder({
    userFolder: join(folder, 'user'),
    contents: new Contents(),
    first: join(folder, 'project'),
    listener: { library: () => undefined, problem: () => undefined, run: () => undefined },
  })
})
afterAll(async () => {
  await projects.close()
  await rm(folder, { recursive: true, force: true })
})

describe('a file that a person saves', () => {
  const save = (path: string, text: string) =>
    fileHandlers(projects)['files.save']({ path, bytes: new TextEncoder().encode(text) })
  it('lies where they said, relative to the project, and replaces what was there', async () => {
    const { path } = await save('drawing.svg', 'one')
    expect(path).toBe(join(folder, 'project', 'drawing.svg'))
    await save(path, 'two')
    expect(await readFile(path, 'utf8')).toBe('two')
  })
  it('is refused in words where nothing can be written', async () => {
    await save('file', 'x')
    await expect(save(join('file', 'inside.svg'), 'y')).rejects.toMatchObject({
      problem: { where: { file: expect.stringContaining('inside.svg') } },
    })
  })
})
