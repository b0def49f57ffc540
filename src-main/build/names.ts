import { fail, type PatchbayError } from '../../src-engine/error.ts'

/** Names that Windows keeps for devices, whatever their extension. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/

/** Throws `usage.name` with the reason when a new component cannot be called so. `taken` is compared without case. */
export function checkComponentName(name: string, taken: Iterable<string> = []): void {
  const refuse = (why: string): PatchbayError =>
    fail('usage.name', `A component cannot be called "${name.slice(0, 80)}": ${why}`, {
      hint: 'Use lower-case words joined by hyphens, such as "order-handler"',
    })
  if (name === '')
    throw fail('usage.name', 'A component needs a name', {
      hint: 'Use lower-case words joined by hyphens, such as "order-handler"',
    })
  if (name.length > 64) throw refuse(`it has ${name.length} characters, 64 are allowed`)
  if (!/^[a-z]/.test(name)) throw refuse('it must begin with a letter from a to z')
  const odd = /[^a-z0-9-]/u.exec(name)
  if (odd) throw refuse(`"${odd[0]}" is neither a lower-case letter, a digit nor a hyphen`)
  if (/-$|--/.test(name)) throw refuse('every hyphen must stand between two words')
  if (/-\d/.test(name)) throw refuse('every word must begin with a letter')
  if (reserved.test(name)) throw refuse('Windows keeps this name for a device')
  for (const other of taken) if (other.toLowerCase() === name) throw refuse('there is one already')
}
