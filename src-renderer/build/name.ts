/** Why a new component cannot be called this, or undefined. `taken` are the names of the project. */
export function nameProblem(name: string, taken: readonly string[]): string | undefined {
  if (name === '') return 'Give the component a name, such as my-handler.'
  if (name.length > 64) return `The name has ${name.length} characters; 64 is the most.`
  if (/\s/.test(name)) return 'No spaces: write words with - between them, such as my-handler.'
  if (/[A-Z]/.test(name)) return `Small letters only: ${JSON.stringify(suggestName(name))}.`
  if (!/^[a-z]/.test(name)) return 'The name starts with a letter.'
  const odd = /[^a-z0-9-]/.exec(name)
  if (odd) return `${JSON.stringify(odd[0])} cannot be part of a name: letters, digits and - only.`
  if (!/^[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*$/.test(name))
    return 'Words are parted by one -, start with a letter, and none is empty.'
  if (/^(?:con|prn|aux|nul|com\d|lpt\d)$/.test(name)) return 'Windows keeps this name for a device.'
  if (taken.includes(name)) return `The project already has a component called ${name}.`
  return undefined
}

/** The nearest name that is allowed. */
export function suggestName(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .split('-')
    .filter((word) => word !== '')
    .map((word) => (/^\d/.test(word) ? `v${word}` : word))
    .join('-')
    .slice(0, 64)
}

/** `name`, else `name-v2`, `name-v3` …: the first that is free. */
export function freeName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name
  for (let count = 2; ; count++) {
    const next = `${name}-v${count}`
    if (!taken.includes(next)) return next
  }
}
