import { type ChildProcess, spawn } from 'node:child_process'
import { canShowWindow } from './machine.ts'

/**
 * Windows of tests open on a display of their own where there is one to be had, so that they do not flicker over anybody's
 * screen and have a size that does not depend on it. `PATCHBAY_SHOW=1` shows them.
 */
export default async function provideDisplay(): Promise<(() => Promise<void>) | undefined> {
  if (process.platform !== 'linux' || (process.env.PATCHBAY_SHOW && process.env.DISPLAY)) return undefined
  if (!canShowWindow().xvfb) return undefined
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  process.env.DISPLAY = `:${await displayNumber(server)}`
  delete process.env.WAYLAND_DISPLAY
  return async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill()
    await ended
  }
}

/** Xvfb writes the number once it accepts connections. */
function displayNumber(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    server.stdio[3]?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.endsWith('\n')) resolve(text.trim())
    })
    server.once('error', reject)
    server.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)))
  })
}
