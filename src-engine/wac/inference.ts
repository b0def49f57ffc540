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

/** The same for a name that must be there: with what to say when it is not. A quoted name is meant exactly. */
export function demandName(
  name: string,
  quoted: boolean,
  names: readonly string[],
  what: 'import' | 'export',
): { readonly found: string } | { readonly code: `wac.${string}`; readonly message: string; readonly hint: string } {
  if (quoted && names.includes(name)) return { found: name }
  const inferred = quoted ? undefined : inferName(name, names)
  if (inferred && 'found' in inferred) return inferred
  if (inferred) {
    const all = inferred.ambiguous.map((one) => `\`${one}\``).join(' or ')
    const hint = 'Write the full name as a string.'
    return { code: 'wac.ambiguous-name', message: `\`${name}\` could be ${all}`, hint }
  }
  const meant = nearest(name, names)
  const list =
    names.length === 0
      ? `There is no ${what}.`
      : `The ${what}s are ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}.`
  return {
    code: `wac.unknown-${what}`,
    message: `there is no ${what} \`${name}\``,
    hint: meant ? `Did you mean \`${meant}\`? ${list}` : list,
  }
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
