import { create } from 'zustand'
import type { Difference } from '../../src-engine/subtype/difference.ts'
import type { PortReference } from '../state/selection.ts'

/** Would a wire between two ports hold? */
export interface Verdict {
  /** `newer`, `older`: another version of the same interface that is compatible. */
  readonly fits: 'yes' | 'newer' | 'older' | 'no'
  /** The reason in words; there for everything but a plain yes. */
  readonly sentence?: string | undefined
  readonly difference?: Difference | undefined
  /** What usually causes this, and what to do. */
  readonly hint?: string | undefined
  /** The types fit, the names differ. */
  readonly otherName?: boolean
}

/** What a refused wire wanted to be, and why not. Stays until dismissed. */
export interface Refusal {
  readonly from: PortReference
  readonly to: PortReference
  readonly verdict: Verdict
  /** Where the pointer let go, in pixels of the window. */
  readonly at: { readonly x: number; readonly y: number }
}

interface Wiring {
  /** The port a wire is being drawn from, by mouse or keyboard. */
  readonly from: PortReference | undefined
  /** The wire is drawn by keyboard: Tab goes through the ports that fit, Enter ends it. */
  readonly keyboard: boolean
  /** By `portKey`, for every port of the canvas that could be the other end. */
  readonly verdicts: ReadonlyMap<string, Verdict>
  readonly refusal: Refusal | undefined
  /** Ports that the first steps point at, by `portKey`. */
  readonly hinted: readonly string[]
}

export const noVerdicts: ReadonlyMap<string, Verdict> = new Map()

export const useWiring = create<Wiring>()(() => ({
  from: undefined,
  keyboard: false,
  verdicts: noVerdicts,
  refusal: undefined,
  hinted: [],
}))

export function endWiring(): void {
  if (useWiring.getState().from) useWiring.setState({ from: undefined, keyboard: false, verdicts: noVerdicts })
}

export function dismissRefusal(): void {
  useWiring.setState({ refusal: undefined })
}

/** How a port is marked while a wire is drawn. `idle`: no wire is drawn, or this is not a possible other end. */
export type Mark = 'idle' | 'from' | 'yes' | 'near' | 'no'

export function markOf({ fits, otherName }: Verdict): Mark {
  return fits === 'no' ? 'no' : fits === 'yes' && !otherName ? 'yes' : 'near'
}
