import { beforeEach, describe, expect, it } from 'vitest'
import { clientOf } from '../state/client.ts'
import { unsavedPaths, useSources } from './sources.ts'

/** Text of a file that nobody may read. */
const unreadable = '\0'

/** A workbench with files in memory. */
function workbench(files: Record<string, string>) {
  const client = clientOf(
    {
      invoke: async (name, input) => {
        const path = typeof input === 'object' && input !== null && 'path' in input ? String(input.path) : ''
        if (name === 'build.files')
          return {
            ok: true,
            output: { files: Object.entries(files).map(([file, text]) => ({ path: file, size: text.length })) },
          }
        if (name === 'build.read' && files[path] === unreadable)
          return { ok: false, problem: { code: 'input.denied', message: `${path} cannot be read` } }
        if (name === 'build.read')
          return files[path] === undefined
            ? { ok: false, problem: { code: 'input.not-found', message: `${path} is gone` } }
            : { ok: true, output: { text: files[path] } }
        if (name === 'build.write' && typeof input === 'object' && input !== null && 'text' in input)
          files[path] = String(input.text)
        return { ok: true, output: {} }
      },
      subscribe: () => () => {},
      pathOf: () => undefined,
    },
    'browser',
    { current: () => 'open', subscribe: () => () => {} },
  )
  return client
}

const initial = useSources.getInitialState()
beforeEach(() => useSources.setState(initial, true))
const text = (path: string) => useSources.getState().drafts[`c\n${path}`]?.text

describe('the sources of a component', () => {
  it('open at the source itself, and keep edits over a switch of files', async () => {
    const files = { 'package.json': '{}', 'wit/world.wit': 'package a:b;', 'index.js': 'one' }
    const client = workbench(files)
    await useSources.getState().open(client, 'c')
    expect(useSources.getState().path).toBe('index.js')
    useSources.getState().edit('two')
    await useSources.getState().open(client, 'c', 'package.json')
    await useSources.getState().open(client, 'c', 'index.js')
    expect(text('index.js')).toBe('two')
    expect([...unsavedPaths(useSources.getState().drafts, 'c')]).toEqual([['index.js', 'edited']])
    expect(files['index.js']).toBe('one')
    expect(await useSources.getState().save(client)).toBe(true)
    expect(files['index.js']).toBe('two')
  })
  it('never write over what changed on disk unasked', async () => {
    const files = { 'index.js': 'one' }
    const client = workbench(files)
    await useSources.getState().open(client, 'c')
    useSources.getState().edit('mine')
    files['index.js'] = 'theirs'
    expect(await useSources.getState().save(client)).toBe(false)
    expect(files['index.js']).toBe('theirs')
    expect(text('index.js')).toBe('mine')
    useSources.getState().settle('mine')
    expect(await useSources.getState().saveAll(client, 'c')).toBe(true)
    expect(files['index.js']).toBe('mine')
  })
  it('follow the disk where nothing was typed', async () => {
    const files = { 'index.js': 'one' }
    const client = workbench(files)
    await useSources.getState().open(client, 'c')
    files['index.js'] = 'new'
    await useSources.getState().refresh(client)
    expect(text('index.js')).toBe('new')
  })
  it('are written anew when the file vanished', async () => {
    const files: Record<string, string> = { 'index.js': 'one' }
    const client = workbench(files)
    await useSources.getState().open(client, 'c')
    useSources.getState().edit('mine')
    delete files['index.js']
    await useSources.getState().refresh(client)
    expect(text('index.js')).toBe('mine')
    expect(await useSources.getState().save(client)).toBe(true)
    expect(files['index.js']).toBe('mine')
  })
  it('say why they cannot be written, and keep what was typed', async () => {
    const files: Record<string, string> = { 'index.js': 'one', 'bad.js': 'x' }
    const client = workbench(files)
    await useSources.getState().open(client, 'c', 'bad.js')
    useSources.getState().edit('mine')
    files['bad.js'] = unreadable
    expect(await useSources.getState().save(client)).toBe(false)
    expect(useSources.getState().problem?.message).toBe('bad.js cannot be read')
    expect(text('bad.js')).toBe('mine')
  })
})
