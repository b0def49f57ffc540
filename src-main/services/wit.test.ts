import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WitPackages } from '../../src-engine/wit/packages.ts'
import { findWorld, resolveWorld } from '../../src-engine/wit/resolve.ts'
import { Contents } from '../project/contents.ts'
import { ProjectHolder } from './project.ts'
import { witHandlers } from './wit.ts'

let folder: string
let projects: ProjectHolder

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-test-wit-'))
  const project = join(folder, 'project')
  for (const path of ['wit/deps/other', 'src/good/wit', 'src/bad/wit', 'src/none'])
    await mkdir(join(project, path), { recursive: true })
  await writeFile(join(project, 'wit/world.wit'), 'package my:app@1.0.0; world app { import other:log/log; }')
  await writeFile(join(project, 'wit/deps/other/log.wit'), 'package other:log; interface log { log: func(s: string); }')
  await writeFile(join(project, 'src/good/wit/a.wit'), 'package my:good; world one {} world two {}')
  await writeFile(join(project, 'src/bad/wit/a.wit'), 'package my:bad; world {')
  await writeFile(join(project, 'single.wit'), 'package my:single; interface only {}')
  projects = new ProjectHolder({
    userFolder: join(folder, 'user'),
    contents: new Contents(),
    first: project,
    listener: { library: () => undefined, problem: () => undefined, run: () => undefined },
  })
})
afterAll(async () => {
  await projects.close()
  await rm(folder, { recursive: true, force: true })
})

describe('worlds to choose from', () => {
  it('come from the project and from Patchbay; what cannot be read says why; what has no world is left out', async () => {
    const { places } = await witHandlers(projects)['wit.places']({})
    const own = places.filter(({ origin }) => origin === 'project')
    expect(own.map(({ id, worlds }) => [id, worlds])).toEqual([
      ['wit', ['my:app/app@1.0.0']],
      ['src/bad/wit', []],
      ['src/good/wit', ['my:good/one', 'my:good/two']],
    ])
    expect(own[1]?.problem).toMatchObject({ where: { file: 'a.wit', line: 1 } })
    const builtin = places.filter(({ origin }) => origin === 'builtin')
    expect(builtin.flatMap(({ worlds }) => worlds)).toEqual(
      expect.arrayContaining(['wasi:http/proxy@0.2.12', 'wasi:cli/command@0.2.12', 'wasi:http/service@0.3.0']),
    )
    expect(builtin.filter(({ problem }) => problem !== undefined)).toEqual([])
  })
  it('are understood from their texts alone', async () => {
    const handlers = witHandlers(projects)
    for (const [place, world, imported] of [
      ['wit', 'app', 'other:log/log'],
      ['builtin:wasi-0.2.12', 'wasi:http/proxy', 'wasi:http/types@0.2.12'],
      [join(folder, 'project', 'src/good/wit/a.wit'), 'one', undefined],
    ] as const) {
      const { folders } = await handlers['wit.read']({ place })
      const packages = new WitPackages()
      for (const files of folders) packages.addFolder(files)
      const { imports } = resolveWorld(packages, findWorld(packages, world))
      if (imported === undefined) expect(imports.size).toBe(0)
      else expect([...imports.keys()]).toContain(imported)
    }
  })
  it('that are not there are refused by name', async () => {
    const handlers = witHandlers(projects)
    await expect(handlers['wit.read']({ place: 'builtin:../src' })).rejects.toMatchObject({
      problem: { code: 'wit.unknown-place' },
    })
    await expect(handlers['wit.read']({ place: 'nowhere' })).rejects.toMatchObject({
      problem: { code: 'input.not-found' },
    })
    await expect(handlers['wit.read']({ place: 'src/none' })).rejects.toMatchObject({
      problem: { code: 'input.no-wit' },
    })
  })
})
