import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytes, handle, open, preopened, type Scenario } from './stage.ts'

export const files: Record<string, Scenario> = {
  'a file from its creation to its end': async ({ guest }) => {
    const root = await preopened(guest)
    await guest.call('descriptor.get-type', root)
    await guest.call('descriptor.get-flags', root)
    const file = handle(await open(guest, root, 'a', { create: true, exclusive: true }, { read: true, write: true }))
    await open(guest, root, 'a', { create: true, exclusive: true }, { read: true, write: true })
    await guest.call('descriptor.get-type', file)
    await guest.call('descriptor.get-flags', file)
    await guest.call('descriptor.write', file, bytes('content'), 0n)
    await guest.call('descriptor.write', file, bytes('!'), 10n)
    await guest.call('descriptor.write', file, bytes('!'), 0xffff_ffff_ffff_ffffn)
    await guest.call('descriptor.read', file, 5n, 0n)
    await guest.call('descriptor.read', file, 0n, 0n)
    await guest.call('descriptor.read', file, 5n, 100n)
    await guest.call('descriptor.read', file, 0xffff_ffff_ffff_ffffn, 0n)
    await guest.call('descriptor.read', file, 5n, 0xffff_ffff_ffff_ffffn)
    await guest.call('descriptor.set-size', file, 3n)
    await guest.call('descriptor.set-size', file, 0xffff_ffff_ffff_ffffn)
    await guest.call('descriptor.stat', file)
    await guest.call('descriptor.stat-at', root, {}, 'a')
    await guest.call('descriptor.advise', file, 0n, 0n, 'normal')
    await guest.call('descriptor.advise', root, 0n, 0n, 'sequential')
    await guest.call('descriptor.sync', file)
    await guest.call('descriptor.sync-data', file)
    await guest.call('descriptor.sync', root)
    await guest.call(
      'descriptor.set-times',
      file,
      { tag: 'timestamp', val: { seconds: 5n, nanoseconds: 6 } },
      { tag: 'no-change' },
    )
    await guest.call(
      'descriptor.set-times',
      file,
      { tag: 'timestamp', val: { seconds: 0n, nanoseconds: 4_000_000_000 } },
      { tag: 'now' },
    )
    await guest.call(
      'descriptor.set-times-at',
      root,
      {},
      'a',
      { tag: 'now' },
      { tag: 'timestamp', val: { seconds: 7n, nanoseconds: 0 } },
    )
    await guest.call('descriptor.set-times-at', root, {}, 'none', { tag: 'now' }, { tag: 'now' })
    await guest.call('descriptor.metadata-hash', file)
    await guest.call('descriptor.metadata-hash-at', root, {}, 'a')
    await guest.call('descriptor.metadata-hash-at', root, {}, 'none')
    await guest.call('descriptor.is-same-object', file, handle(await open(guest, root, 'a', {}, { read: true })))
    await guest.call('descriptor.is-same-object', file, root)
    const other = handle(await open(guest, root, 'a', {}, { read: true }))
    await guest.call('descriptor.write', other, bytes('x'), 0n)
    await guest.call('descriptor.write-via-stream', other, 0n)
    await guest.call('descriptor.append-via-stream', other)
    await guest.call('descriptor.set-size', other, 0n)
    const blind = handle(await open(guest, root, 'a', { truncate: true }, { write: true }))
    await guest.call('descriptor.read', blind, 1n, 0n)
    await guest.call('descriptor.read-via-stream', blind, 0n)
    await guest.call('descriptor.unlink-file-at', root, 'a')
    await guest.call('descriptor.unlink-file-at', root, 'a')
    await guest.call('descriptor.stat-at', root, {}, 'a')
    await guest.drop(file)
  },
  directories: async ({ guest }) => {
    const root = await preopened(guest)
    await guest.call('descriptor.create-directory-at', root, 'd')
    await guest.call('descriptor.create-directory-at', root, 'd')
    await guest.call('descriptor.create-directory-at', root, 'none/d')
    const directory = handle(await open(guest, root, 'd', { directory: true }, { read: true, mutateDirectory: true }))
    await guest.call('descriptor.get-flags', directory)
    await open(guest, directory, 'f', { create: true }, { write: true })
    const entries = handle(await guest.call('descriptor.read-directory', directory))
    for (let at = 0; at < 3; at++) await guest.call('directory-entry-stream.read-directory-entry', entries)
    await guest.drop(entries)
    await guest.call('descriptor.remove-directory-at', root, 'd')
    await guest.call('descriptor.remove-directory-at', root, 'd/f')
    await guest.call('descriptor.unlink-file-at', root, 'd')
    await guest.call('descriptor.rename-at', directory, 'f', root, 'g')
    await guest.call('descriptor.rename-at', directory, 'f', root, 'g')
    await guest.call('descriptor.link-at', root, {}, 'g', directory, 'h')
    await guest.call('descriptor.link-at', root, {}, 'none', directory, 'h')
    await guest.call('descriptor.link-at', root, { symlinkFollow: true }, 'g', directory, 'i')
    await guest.call('descriptor.unlink-file-at', directory, 'h')
    await guest.call('descriptor.remove-directory-at', root, 'd')
    const file = handle(await open(guest, root, 'g', {}, { read: true }))
    await guest.call('descriptor.read-directory', file)
    await open(guest, file, 'x', {}, { read: true })
    await open(guest, root, 'g', { directory: true }, { read: true })
    await open(guest, root, 'g/x', {}, { read: true })
    await guest.call('descriptor.read', root, 1n, 0n)
    await guest.call('descriptor.write', root, bytes('x'), 0n)
    await guest.call('descriptor.set-size', root, 0n)
    await open(guest, root, '.', { directory: true }, { read: true })
    await open(guest, root, '.', {}, { write: true })
  },
  links: async ({ guest }) => {
    const root = await preopened(guest)
    await open(guest, root, 'target', { create: true }, { write: true })
    await guest.call('descriptor.symlink-at', root, 'target', 'link')
    await guest.call('descriptor.symlink-at', root, 'target', 'link')
    await guest.call('descriptor.symlink-at', root, '/etc', 'absolute')
    await guest.call('descriptor.readlink-at', root, 'link')
    await guest.call('descriptor.readlink-at', root, 'target')
    await guest.call('descriptor.readlink-at', root, 'none')
    await open(guest, root, 'link', {}, { read: true })
    await open(guest, root, 'link', {}, { read: true }, false)
    await guest.call('descriptor.stat-at', root, { symlinkFollow: true }, 'link')
    await guest.call('descriptor.symlink-at', root, 'round', 'about')
    await guest.call('descriptor.symlink-at', root, 'about', 'round')
    await open(guest, root, 'round', {}, { read: true })
    await guest.call('descriptor.symlink-at', root, 'nowhere', 'dangling')
    await open(guest, root, 'dangling', {}, { read: true })
    await open(guest, root, 'dangling', { create: true, exclusive: true }, { write: true })
    await guest.call(
      'descriptor.set-times-at',
      root,
      { symlinkFollow: false },
      'dangling',
      { tag: 'now' },
      { tag: 'now' },
    )
  },
  'every way out of what was granted': async ({ guest, folder }) => {
    const outside = join(folder, '..', 'outside')
    mkdirSync(outside, { recursive: true })
    writeFileSync(join(outside, 'secret'), 'secret')
    symlinkSync('../outside', join(folder, 'out'))
    symlinkSync(outside, join(folder, 'far'))
    symlinkSync('../outside/secret', join(folder, 'secret'))
    mkdirSync(join(folder, 'inner'))
    symlinkSync('../..', join(folder, 'inner', 'up'))
    const root = await preopened(guest)
    const inner = handle(await open(guest, root, 'inner', { directory: true }, { read: true, mutateDirectory: true }))
    await open(guest, root, 'mine', { create: true }, { write: true })
    const ways = [
      '..',
      '../outside/secret',
      'inner/../../outside/secret',
      'out/secret',
      'far/secret',
      'secret',
      'inner/up/outside/secret',
      '/etc/passwd',
      '//etc',
      '',
      '.',
      './',
      'a\0b',
      'x'.repeat(300),
      'out',
      'out/',
    ]
    for (const path of ways) {
      await open(guest, root, path, {}, { read: true })
      await open(guest, root, path, { create: true }, { write: true })
      await guest.call('descriptor.stat-at', root, { symlinkFollow: true }, path)
      await guest.call('descriptor.metadata-hash-at', root, { symlinkFollow: true }, path)
      await guest.call(
        'descriptor.set-times-at',
        root,
        { symlinkFollow: true },
        path,
        { tag: 'no-change' },
        { tag: 'no-change' },
      )
      await guest.call('descriptor.readlink-at', root, path)
      if (/secret|etc|^\.\.|0b|xx|^$/.test(path)) {
        await guest.call('descriptor.create-directory-at', root, path)
        await guest.call('descriptor.symlink-at', root, 'x', path)
        await guest.call('descriptor.link-at', root, {}, 'mine', root, path)
        await guest.call('descriptor.rename-at', root, 'mine', inner, path)
        await guest.call('descriptor.rename-at', inner, 'mine', root, 'mine')
        await guest.call('descriptor.link-at', root, {}, path, root, 'stolen')
        await guest.call('descriptor.rename-at', root, path, root, 'stolen')
        await guest.call('descriptor.unlink-file-at', root, 'stolen')
        await guest.call('descriptor.remove-directory-at', root, path)
      }
    }
    await guest.call('descriptor.unlink-file-at', root, '../outside/secret')
    await guest.call('descriptor.unlink-file-at', root, 'out/secret')
    // Out of the directory that was opened, although not out of the grant.
    await open(guest, inner, '../mine', {}, { read: true })
    await guest.call('descriptor.rename-at', inner, '../mine', root, 'x')
  },
  'what may only be read': async ({ guest, folder }) => {
    mkdirSync(join(folder, 'd'))
    writeFileSync(join(folder, 'd', 'f'), '')
    const root = await preopened(guest)
    const directory = handle(await open(guest, root, 'd', { directory: true }, { read: true }))
    await guest.call('descriptor.get-flags', directory)
    await open(guest, directory, 'new', { create: true }, { write: true })
    await open(guest, directory, 'f', {}, { write: true })
    await guest.call('descriptor.create-directory-at', directory, 'e')
    await guest.call('descriptor.unlink-file-at', directory, 'f')
    await guest.call('descriptor.set-times', directory, { tag: 'now' }, { tag: 'now' })
  },
  'an error of a file, asked about': async ({ guest, folder }) => {
    mkdirSync(join(folder, 'd'))
    const root = await preopened(guest)
    const file = handle(await open(guest, root, 'f', { create: true }, { read: true, write: true }))
    const stream = handle(await guest.call('descriptor.write-via-stream', file, 0x1f_ffff_ffff_ffffn))
    const failed = await guest.call('output-stream.write', stream, bytes('xyz'))
    const error = handle(failed)
    await guest.call('filesystem-error-code', error)
    await guest.call('http-error-code', error)
    await guest.drop(error)
  },
  'a descriptor that is dropped before its stream': async ({ guest, folder }) => {
    writeFileSync(join(folder, 'f'), 'abc')
    const file = handle(await open(guest, await preopened(guest), 'f', {}, { read: true }))
    const stream = handle(await guest.call('descriptor.read-via-stream', file, 0n))
    await guest.drop(file)
    await guest.call('input-stream.read', stream, 1n)
  },
}
