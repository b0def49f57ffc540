import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findStatic } from './static.ts'

let folder: string
let root: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-static-'))
  root = join(folder, 'renderer')
  await mkdir(join(root, 'assets'), { recursive: true })
  await mkdir(join(folder, 'renderer-secret'))
  await writeFile(join(root, 'index.html'), '<!doctype html>')
  await writeFile(join(root, 'assets', 'index-AbC_12-x.js'), 'export {}')
  await writeFile(join(root, 'a b.css'), '')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'renderer-secret', 'x.txt'), 'secret')
  await symlink(join(folder, 'secret.txt'), join(root, 'link.txt'))
  await symlink(folder, join(root, 'out'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('findStatic', () => {
  it('finds files below the root, with their types', async () => {
    expect(await findStatic(root, '/')).toMatchObject({ type: 'text/html; charset=utf-8', size: 15, immutable: false })
    expect(await findStatic(root, '/index.html')).toMatchObject({ path: expect.stringMatching(/index\.html$/) })
    expect(await findStatic(root, '/a%20b.css')).toMatchObject({ type: 'text/css; charset=utf-8', size: 0 })
  })

  it('lets only files with a hash in their name be cached for good', async () => {
    expect(await findStatic(root, '/assets/index-AbC_12-x.js')).toMatchObject({ immutable: true })
  })

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2E%2E%2Fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/%252e%252e/secret.txt',
    '/../renderer-secret/x.txt',
    '/./index.html',
    '//index.html',
    '/assets//index-AbC_12-x.js',
    '/C:/index.html',
    '/index.html%00.js',
    '/index.html/',
    '/%ff',
    '/%',
    'index.html',
    '/etc/passwd',
    '/assets',
    '/link.txt',
    '/out/secret.txt',
    '',
  ])('refuses %j', async (path) => {
    expect(await findStatic(root, path)).toBeUndefined()
  })
})
