import { describe, expect, it } from 'vitest'
import { readArguments } from './arguments.ts'

const read = (...argv: string[]) => readArguments(argv, '/app', '/home/ada')

describe('readArguments', () => {
  it('takes what follows the application path, whatever stands before it', () => {
    expect(read('/x/electron', '--inspect=0', '/app', 'project')).toEqual({ path: '/home/ada/project' })
    expect(read('/x/electron', '--remote-debugging-port=0', '../../app', '--no-sandbox', '/tmp/a.wasm')).toEqual({
      path: '/tmp/a.wasm',
    })
  })

  it('takes what follows the executable when packaged', () => {
    expect(read('/opt/Patchbay/patchbay', '--no-sandbox', 'project')).toEqual({ path: '/home/ada/project' })
  })

  it('reads our option and leaves those of Electron alone', () => {
    expect(read('/x/electron', '/app', '--user-data=fresh', '--trace-warnings', 'project')).toEqual({
      path: '/home/ada/project',
      userData: '/home/ada/fresh',
    })
    expect(read('/x/electron', '/app')).toEqual({})
  })
})
