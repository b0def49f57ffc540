import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { decode } from '../../src-engine/binary/decode.ts'
import { connect, removeExport } from '../../src-engine/compose/edit.ts'
import { problemOf } from '../../src-engine/error.ts'
import {
  type CallName,
  callSchemas,
  type CallInput,
  type CallOutput,
  type EventName,
  type Problem,
  type ProjectDocument,
  type RunSettings,
  type ProbeReport,
} from '../../src-preload/contract.ts'
import { sha256 } from '../project/contents.ts'
import { newDocument, printDocument } from '../project/document.ts'
import { browserHost } from '../serve/host.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { createServices, type Services } from './services.ts'

const samples = join(import.meta.dirname, '..', '..', 'resources', 'samples')
const bytesOf = (name: string) => readFile(join(samples, name, `${name}.wasm`))

let root: string
let tools: Tools
/** The workbench of a first start: the sample project is open. */
let first: Services
const others: Services[] = []
let events: { readonly name: EventName; readonly payload: unknown }[] = []

const start = (projectPath?: string, user = 'user'): Promise<Services> =>
  createServices({
    host: browserHost,
    emit: (name, payload) => void events.push({ name, payload }),
    userFolder: join(root, user),
    ...(projectPath === undefined ? {} : { projectPath }),
  })
async function another(projectPath?: string, user?: string): Promise<Services> {
  const services = await start(projectPath, user)
  others.push(services)
  return services
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'patchbay-test-services-'))
  tools = createTools()
  first = await start()
})
afterEach(async () => {
  await Promise.all(others.splice(0).map((services) => services.dispose()))
  events = []
})
afterAll(async () => {
  await Promise.all([first.dispose(), tools.dispose()])
  await rm(root, { recursive: true, force: true, maxRetries: 5 })
})

/** A call as a host makes it: both sides checked against the contract. */
async function ask<Name extends CallName>(
  name: Name,
  input: CallInput<Name>,
  services = first,
): Promise<CallOutput<Name>> {
  return callSchemas[name].output.parse(await services.handlers[name](callSchemas[name].input.parse(input)))
}
const refusal = async (work: Promise<unknown>): Promise<Problem> =>
  work.then(() => expect.unreachable('it was accepted'), problemOf)

const handler = 'mik:core/handler@0.1.0'
type Graph = ProjectDocument['graph']
const asGraph = (graph: unknown): Graph => callSchemas['composition.build'].input.parse({ graph }).graph
/** The sample project with the wire that the user draws first. */
async function wired(): Promise<Graph> {
  const { document } = await ask('project.current', {})
  return asGraph(
    connect(document.graph, 'middleware', handler, { kind: 'instance', instance: 'mik-handler', path: [handler] }),
  )
}

describe('the first start', () => {
  it('opens the sample project, complete, and remembers it', async () => {
    const { folder, library, document } = await ask('project.current', {})
    expect(folder).toBe(join(root, 'user', 'projects', 'first-steps'))
    const own = library.filter((item) => item.origin === 'project')
    expect(own.map(({ status }) => status)).toEqual(['ready', 'ready', 'ready'])
    // The graph names packages by the bytes that really lie there.
    expect(own.every(({ id, hash }) => document.graph.packages[id]?.hash === hash)).toBe(true)
    expect(library.filter((item) => item.origin === 'sample' && item.status === 'ready').length).toBeGreaterThan(8)
    expect((await ask('project.recent', {})).folders.map(({ path }) => path)).toEqual([folder])
  })
})

describe('composing and running', () => {
  it('composes, validates, saves, and keeps what it made', async () => {
    const graph = await wired()
    const built = await ask('composition.build', { graph })
    expect(built).toMatchObject({ validation: { ok: true }, imports: expect.arrayContaining([expect.any(String)]) })
    expect(built.wit).toContain('export wasi:http/incoming-handler@0.2.12')
    const { bytes } = await ask('components.bytes', { hash: built.hash })
    expect(sha256(bytes)).toBe(built.hash)
    expect(await tools.validate(bytes)).toEqual({ ok: true })

    const saved = await ask('composition.save', { graph, path: 'dist/service.wasm' })
    expect(sha256(await readFile(saved.path))).toBe(built.hash)
    const { item } = await ask('composition.toLibrary', { graph, name: 'My Service' })
    expect(item).toMatchObject({ id: 'my-service', status: 'ready', hash: built.hash })
    await ask('components.remove', { id: item.id })
  })

  it('composes the same bytes from the same graph', async () => {
    const graph = await wired()
    expect((await ask('composition.build', { graph })).hash).toBe((await ask('composition.build', { graph })).hash)
  })

  it('opens a composed file as the graph inside it, a project of its own, and takes one apart within a project', async () => {
    const saved = await ask('composition.save', { graph: await wired(), path: join(root, 'loose', 'service.wasm') })
    const services = await another(saved.path, 'composed')
    const { folder, document, library } = await ask('project.current', {}, services)
    expect(folder).toContain(join('composed', 'projects', 'service-'))
    expect(await readdir(join(root, 'loose'))).toEqual(['service.wasm'])
    expect(Object.keys(document.graph.instances).sort()).toEqual(['bridge', 'middleware', 'mik-handler'])
    expect(library.filter(({ origin }) => origin === 'project').map(({ status }) => status)).toEqual(
      Array.from({ length: 3 }, () => 'ready'),
    )
    const again = await ask('composition.build', { graph: document.graph }, services)
    expect(again.validation).toEqual({ ok: true })

    const { item } = await ask('components.add', { paths: [saved.path] }).then(({ items }) => ({ item: items[0] }))
    const { graph, items, problems } = await ask('composition.takeApart', { hash: item?.hash ?? '' })
    expect(problems).toEqual([])
    // The project had all of them: nothing is written twice.
    expect(items.map(({ id }) => id).sort()).toEqual(['bridge', 'middleware', 'mik-handler'])
    expect(Object.keys(graph.packages).sort()).toEqual(['bridge', 'middleware', 'mik-handler'])
    expect((await refusal(ask('composition.takeApart', { hash: items[0]?.hash ?? '' }))).code).toBe(
      'decompose.one-piece',
    )
    if (item) await ask('components.remove', { id: item.id })
  })

  it('runs what was composed, with the guest’s log and the record of the request', async () => {
    const status = await ask('runtime.start', { graph: await wired(), settings: { port: 0 } })
    expect(status.state).toBe('running')
    const url = `${status.url ?? ''}hello?a=b`
    const answer = await ask('requests.send', { id: 'one', method: 'GET', url, headers: [] })
    expect(answer.status).toBe(200)
    expect(answer.headers.map(([name]) => name.toLowerCase())).toContain('x-patchbay')
    expect((await ask('runtime.stop', {})).state).toBe('stopped')
    const { records, lines } = await ask('runtime.history', {})
    expect(records.find(({ id }) => id === answer.requestId)).toMatchObject({ state: 'done', target: '/hello?a=b' })
    expect(lines.some(({ text }) => text.includes('/hello'))).toBe(true)
  })

  it('refuses what cannot run, with the next step', async () => {
    const unwired = (await ask('project.current', {})).document.graph
    expect(await refusal(ask('runtime.start', { graph: unwired }))).toMatchObject({
      code: 'graph.missing-import',
      where: { path: ['middleware', handler] },
    })
    const noExport = asGraph(removeExport(unwired, 'wasi:http/incoming-handler@0.2.12'))
    expect(await refusal(ask('runtime.start', { graph: noExport }))).toMatchObject({
      code: 'graph.not-runnable',
      hint: expect.stringContaining('wasi:http/incoming-handler'),
    })
    const bare: Graph = {
      ...noExport,
      arguments: {},
      exports: { [handler]: { source: { kind: 'instance', instance: 'mik-handler', path: [handler] } } },
    }
    expect(await refusal(ask('runtime.start', { graph: bare }))).toMatchObject({
      code: 'graph.not-runnable',
      hint: expect.stringContaining('"bridge"'),
    })
    expect((await refusal(ask('composition.build', { graph: newDocument('x').graph }))).code).toBe('graph.empty')
    const gone = { ...unwired, packages: { ...unwired.packages, bridge: { name: 'a:b', hash: '0'.repeat(64) } } }
    expect((await refusal(ask('composition.build', { graph: gone }))).hint).toBeTruthy()
  })

  it('serves components and tenants beside the composition, by rules and exceptions, and tells before what it would find', async () => {
    const folder = join(root, 'many')
    const guest = join(import.meta.dirname, '..', '..', 'test', 'fixtures', 'guests', 'behaviours.wasm')
    await mkdir(join(folder, 'tenants', 'acme'), { recursive: true })
    for (const file of ['api.wasm', 'api-composed.wasm', 'tenants/acme/api.wasm'])
      await writeFile(join(folder, file), await readFile(guest))
    await writeFile(join(folder, 'notes.txt'), '')
    const services = await another(folder, 'many-user')
    const { graph } = (await ask('project.current', {}, services)).document
    const settings: RunSettings = {
      components: true,
      tenantFolder: 'tenants',
      rules: { 'acme.localhost/': 'acme/api' },
      environment: { WHO: 'all' },
      secrets: ['PATCHBAY_TEST_NO_SUCH'],
      tenants: { acme: { environment: { WHO: 'acme' }, directories: { '/data': 'gone' } } },
      handlers: { 'acme/api': { secrets: ['PATH'] }, api: { timeout: 200 } },
      static: { '/files': 'notes.txt' },
    }
    expect(await ask('runtime.survey', { graph, settings }, services)).toEqual({
      handlers: ['api', 'acme/api'],
      hashes: { api: expect.any(String), 'acme/api': expect.any(String) },
      leftOut: ['api.wasm is not served: api-composed.wasm is called "api" too. Rename the file'],
      tenants: ['acme'],
      secrets: [
        { name: 'PATCHBAY_TEST_NO_SUCH', state: 'unset' },
        { name: 'PATH', state: 'set' },
      ],
      folders: [
        { path: 'gone', state: 'missing' },
        { path: 'notes.txt', state: 'file' },
        { path: 'tenants', state: 'folder' },
      ],
    })
    const { secrets: _, static: __, ...rest } = settings
    // With the settings of just this handler.
    const mine = { ...rest, handlers: { api: { secrets: ['PATCHBAY_TEST_NO_SUCH'] } } }
    const probe = (name: string): Promise<ProbeReport> =>
      ask('runtime.probe', { graph, settings: mine, handler: name, method: 'GET', path: '/served' }, services)
    expect((await probe('acme/api')).summary).toContain('State leaks')
    expect((await refusal(probe('api'))).code).toBe('usage.secret')
    expect(await refusal(probe('acme/apo'))).toMatchObject({
      code: 'usage.no-handler',
      hint: 'Served are api, acme/api',
    })
    const run = { ...rest, tenants: { acme: { environment: { WHO: 'acme' } } }, handlers: { api: { timeout: 200 } } }
    const { url = '', handlers } = await ask('runtime.start', { graph, settings: run }, services)
    expect(handlers.map(({ route }) => route)).toEqual(['/run/api/', '/tenant/acme/api/'])
    const { lines } = await ask('runtime.history', {}, services)
    expect(lines.some(({ text }) => text.startsWith('api.wasm is not served'))).toBe(true)
    const { port } = new URL(url)
    const byHost = (host: string): Promise<string> =>
      new Promise((resolve, reject) => {
        get({ port, path: '/environment', headers: { host } }, (response) => {
          let text = ''
          response.on('data', (chunk: Buffer) => (text += chunk.toString()))
          response.on('end', () => resolve(text))
        }).on('error', reject)
      })
    expect(await byHost('acme.localhost')).toBe('WHO=acme\n')
    // Files come and go while it runs.
    const late = join(folder, 'tenants', 'acme', 'late.wasm')
    const settled = async (status: number, path = 'tenant/acme/late/hello'): Promise<void> => {
      while ((await fetch(`${url}${path}`)).status !== status);
    }
    await writeFile(late, await readFile(guest))
    await settled(200)
    await rm(late)
    await settled(404)
    // What cannot be read tells so to who asks for it; there is no telling that it is no handler.
    await writeFile(join(folder, 'half.wasm'), (await readFile(guest)).subarray(0, 3000))
    await settled(500, 'run/half/hello')
    await rm(join(folder, 'half.wasm'))
    await settled(404, 'run/half/hello')
    expect((await fetch(`${url}run/api/loop`)).status).toBe(504)
    expect(
      await refusal(ask('runtime.start', { graph, settings: { ...run, tenantFolder: 'nowhere' } }, services)),
    ).toMatchObject({ code: 'input.not-found' })
    expect(
      await ask('runtime.survey', { graph, settings: { ...run, tenantFolder: 'nowhere' } }, services),
    ).toMatchObject({ handlers: ['api'], tenants: [], folders: [{ path: 'nowhere', state: 'missing' }] })
  })
})

describe('components', () => {
  it('tells types, bytes and sizes of a hash, and refuses one that is unknown', async () => {
    const { library } = await ask('project.current', {})
    const hash = library.find(({ id }) => id === 'bridge')?.hash ?? ''
    const { bytes } = await ask('components.skeleton', { hash })
    const whole = await bytesOf('bridge')
    expect([...decode(bytes).type.exports.keys()]).toEqual([...decode(whole).type.exports.keys()])
    expect((await ask('components.size', { hash })).root.size).toBe(whole.length)
    expect((await ask('components.wit', { hash })).wit).toContain(handler)
    for (const name of ['components.bytes', 'components.wit', 'components.size', 'components.skeleton'] as const)
      expect((await refusal(ask(name, { hash: '0'.repeat(64) }))).code).toBe('input.gone')
  })

  it('strips in place as the preview said, keeps the original, and the graph follows', async () => {
    const { item } = await ask('components.addSample', { id: 'sample:hello-js' })
    const before = item.hash ?? ''
    const { report: preview } = await ask('components.stripPreview', { hash: before, all: true })
    const { report, item: stripped } = await ask('components.strip', { id: item.id, all: true })
    expect(report).toEqual(preview)
    expect(report.after).toBeLessThan(report.before)
    const now = await readFile(stripped.path)
    expect([now.length, sha256(now)]).toEqual([report.after, stripped.hash])
    expect(await tools.validate(now)).toEqual({ ok: true })
    const { folder } = await ask('project.current', {})
    expect(sha256(await readFile(join(folder, '.patchbay', 'originals', `${before}.wasm`)))).toBe(before)
    expect((await ask('components.bytes', { hash: before })).bytes.length).toBe(report.before)
    expect((await ask('components.stripPreview', { hash: stripped.hash ?? '', all: true })).original).toBe(
      report.before,
    )
    const { item: whole } = await ask('components.unstrip', { id: item.id })
    expect([whole.hash, sha256(await readFile(whole.path))]).toEqual([before, before])
    expect((await refusal(ask('components.unstrip', { id: item.id }))).code).toBe('components.no-original')
    await ask('components.remove', { id: item.id })
  })

  it('changes nothing that is not in the project', async () => {
    expect((await refusal(ask('components.strip', { id: 'sample:hello', all: true }))).code).toBe(
      'components.not-in-project',
    )
    for (const id of ['nothing', '../../etc', 'sample:../../package'])
      expect((await refusal(ask('components.addSample', { id }))).code).toMatch(/^(components\.unknown-sample|input\.)/)
  })

  it('takes dropped bytes, whatever their name, into the project’s folder only', async () => {
    const { folder } = await ask('project.current', {})
    const { item } = await ask('components.addBytes', { name: '../../Evil name.wasm', bytes: await bytesOf('adder') })
    expect(item).toMatchObject({ status: 'ready', path: join(folder, 'components', 'evil-name.wasm') })
    await ask('components.remove', { id: item.id })
    const broken = await ask('components.addBytes', { name: 'x.wasm', bytes: new Uint8Array([1, 2, 3]) })
    expect(broken.item).toMatchObject({ status: 'broken', problem: { code: 'input.not-wasm' } })
    await ask('components.remove', { id: broken.item.id })
  })
})

describe('sources', () => {
  it('reads and writes inside the source folder only, through no link', async () => {
    const { item, open } = await ask('build.create', { name: 'mine', template: 'http-js' })
    expect(item.status).toBe('source')
    const component = item.id
    const { text } = await ask('build.read', { component, path: open })
    await ask('build.write', { component, path: open, text: `${text}\n// mine` })
    expect((await ask('build.read', { component, path: open })).text).toContain('// mine')
    await writeFile(join(root, 'secret.txt'), 'secret')
    await symlink(join(root, 'secret.txt'), join(item.source ?? '', 'link.txt'))
    await symlink(root, join(item.source ?? '', 'folder'))
    await symlink(join(root, 'made.txt'), join(item.source ?? '', 'nowhere.txt'))
    const outside = ['../../patchbay.json', 'src/../../x', '', '.', 'a\0b', 'link.txt', 'folder/new.txt', 'nowhere.txt']
    for (const path of outside) {
      expect((await refusal(ask('build.read', { component, path }))).code, path).toBe('build.outside')
      expect((await refusal(ask('build.write', { component, path, text: 'x' }))).code, path).toBe('build.outside')
    }
    expect(await readFile(join(root, 'secret.txt'), 'utf8')).toBe('secret')
    expect(await readdir(root)).not.toContain('made.txt')
    // No root but the source folder's.
    expect((await refusal(ask('build.read', { component, path: '/etc/passwd' }))).code).toBe('input.not-found')
    expect((await ask('build.files', { component })).files.map(({ path }) => path)).toContain(open)
    expect((await refusal(ask('build.files', { component: 'bridge' }))).code).toBe('build.no-sources')
    expect((await refusal(ask('build.read', { component, path: 'none.js' }))).code).toBe('input.not-found')
    await ask('components.remove', { id: component })
  })
})

describe('projects', () => {
  it('keeps the open project when another cannot be opened, and refuses edits of one that is closed', async () => {
    const services = await another(undefined, 'other-user')
    const before = await ask('project.current', {}, services)
    expect((await refusal(ask('project.open', { path: join(root, 'none') }, services))).code).toBe('input.not-found')
    expect((await ask('project.current', {}, services)).folder).toBe(before.folder)

    const created = await ask('project.create', { path: join(root, 'new'), name: 'New' }, services)
    expect(created).toMatchObject({ folder: join(root, 'new'), document: { name: 'New' }, dirty: false })
    expect((await refusal(ask('project.create', { path: join(root, 'new'), name: 'x' }, services))).code).toBe(
      'project.exists',
    )
    const late = { document: before.document, folder: before.folder }
    expect((await refusal(ask('project.update', late, services))).code).toBe('project.not-open')
    expect((await refusal(ask('project.save', late, services))).code).toBe('project.not-open')
    expect((await ask('project.current', {}, services)).document.name).toBe('New')
  })

  it('saves elsewhere and goes on there', async () => {
    const services = await another(undefined, 'other-user')
    const { document } = await ask('project.open', { path: join(root, 'new') }, services)
    const moved = await ask('project.saveAs', { document, folder: join(root, 'moved') }, services)
    expect(moved.folder).toBe(join(root, 'moved'))
    expect((await ask('project.current', {}, services)).folder).toBe(moved.folder)
    const recent = (await ask('project.recent', {}, services)).folders.map(({ path }) => path)
    expect(recent.slice(0, 2)).toEqual([join(root, 'moved'), join(root, 'new')])
  })

  it('opens the last project again, and the sample where it cannot, saying why', async () => {
    const again = await another(undefined, 'other-user')
    expect((await ask('project.current', {}, again)).folder).toBe(join(root, 'moved'))
    await writeFile(join(root, 'moved', 'patchbay.json'), '{')
    const services = await another(join(root, 'moved'), 'third-user')
    const first = await ask('project.current', {}, services)
    expect(first).toMatchObject({
      document: { name: 'First steps' },
      notices: [{ code: 'input.project', where: { line: 1, column: 2 } }],
    })
    expect((await ask('project.current', {}, services)).notices).toEqual([])
  })

  it('tells of unsaved work that no longer fits', async () => {
    const folder = join(root, 'crashed')
    await mkdir(folder)
    await writeFile(join(folder, 'patchbay.json'), printDocument(newDocument('mine')))
    const crashed = await another(folder)
    const { document } = await ask('project.current', {}, crashed)
    await ask('project.update', { document: { ...document, name: 'unsaved' }, folder }, crashed)
    await writeFile(join(folder, 'patchbay.json'), printDocument(newDocument('theirs')))
    const services = await another(folder)
    expect(await ask('project.current', {}, services)).toMatchObject({
      recovered: false,
      document: { name: 'theirs' },
      notices: [{ code: 'project.unsaved-kept' }],
    })
    expect(await readdir(join(root, 'user', 'journals', 'kept'))).toHaveLength(1)
  })
})

describe('files', () => {
  it('lists folders and components, and refuses what is no folder', async () => {
    const { folder } = await ask('project.current', {})
    const { entries, parent } = await ask('files.list', { path: join(folder, '..') })
    expect(entries).toContainEqual({ name: 'first-steps', folder: true, project: true })
    expect(parent).toBe(join(root, 'user'))
    const mixed = join(root, 'mixed')
    await mkdir(join(mixed, 'components'), { recursive: true })
    await writeFile(join(mixed, 'world.wit'), 'package my:app;')
    await writeFile(join(mixed, 'notes.txt'), '')
    const names = async (kind?: 'component' | 'wit') =>
      (await ask('files.list', { path: mixed, ...(kind ? { kind } : {}) })).entries.map(({ name }) => name)
    expect(await names()).toEqual(['components'])
    expect(await names('wit')).toEqual(['components', 'world.wit'])
    expect((await refusal(ask('files.list', { path: join(folder, 'patchbay.json') }))).code).toBe('input.not-found')
  })
})
