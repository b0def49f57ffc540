/** Sizes and times as people read them; the same in the window, on the command line and in answers. */

/** `0 B`, `812 B`, `1.4 KB`, `12.3 MB`: decimal units, as in the file manager. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`
  let value = bytes
  for (const unit of ['KB', 'MB', 'GB']) {
    value /= 1000
    if (value < 999.5 || unit === 'GB') return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`
  }
  return `${bytes} B`
}

/** `0.4 MiB`, `128 MiB`: memory, in the units in which it is limited. */
export function formatMemory(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024
  return `${mebibytes < 9.95 ? mebibytes.toFixed(1) : Math.round(mebibytes)} MiB`
}

/** `40 µs`, `0.4 ms`, `12 ms`, `1.2 s`, `2 min 5 s`, from milliseconds. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 0.0995) return `${Math.round(milliseconds * 1000)} µs`
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
