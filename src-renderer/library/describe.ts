import { Boxes, FileWarning, Globe, Hammer, Layers, type LucideIcon, SquareTerminal } from 'lucide-react'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { purposeOf } from '../inspector/purpose.ts'

/** The signs of what a component is for; the same as on its node. */
export const icons = {
  trouble: FileWarning,
  source: Hammer,
  handler: Globe,
  middleware: Layers,
  command: SquareTerminal,
  library: Boxes,
} satisfies Record<string, LucideIcon>

/** Which of {@link icons} an item has. */
export function iconOf(item: LibraryItem): keyof typeof icons {
  if (item.status === 'missing' || item.status === 'broken') return 'trouble'
  if (item.status === 'source') return 'source'
  switch (item.summary && purposeOf(item.summary).kind) {
    case 'handler':
      return 'handler'
    case 'middleware':
    case 'bridge':
      return 'middleware'
    case 'command':
      return 'command'
    default:
      return 'library'
  }
}

/** What a component is for, in two or three words. */
export function purposeText(item: LibraryItem): string {
  return item.summary ? purposeOf(item.summary).label : ''
}
