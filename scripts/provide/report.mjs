/** One line per step, with what happens meanwhile on a terminal, and how long it took. */

let stream = process.stdout
const width = 24

/** Steps before a command whose own output belongs to stdout are told on stderr. */
export function tellOnStderr() {
  stream = process.stderr
}

/** A failure whose message is written for the person at the terminal: no stack. */
export class StepError extends Error {
  /** @param {string} message @param {string} [details] output of the tool that failed, printed beneath */
  constructor(message, details = '') {
    super(message)
    this.details = details
  }
}

/**
 * Runs one step and prints its line.
 * @template T
 * @param {string} name
 * @param {(say: (text: string) => void) => Promise<T>} work `say` shows progress on a terminal
 * @param {(result: T) => string} [sum] what the line says at the end
 * @returns {Promise<T>}
 */
export async function step(name, work, sum = () => '') {
  const start = performance.now()
  const interactive = Boolean(stream.isTTY) && !process.env.CI
  let text = ''
  const seconds = () => (performance.now() - start) / 1000
  const draw = () =>
    stream.write(`\r\u001b[K  ${name.padEnd(width)}${text} ${seconds() >= 1 ? `${Math.floor(seconds())} s` : ''}`)
  const timer = interactive ? setInterval(draw, 250) : undefined
  if (interactive) draw()
  const close = (mark, result) => {
    clearInterval(timer)
    const took = seconds() >= 0.1 ? `${result ? '  ' : ''}(${seconds().toFixed(1)} s)` : ''
    stream.write(`${interactive ? '\r\u001b[K' : ''}${mark} ${name.padEnd(width)}${result}${took}\n`)
  }
  try {
    const result = await work((now) => {
      text = now
      if (interactive) draw()
    })
    close('✓', sum(result))
    return result
  } catch (error) {
    close('✗', error instanceof StepError ? error.message : String(error?.stack ?? error))
    throw error
  }
}

/** @param {string} name @param {string} text */
export function note(name, text) {
  stream.write(`· ${name.padEnd(width)}${text}\n`)
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`
}
