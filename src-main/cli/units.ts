import { fail } from '../../src-engine/error.ts'

const durations: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const sizes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
}

function measure(option: string, text: string, units: Readonly<Record<string, number>>, example: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim())
  const factor = match && units[(match[2] ?? '').toLowerCase()]
  const value = match && factor !== undefined && factor !== null ? Number(match[1]) * factor : 0
  if (value > 0) return value
  throw fail('usage.number', `--${option} needs an amount such as ${example}, got "${text}"`, {
    hint: `Units: ${Object.keys(units)
      .filter((unit) => unit !== '')
      .join(', ')}.`,
  })
}

/** `500ms`, `30s`, `2m`; a bare number is seconds. Answers milliseconds. Throws `usage.number`. */
export const parseDuration = (option: string, text: string): number =>
  measure(option, text, { ...durations, '': 1000 }, '30s')

/** `10MB`, `128MiB`; a bare number is bytes. Answers whole bytes. Throws `usage.number`. */
export const parseSize = (option: string, text: string): number => Math.floor(measure(option, text, sizes, '128MiB'))
