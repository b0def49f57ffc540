/** How WAC finds the full name that a short one stands for. (LANGUAGE.md of wac, "Instantiation" and "Access".) */

/** `incoming-handler` of `wasi:http/incoming-handler@0.2.0`; a plain name is its own last segment. */
export function lastSegment(name: string): string {
  const slash = name.lastIndexOf('/')
  if (slash < 0) return name
  const at = name.indexOf('@', slash)
  return name.slice(slash + 1, at < 0 ? undefined : at)
}

export type Inferred = { readonly found: string } | { readonly ambiguous: readonly string[] } | undefined

/** The name among `names` that `short` means: itself, else the only one that ends in it. */
export function inferName(short: string, names: Iterable<string>): Inferred {
  const all = [...names]
  if (all.includes(short)) return { found: short }
  const ending = all.filter((name) => lastSegment(name) === short)
  const [first] = ending
  if (first === undefined) return undefined
  return ending.length === 1 ? { found: first } : { ambiguous: ending }
}

/** The known name that was probably meant, for «did you mean»; undefined when none is near. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of names) {
    const distance = Math.min(editDistance(name, candidate), editDistance(name, lastSegment(candidate)))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein distance over UTF-16 units. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
