import { defaultFilter } from 'cmdk'

/** Ends the label in the value of an entry; the id after it only keeps equal labels apart. */
export const labelEnd = '\u0000'

/**
 * How well a command answers what was typed, 0 (not at all) to 1: the label as typed first, then a label whose words
 * begin as typed, then its keywords, then letters that merely occur in this order.
 */
export function rankCommand(value: string, typed: string, keywords: string[] = []): number {
  const label = value.slice(0, (value + labelEnd).indexOf(labelEnd)).toLowerCase()
  const search = typed.trim().toLowerCase()
  if (label.startsWith(search)) return 1
  const wanted = search.split(/\s+/)
  const begins = (words: readonly string[]): boolean =>
    wanted.every((word) => words.some((candidate) => candidate.startsWith(word)))
  const words = label.split(/[^\p{L}\p{N}]+/u)
  if (begins(words)) return 0.9
  if (begins([...words, ...keywords.flatMap((keyword) => keyword.toLowerCase().split(/\s+/))])) return 0.8
  return 0.5 * defaultFilter(label, search, [])
}
