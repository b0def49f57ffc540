/** Names of the host's functions and fields, from their WIT names. The reference road uses the same. */

/**
 * What the host calls an interface: all of 0.2 is one, for later releases only add to earlier ones, and so is all of 0.3.
 * `wasi:http/types@0.2.12` → `wasi:http/types`, `wasi:http/types@0.3.0` → `wasi:http/types@0.3`.
 */
export const hostName = (name: string): string =>
  name.replace(/@.*/, (version) => (isThree.test(version) ? '@0.3' : ''))

const isThree = /^@0\.3\./

/** `blocking-write-and-flush` → `blockingWriteAndFlush`. */
export const camel = (name: string): string =>
  name
    .split('-')
    .map((word, at) => (at === 0 ? word.toLowerCase() : word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()))
    .join('')

/** `input-stream` → `InputStream`. */
export const pascal = (name: string): string => {
  const humped = camel(name)
  return humped.charAt(0).toUpperCase() + humped.slice(1)
}
