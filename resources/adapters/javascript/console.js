/** `console` on stdout and stderr. */
import { getStderr } from 'wasi:cli/stderr@0.2.12'
import { getStdout } from 'wasi:cli/stdout@0.2.12'
import { dispose } from './loop.js'
import { isLoading } from './promise.js'
import { encode } from './text.js'

/** What was said while the module was loaded; it is heard when the first request comes. */
let early = []

export function writeEarly() {
  if (early.length === 0) return
  for (const [open, text] of early.splice(0)) writeLine(open, text)
}

function writeLine(open, text) {
  if (isLoading()) {
    early.push([open, text])
    return
  }
  const stream = open()
  try {
    const bytes = encode(text + '\n')
    if (bytes.length <= 4096) stream.blockingWriteAndFlush(bytes)
    else for (let at = 0; at < bytes.length; at += 4096) stream.blockingWriteAndFlush(bytes.slice(at, at + 4096))
  } catch {
    // Nobody listens; a log line is no reason to fail.
  } finally {
    dispose(stream)
  }
}

/**
 * A stack in the lines of the sources. The build leaves a table of `[line in the bundle, lines, file, line in it]` at the end of
 * the bundle; what is not in it is machinery of ours and left out.
 */
function readableStack(stack) {
  const table = globalThis.__patchbayPlaces
  if (!table) return stack
  const lines = []
  for (const line of stack.split('\n')) {
    const match = /^\s*at (.*?) ?\(?([^\s()]*):(\d+):(\d+)\)?$/.exec(line)
    if (!match) continue
    const number = Number(match[3])
    const range = table.ranges.find(([start, count]) => number >= start && number < start + count)
    if (range) lines.push(`    at ${match[1]} (${table.files[range[2]]}:${range[3] + number - range[0]})`)
  }
  return lines.join('\n')
}

/** A value as a person reads it; strings inside of others are quoted. */
export function inspect(value, depth = 0, seen = []) {
  switch (typeof value) {
    case 'string':
      return depth === 0 ? value : JSON.stringify(value)
    case 'bigint':
      return `${value}n`
    case 'symbol':
      return value.toString()
    case 'function':
      return `[${value.prototype === undefined ? 'function' : 'function or class'} ${value.name || 'without a name'}]`
    case 'object':
      break
    default:
      return String(value)
  }
  if (value === null) return 'null'
  if (seen.includes(value)) return '[circular]'
  if (value instanceof Error) {
    const stack = typeof value.stack === 'string' ? readableStack(value.stack.trimEnd()) : ''
    const head = `${value.name}: ${value.message}`
    const cause = value.cause === undefined ? '' : `\n  caused by: ${inspect(value.cause, depth + 1, [...seen, value])}`
    return (stack ? `${head}\n${stack}` : head) + cause
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof RegExp) return String(value)
  if (depth > 4) return Array.isArray(value) ? '[…]' : '{…}'
  const inner = (item) => inspect(item, depth + 1, [...seen, value])
  const list = (items, limit = 100) => {
    const shown = items.slice(0, limit).map(inner)
    if (items.length > limit) shown.push(`… ${items.length - limit} more`)
    return shown.join(', ')
  }
  if (Array.isArray(value)) return `[${list(value)}]`
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return `${value.constructor.name}(${value.length}) [${list([...value.slice(0, 101)])}]`
  if (value instanceof Map)
    return `Map(${value.size}) {${[...value].map(([key, item]) => `${inner(key)} => ${inner(item)}`).join(', ')}}`
  if (value instanceof Set) return `Set(${value.size}) {${list([...value])}}`
  const name = Object.getPrototypeOf(value)?.constructor?.name
  if (typeof value.toJSON === 'function' && Object.keys(value).length === 0) {
    const shown = value.toJSON()
    return typeof shown === 'object' && name ? `${name} ${inner(shown)}` : inner(shown)
  }
  const body = Object.keys(value)
    .map((key) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${inner(value[key])}`)
    .join(', ')
  return `${name && name !== 'Object' ? `${name} ` : ''}{${body ? ` ${body} ` : ''}}`
}

/** printf-like: %s %d %i %f %o %O %j %c %%. */
function format(values) {
  if (values.length === 1) return inspect(values[0])
  const [first, ...rest] = values
  if (typeof first !== 'string' || !first.includes('%')) return values.map((value) => inspect(value)).join(' ')
  const text = first.replace(/%[sdifoOjc%]/g, (mark) => {
    if (mark === '%%') return '%'
    if (rest.length === 0) return mark
    const value = rest.shift()
    if (mark === '%s') return inspect(value)
    if (mark === '%d') return String(Number(value))
    if (mark === '%i') return String(Math.trunc(Number(value)))
    if (mark === '%f') return String(Number.parseFloat(value))
    if (mark === '%j') return JSON.stringify(value)
    return mark === '%c' ? '' : inspect(value, 1)
  })
  return [text, ...rest.map((value) => inspect(value))].join(' ')
}

const out = (...values) => writeLine(getStdout, format(values))
const error = (...values) => writeLine(getStderr, format(values))
const counts = new Map()
const times = new Map()

globalThis.console = {
  log: out,
  info: out,
  debug: out,
  dir: (value) => out(inspect(value, 1)),
  table: (value) => out(inspect(value, 1)),
  group: out,
  groupCollapsed: out,
  groupEnd() {},
  warn: error,
  error,
  trace: (...values) => error(`${format(values)}\n${new Error('trace').stack ?? ''}`),
  assert(condition, ...values) {
    if (!condition) error('Assertion failed:', ...values)
  },
  count(label = 'default') {
    counts.set(label, (counts.get(label) ?? 0) + 1)
    out(`${label}: ${counts.get(label)}`)
  },
  time(label = 'default') {
    times.set(label, performance.now())
  },
  timeEnd(label = 'default') {
    if (times.has(label)) out(`${label}: ${(performance.now() - times.get(label)).toFixed(3)} ms`)
    times.delete(label)
  },
}
