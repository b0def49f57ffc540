/** Bytes for people, in powers of 1024: `812 B`, `3.41 KB`, `13.9 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const units = ['KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = -1
  do {
    value /= 1024
    unit++
  } while (value >= 1023.95 && unit < units.length - 1)
  return `${value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit] ?? ''}`
}

/** Milliseconds for people: `0.42 ms`, `12 ms`, `1.24 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 9.95) return `${Number(milliseconds.toFixed(milliseconds < 1 ? 2 : 1))} ms`
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 59_995) return `${(milliseconds / 1000).toFixed(2)} s`
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** Share of a whole: `12 %`, `0.3 %`, `<0.1 %`. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0 %'
  const share = (part / whole) * 100
  if (share < 0.1) return '<0.1 %'
  return share < 9.95 ? `${share.toFixed(1)} %` : `${Math.round(share)} %`
}
