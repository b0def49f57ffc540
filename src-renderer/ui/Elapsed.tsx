import { useEffect, useState } from 'react'
import { formatDuration } from './format.ts'

/** Milliseconds between two looks; and those in which nobody wants to read a figure yet. */
const pace = 500

/** How long something takes already, counted from `since` (milliseconds since the epoch); nothing in the first second. */
export function Elapsed({ since }: { readonly since: number }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), pace)
    return () => clearInterval(timer)
  }, [])
  const elapsed = now - since
  return elapsed < 1000 ? null : <span data-testid="elapsed">{formatDuration(elapsed)}</span>
}
