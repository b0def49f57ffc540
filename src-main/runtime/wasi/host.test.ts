import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import type { Extern } from '../../../src-engine/types/graph.ts'
import { WitPackages } from '../../../src-engine/wit/packages.ts'
import { worldOfPackage } from '../../../src-engine/wit/resolve.ts'
import { readWitFolders } from '../../project/wit-files.ts'
import { camel, hostName, pascal } from '../direct/names.ts'
import { createHost, type HostInterface } from './host.ts'
import { Session } from './session.ts'

const wit = join(import.meta.dirname, '../../../wit')
const nobody = new Session(
  { environment: {}, arguments: [], directories: {}, allowHosts: [], allowNet: [] },
  { output() {}, notice() {} },
)
const host = createHost({ current: nobody })

/** Everything behind a gate counts too: a guest built with the feature asks for it. */
const features = ['network-error-code', 'clocks-timezone', 'cli-exit-with-code', 'informational-outbound-responses']

function has(offered: HostInterface, name: string, item: Extern): boolean {
  if (item.kind === 'type') return item.bound !== 'resource' || typeof offered[pascal(name)] === 'function'
  const [, kind, resource = '', member = ''] = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/.exec(name) ?? []
  if (kind === undefined) return typeof offered[camel(name)] === 'function'
  const found: unknown = offered[pascal(resource)]
  if (typeof found !== 'function') return false
  if (kind === 'constructor') return true
  const prototype: unknown = Reflect.get(found, 'prototype')
  const holder = kind === 'static' ? found : prototype
  return typeof holder === 'object' || typeof holder === 'function'
    ? typeof Reflect.get(Object(holder), camel(member)) === 'function'
    : false
}

/** What the interfaces of a release declare and the host does not have. */
async function missing(release: string): Promise<{ readonly names: string[]; readonly asked: number }> {
  const packages = new WitPackages()
  const folders = readdirSync(join(wit, release), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const owners = []
  for (const { name } of folders) {
    const { folders: files } = await readWitFolders(join(wit, release, name))
    for (const each of files) owners.push(packages.addFolder(each))
  }
  const names = new Set<string>()
  let asked = 0
  for (const owner of owners) {
    if (!owner) continue
    for (const [id, face] of worldOfPackage(packages, owner, { features }).imports) {
      const short = hostName(id)
      if (face.kind !== 'instance' || /^wasi:(http\/(incoming-)?handler|cli\/run)(@|$)/.test(short)) continue
      for (const [name, item] of face.type.exports) {
        asked++
        if (item.kind === 'type' && item.bound !== 'resource') continue
        const offered = host[short]
        if (!offered || !has(offered, name, item)) names.add(`${short} ${name}`)
      }
    }
  }
  return { names: [...names].sort(), asked }
}

describe('the host', () => {
  it('has every function and resource of WASI 0.2', async () => {
    const { names, asked } = await missing('wasi-0.2.12')
    expect(asked).toBeGreaterThan(200)
    expect(names).toEqual([])
  })

  it('has every function and resource of WASI 0.3', async () => {
    const { names, asked } = await missing('wasi-0.3.0')
    expect(asked).toBeGreaterThan(150)
    expect(names).toEqual([])
  })

  it.each([
    ['wasi:sockets/tcp-create-socket', 'createTcpSocket', ['ipv4'], 'access-denied'],
    ['wasi:sockets/udp-create-socket', 'createUdpSocket', ['ipv6'], 'access-denied'],
    ['wasi:sockets/ip-name-lookup', 'resolveAddresses', [{}, 'name.test'], 'access-denied'],
    ['wasi:sockets/ip-name-lookup@0.3', 'resolveAddresses', ['name.test'], { tag: 'access-denied' }],
  ] as const)('denies %s %s, and says so', (face, name, given, code) => {
    const notices: string[] = []
    const session = new Session(
      { environment: {}, arguments: [], directories: {}, allowHosts: [], allowNet: [] },
      { output() {}, notice: (text) => void notices.push(text) },
    )
    const denied: unknown = createHost({ current: session })[face]?.[name]
    let thrown: unknown
    try {
      if (typeof denied === 'function') Reflect.apply(denied, undefined, [...given])
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ payload: code })
    expect(notices).toEqual([expect.stringMatching(/^denied: .*(socket|"name.test")/)])
    expect(session.callCounts()).toEqual({ 'sockets denied': 1 })
  })
  // Each of them is megabytes and milliseconds of every worker, and few guests need one.
  it('loads neither an HTTP client nor cryptography before a guest asks for them', async () => {
    const script = `
      const { parentPort, workerData } = require('node:worker_threads')
      import(workerData).then(() => parentPort.postMessage(process.moduleLoadList))`
    const worker = new Worker(script, {
      eval: true,
      workerData: pathToFileURL(join(import.meta.dirname, 'host.ts')).href,
    })
    const [loaded] = (await once(worker, 'message')) as [string[]]
    await worker.terminate()
    expect(loaded).toContain('NativeModule fs')
    expect(loaded.filter((name) => /^NativeModule (_http_client|http|https|tls|crypto)$/.test(name))).toEqual([])
  })
})
