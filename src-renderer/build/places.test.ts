import { describe, expect, it } from 'vitest'
import { fileOfPlace, problemsOfFile } from './places.ts'

const files = [{ path: 'index.js' }, { path: 'lib/index.js' }, { path: 'wit/world.wit' }]

describe('the place a tool names', () => {
  it.each([
    ['index.js', 'index.js'],
    ['./index.js', 'index.js'],
    ['/home/me/project/src/hello/index.js', 'index.js'],
    ['src/hello/lib/index.js', 'lib/index.js'],
    ['C:\\p\\src\\hello\\wit\\world.wit', 'wit/world.wit'],
    ['/elsewhere/other.js', undefined],
    ['xindex.js', undefined],
    [undefined, undefined],
  ])('%s is the file %s', (place, file) => {
    expect(fileOfPlace(files, place)).toBe(file)
  })
  it('gives a file its problems only', () => {
    const here = { code: 'build.syntax', message: 'a', where: { file: '/x/index.js', line: 1 } } as const
    const there = { code: 'build.syntax', message: 'b', where: { file: 'lib/index.js', line: 1 } } as const
    const nowhere = { code: 'build.syntax', message: 'c', where: { line: 3 } } as const
    expect(problemsOfFile([here, there, nowhere], files, 'index.js')).toEqual([here])
    expect(problemsOfFile([nowhere], [{ path: 'a.wat' }], 'a.wat')).toEqual([nowhere])
  })
})
