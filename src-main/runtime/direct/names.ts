/** Names of the host's functions and fields, from their WIT names. The reference road uses the same. */

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
