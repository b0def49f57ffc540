import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { problemOf } from '../../src-engine/error.ts'
import type { LibraryItem, Problem, ProjectDocument, ProjectRun } from '../../src-preload/contract.ts'
import { Contents, sha256 } from './contents.ts'
import { newDocument, parseDocument, printDocument } from './document.ts'
import { Journal } from './journal.ts'
import { Project } from './project.ts'
import { copySampleProject } from './sample.ts'
import { RecentProjects, SettingsFile } from './user-files.ts'

const samples = join(import.meta.dirname, '..', '..', 'resources', 'samples')
const bytesOf = (name: string) => readFile(join(samples, name, `${name}.wasm`))

let root: string
let folder: string
const open: Project[] = []
/** Called by every project with its library, when something changed on disk. */
let heard: (items: LibraryItem[]) => void = () => undefined
/** Run settings that came from the file. */
let runs: ProjectRun[]
/** Problems that no call answered. */
let told: Problem[]

beforeEach(async () => {
  told = []
  runs = []
  root = await mkdtemp(join(tmpdir(), 'patchbay-test-project-'))
  folder = join(root, 'project')
  await mkdir(folder)
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((project) => project.close()))
  heard = () => undefined
  expect(told).toEqual([])
  await rm(root, { recursive: true, force: true, maxRetries: 5 })
})

async function start(path = folder): Promise<Project> {
  const project = await Project.open(path, {
    contents: new Contents(),
    journal: new Journal(join(root, 'user')),
    listener: {
      library: (items) => heard(items),
      problem: (problem) => void told.push(problem),
      run: (run) => void runs.push(run),
    },
  })
  open.push(project)
  return project
}
const refusal = async (work: Promise<unknown>): Promise<Problem> =>
  work.then(() => expect.unreachable('it was accepted'), problemOf)
const withNode = (document: ProjectDocument, id = 'node'): ProjectDocument => ({
  ...document,
  view: { positions: { [id]: { x: 1, y: 2 } } },
})
const own = (project: Project) => project.library.filter((item) => item.origin === 'project')

describe('a project on disk', () => {
  it('survives the round trip, unknown keys included, and prints equal projects alike', async () => {
    const text = JSON.stringify({ future: { a: 1 }, ...newDocument('mine') })
    await writeFile(join(folder, 'patchbay.json'), text)
    const project = await start()
    await project.save(withNode(project.document))
    const saved = await readFile(join(folder, 'patchbay.json'), 'utf8')
    const parsed = parseDocument(saved, 'patchbay.json')
    expect(parsed.raw.future).toEqual({ a: 1 })
    expect(parsed.document.view.positions).toEqual({ node: { x: 1, y: 2 } })
    expect(printDocument(parsed.document, parsed.raw)).toBe(saved)
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('migrates an older version', () => {
    const { version: _version, view: _view, ...rest } = newDocument('old')
    const { document } = parseDocument(JSON.stringify({ ...rest, positions: { a: { x: 3, y: 4 } } }), 'patchbay.json')
    expect(document).toMatchObject({ version: 1, view: { positions: { a: { x: 3, y: 4 } } } })
  })

  it('opens a newer version to look at, and never saves over it', async () => {
    const text = JSON.stringify({ ...newDocument('future'), version: 99 })
    await writeFile(join(folder, 'patchbay.json'), text)
    const project = await start()
    expect(project.state.readOnly?.code).toBe('project.newer-version')
    expect((await refusal(project.save(project.document))).code).toBe('project.newer-version')
    expect(await readFile(join(folder, 'patchbay.json'), 'utf8')).toBe(text)
  })

  it('names line and column of what is no JSON, and the place of what is wrong', async () => {
    await writeFile(join(folder, 'patchbay.json'), '{\n  "version": 1,\n  oops\n}')
    expect(await refusal(start())).toMatchObject({ code: 'input.project', where: { line: 3, column: 3 } })
    await writeFile(
      join(folder, 'patchbay.json'),
      JSON.stringify({ ...newDocument('x'), components: { a: { path: 7 } } }),
    )
    expect(await refusal(start())).toMatchObject({
      code: 'input.project',
      where: { path: ['components', 'a', 'path'] },
    })
  })

  it('restores unsaved work after a crash, unless the file moved on', async () => {
    await writeFile(join(folder, 'patchbay.json'), printDocument(newDocument('mine')))
    const first = await start()
    await first.update(withNode(first.document, 'unsaved'))
    const second = await start()
    expect(second.state).toMatchObject({
      recovered: true,
      dirty: true,
      document: { view: { positions: { unsaved: { x: 1, y: 2 } } } },
    })
    await second.save(second.document)
    expect((await start()).state).toMatchObject({ recovered: false, dirty: false })

    await second.update(withNode(second.document, 'lost'))
    await writeFile(join(folder, 'patchbay.json'), printDocument(newDocument('theirs')))
    const third = await start()
    expect(third.state).toMatchObject({
      recovered: false,
      document: { name: 'theirs', view: { positions: {} } },
    })
    // What does not fit any more is kept where a person finds it, once.
    expect(third.notice).toMatchObject({ code: 'project.unsaved-kept', hint: expect.stringContaining('compare') })
    const kept = parseDocument(await readFile(third.notice?.where?.file ?? '', 'utf8'), 'kept')
    expect(kept.document.view.positions).toEqual({ lost: { x: 1, y: 2 } })
    expect((await start()).notice).toBeUndefined()
  })

  it('takes no journal for unsaved that was saved, and none that is damaged', async () => {
    const journal = new Journal(join(root, 'user'))
    const document = withNode(newDocument('mine'))
    await writeFile(join(folder, 'patchbay.json'), printDocument(document))
    await journal.write(folder, 'what it was before saving', document)
    expect(await start()).toMatchObject({ notice: undefined, state: { recovered: false, dirty: false } })
    expect(await journal.read(folder)).toBeUndefined()
    await journal.write(folder, printDocument(document), document)
    const [name = ''] = await readdir(join(root, 'user', 'journals'))
    const path = join(root, 'user', 'journals', name)
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 50))
    expect((await start()).state).toMatchObject({ recovered: false, dirty: false })
  })

  it('refuses to save over what another program wrote', async () => {
    const project = await start()
    await project.save(project.document)
    await writeFile(join(folder, 'patchbay.json'), printDocument(newDocument('theirs')))
    expect((await refusal(project.save(withNode(project.document)))).code).toBe('project.changed-on-disk')
    expect(await readFile(join(folder, 'patchbay.json'), 'utf8')).toContain('theirs')
  })

  it('takes over how it is run from a file edited by hand, names what it does not know there, and loses nothing', async () => {
    const file = join(folder, 'patchbay.json')
    const write = async (run: unknown): Promise<void> =>
      writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), run }))
    const project = await start()
    await project.save({ ...project.document, run: { timeout: 1000 } })
    await write({ timeout: 2000, timout: 1, handlers: { api: { memory: 5, memry: 6 } } })
    expect(await project.run()).toEqual({
      folder,
      run: { timeout: 2000, handlers: { api: { memory: 5 } } },
      unknown: ['timout', 'handlers.api.memry'],
    })
    expect(runs).toHaveLength(1)

    // Edits of the canvas go on beside it, and what they save is what the file said.
    await project.update(withNode({ ...project.document, run: { timeout: 1000 } }))
    await write({ timeout: 3000, timout: 1 })
    await project.save(withNode({ ...project.document, run: { timeout: 2000, handlers: { api: { memory: 5 } } } }))
    const saved = parseDocument(await readFile(file, 'utf8'), file)
    expect(saved.raw['run']).toEqual({ timeout: 3000, timout: 1 })
    expect(saved.document.view.positions).toEqual({ node: { x: 1, y: 2 } })

    // Both changed it: nobody's work is thrown away, and the second try knows what the file says.
    await write({ timeout: 4000 })
    const mine = { ...project.document, run: { memory: 7 } }
    expect((await refusal(project.save(mine))).code).toBe('project.changed-on-disk')
    expect(project.document.run).toEqual({ timeout: 4000 })
    await project.save({ ...mine, run: { timeout: 4000, memory: 7 } })
    expect(parseDocument(await readFile(file, 'utf8'), file).document.run).toEqual({ timeout: 4000, memory: 7 })
    for (const [text, where] of [
      ['{ "version": 1,\n  half', { line: 2, column: 3 }],
      [
        JSON.stringify({ ...newDocument('x'), run: { handlers: { api: { timeout: 'soon' } } } }),
        { path: ['run', 'handlers', 'api', 'timeout'] },
      ],
    ] as const) {
      await writeFile(file, text)
      for (const work of [project.run(), project.save(project.document)])
        expect(await refusal(work)).toMatchObject({ code: 'input.project', where })
      expect(await readFile(file, 'utf8')).toBe(text)
      expect(project.document.run).toEqual({ timeout: 4000, memory: 7 })
    }
  })

  it('copies itself elsewhere, components included, never into another project', async () => {
    const project = await start()
    await project.addBytes('adder.wasm', await bytesOf('adder'))
    const copy = join(root, 'copy')
    await project.saveAs(withNode(project.document), copy)
    expect(own(await start(copy)).map(({ status }) => status)).toEqual(['ready'])
    expect((await refusal(project.saveAs(project.document, copy))).code).toBe('project.exists')
  })

  it('takes sources and requests along, and keeps references to files elsewhere', async () => {
    await writeFile(join(root, 'elsewhere.wasm'), await bytesOf('adder'))
    const files = ['src/part/src/handler.js', 'src/part/node_modules/x/index.js', 'requests/a.http']
    for (const path of files) {
      await mkdir(join(folder, path, '..'), { recursive: true })
      await writeFile(join(folder, path), path)
    }
    const components = {
      part: { path: 'components/part.wasm', source: 'src/part' },
      outside: { path: '../elsewhere.wasm' },
    }
    await writeFile(join(folder, 'patchbay.json'), printDocument({ ...newDocument('mine'), components }))
    const project = await start()
    await project.update(withNode(project.document))
    // Beside the original, with a name that begins alike.
    const copy = join(root, 'deeper', 'project-copy')
    await project.saveAs(project.document, copy)
    expect(await readFile(join(copy, 'requests', 'a.http'), 'utf8')).toBe('requests/a.http')
    expect(await readdir(join(copy, 'src', 'part'))).toEqual(['src'])
    const copied = await start(copy)
    expect(copied.document.components).toEqual({ ...components, outside: { path: '../../elsewhere.wasm' } })
    expect(own(copied).map(({ id, status }) => `${id} ${status}`)).toEqual(['outside ready', 'part source'])
    expect((await start()).state).toMatchObject({ recovered: false, dirty: false })
  })

  it('says which file could not be copied, and leaves no half project', async () => {
    const project = await start()
    await project.addBytes('adder.wasm', await bytesOf('adder'))
    // Permissions do not stop everybody: a file where a folder is needed does.
    const copy = join(root, 'copy')
    await mkdir(copy)
    await writeFile(join(copy, 'components'), 'a file')
    expect(await refusal(project.saveAs(project.document, copy))).toMatchObject({
      code: 'project.cannot-copy',
      where: { file: join(folder, 'components', 'adder.wasm') },
    })
    expect(await readdir(copy)).toEqual(['components'])
  })
})

describe('components of a project', () => {
  it('says of each bad file what it is, and loses nothing', async () => {
    const hello = await bytesOf('hello')
    const files: Record<string, Uint8Array> = {
      'text.wasm': Buffer.from('no wasm'),
      'empty.wasm': new Uint8Array(),
      'short.wasm': hello.subarray(0, 4000),
      'core.wasm': Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
    }
    const project = await start()
    for (const [name, bytes] of Object.entries(files)) {
      await writeFile(join(root, name), bytes)
      await project.addFiles([join(root, name)])
    }
    await mkdir(join(folder, 'components', 'folder.wasm'), { recursive: true })
    await symlink(join(root, 'nowhere'), join(folder, 'components', 'dangling.wasm'))
    const references = { folder: { path: 'components/folder.wasm' }, dangling: { path: 'components/dangling.wasm' } }
    for (const { path } of Object.values(references))
      expect((await refusal(project.addFiles([join(folder, path)]))).code).toMatch(/^input\./)
    const { document } = project
    await project.save(document)
    await writeFile(
      join(folder, 'patchbay.json'),
      printDocument({ ...document, components: { ...document.components, ...references } }),
    )
    const opened = await start()
    const said = Object.fromEntries(
      own(opened).map(({ id, status, problem }) => [id, `${status} ${problem?.code ?? ''}`]),
    )
    expect(said).toEqual({
      text: 'broken input.not-wasm',
      empty: 'broken input.empty',
      short: 'broken input.truncated',
      core: 'broken input.core-module',
      folder: 'broken input.directory',
      dangling: 'missing input.not-found',
    })
    for (const item of own(opened)) expect(item.problem?.hint, item.id).toBeTruthy()
  })

  it('copies files from elsewhere, refers to those inside, and keeps equal names apart', async () => {
    await writeFile(join(root, 'adder.wasm'), await bytesOf('adder'))
    await mkdir(join(folder, 'lib'))
    await writeFile(join(folder, 'lib', 'adder.wasm'), await bytesOf('adder'))
    const project = await start()
    const items = await project.addFiles([join(root, 'adder.wasm'), join(folder, 'lib', 'adder.wasm')])
    expect(items.map(({ id }) => id)).toEqual(['adder', 'adder-2'])
    expect(new Set(items.map(({ hash }) => hash)).size).toBe(1)
    expect(project.document.components).toEqual({
      adder: { path: 'components/adder.wasm' },
      'adder-2': { path: 'lib/adder.wasm' },
    })
    expect((await project.addFiles([join(folder, 'lib', 'adder.wasm')])).map(({ id }) => id)).toEqual(['adder-2'])
  })

  it('adds what can be read of many files, and tells of the others', async () => {
    await writeFile(join(root, 'adder.wasm'), await bytesOf('adder'))
    const project = await start()
    const items = await project.addFiles([join(root, 'none.wasm'), join(root, 'adder.wasm')])
    expect(items.map(({ id }) => id)).toEqual(['adder'])
    expect(told.splice(0)).toMatchObject([{ code: 'input.not-found', where: { file: join(root, 'none.wasm') } }])
    expect((await refusal(project.addFiles([join(root, 'none.wasm')]))).code).toBe('input.not-found')
  })

  it('forgets a removed component for good, also after a crash; its file stays', async () => {
    const project = await start()
    const item = await project.addBytes('adder.wasm', await bytesOf('adder'))
    await project.save(project.document)
    await project.remove('adder')
    expect(project.state.dirty).toBe(true)
    expect((await start()).document.components).toEqual({})
    expect(sha256(await readFile(item.path))).toBe(item.hash)
    expect((await refusal(project.remove('adder'))).code).toBe('project.unknown-component')
  })

  it('shows the last state after many changes at once', async () => {
    const project = await start()
    const bytes = await bytesOf('adder')
    await Promise.all(Array.from({ length: 12 }, (_, index) => project.addBytes(`part-${index}.wasm`, bytes)))
    await Promise.all([project.remove('part-3'), project.rename('part-4', 'other'), project.refresh()])
    expect(own(project).map(({ id }) => id)).toHaveLength(11)
    expect(own(project).every(({ status }) => status === 'ready')).toBe(true)
  })

  it('sees what appears beside it the moment it is open, before it is watched', async () => {
    const late = await bytesOf('adder')
    const seen = new Promise<void>(
      (resolve) => (heard = (items) => items.some(({ name }) => name === 'late.wasm') && resolve()),
    )
    await start()
    writeFileSync(join(folder, 'late.wasm'), late)
    await seen
  })

  it('follows files that change and vanish while open: the hash is new, the wires stay', async () => {
    const project = await start()
    const item = await project.addBytes('part.wasm', await bytesOf('adder'))
    const before = item.hash ?? ''
    await project.update({
      ...project.document,
      graph: {
        ...project.document.graph,
        packages: { part: { name: 'local:part', hash: before } },
        instances: { part: { package: 'part' } },
        arguments: {
          'part a:b/c': {
            instance: 'part',
            name: 'a:b/c',
            source: { kind: 'instance', instance: 'part', path: ['x'] },
          },
        },
      },
    })
    const changed = new Promise<LibraryItem | undefined>(
      (resolve) =>
        (heard = (items) => {
          const now = items.find(({ id }) => id === 'part')
          if (now?.hash !== before && now?.status === 'ready') resolve(now)
        }),
    )
    const next = await bytesOf('calculator')
    await writeFile(item.path, next)
    expect((await changed)?.hash).toBe(sha256(next))
    expect(project.document.graph.packages.part?.hash).toBe(sha256(next))
    expect(Object.keys(project.document.graph.arguments)).toEqual(['part a:b/c'])

    const gone = new Promise<LibraryItem | undefined>(
      (resolve) =>
        (heard = (items) => {
          const now = items.find(({ id }) => id === 'part')
          if (now?.status === 'missing') resolve(now)
        }),
    )
    await rm(item.path)
    expect((await gone)?.problem).toMatchObject({
      code: 'input.not-found',
      hint: expect.stringContaining('Put the file back'),
    })
  })

  it('renames the file and keeps the id', async () => {
    const project = await start()
    await project.addBytes('one.wasm', await bytesOf('adder'))
    const item = await project.rename('one', 'two')
    expect(item).toMatchObject({ id: 'one', name: 'two.wasm', status: 'ready' })
    expect((await refusal(project.rename('one', '../out'))).code).toBe('usage.name')
    await project.addBytes('three.wasm', await bytesOf('calculator'))
    expect((await refusal(project.rename('one', 'three'))).code).toBe('project.exists')
    expect(await readdir(join(folder, 'components'))).toEqual(['three.wasm', 'two.wasm'])
  })

  it('does not rename files that are not its own', async () => {
    await writeFile(join(root, 'shared.wasm'), await bytesOf('adder'))
    const components = { shared: { path: '../shared.wasm' } }
    await writeFile(join(folder, 'patchbay.json'), printDocument({ ...newDocument('mine'), components }))
    const project = await start()
    expect((await refusal(project.rename('shared', 'mine'))).code).toBe('project.outside')
    expect(own(project).map(({ status }) => status)).toEqual(['ready'])
  })

  it('keeps the table of components when the window knows an older one', async () => {
    const project = await start()
    const stale = project.document
    await project.addBytes('late.wasm', await bytesOf('adder'))
    await project.update(withNode(stale))
    expect(Object.keys(project.document.components)).toEqual(['late'])
  })
})

describe('opening', () => {
  it('lists what lies in a folder without a project', async () => {
    await mkdir(join(folder, 'sub'))
    await mkdir(join(folder, 'node_modules'))
    for (const place of ['a.wasm', 'sub/b.wasm', 'node_modules/c.wasm'])
      await writeFile(join(folder, place), await bytesOf('adder'))
    const project = await start()
    expect(project.library.filter((item) => item.origin === 'folder').map(({ id }) => id)).toEqual([
      'folder:a.wasm',
      'folder:sub/b.wasm',
    ])
    expect(await readdir(folder)).not.toContain('patchbay.json')
  })

  it('opens a component with its folder, and refuses other files', async () => {
    await writeFile(join(folder, 'a.wasm'), await bytesOf('adder'))
    await writeFile(join(folder, 'b.txt'), 'text')
    expect(own(await start(join(folder, 'a.wasm'))).map(({ id, status }) => `${id} ${status}`)).toEqual(['a ready'])
    expect((await refusal(start(join(folder, 'b.txt')))).code).toBe('input.not-a-project')
    expect((await refusal(start(join(folder, 'none')))).code).toBe('input.not-found')
  })

  it('copies the sample project once, complete', async () => {
    const first = await copySampleProject(join(root, 'user'))
    const project = await start(first)
    expect(
      own(project)
        .map(({ id, status }) => `${id} ${status}`)
        .sort(),
    ).toEqual(['bridge ready', 'middleware ready', 'mik-handler ready'])
    await project.save(withNode(project.document, 'mine'))
    expect(await copySampleProject(join(root, 'user'))).toBe(first)
    expect((await start(first)).document.view.positions).toHaveProperty('mine')
  })
})

describe('files of the user', () => {
  it('keeps settings over concurrent changes and bad files', async () => {
    const settings = new SettingsFile(join(root, 'user'))
    await Promise.all([settings.write({ theme: 'dark' }), settings.write({ welcomeDone: true })])
    expect(await settings.read()).toEqual({ theme: 'dark', welcomeDone: true, panels: {} })
    await writeFile(join(root, 'user', 'settings.json'), '{broken')
    expect((await settings.read()).theme).toBe('system')
  })

  it('remembers projects, newest first, and forgets folders that are gone', async () => {
    const recent = new RecentProjects(join(root, 'user'))
    const other = join(root, 'other')
    await mkdir(other)
    for (const path of [folder, other, folder]) await recent.add(path)
    expect((await recent.list()).map(({ path }) => path)).toEqual([folder, other])
    await rm(other, { recursive: true })
    expect((await recent.list()).map(({ path }) => path)).toEqual([folder])
  })
})
