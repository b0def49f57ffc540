import { create } from 'zustand'

interface CanvasView {
  /** Instances whose host imports are unfolded. */
  readonly unfolded: ReadonlySet<string>
  /** Ports that show their functions and types, by `portKey`. */
  readonly openPorts: ReadonlySet<string>
  readonly minimap: boolean
  /** The list instead of the canvas. */
  readonly list: boolean
  /** Where a new component is looked for and would be put; `for` limits the list to what fits that port. */
  readonly picker: Picker | undefined
  /** The group whose name, or the note whose text, is being typed. */
  readonly editing: string | undefined
  readonly find: boolean
  /** Counts how often the search was asked for, so that asking again goes to its field. */
  readonly findAsked: number
}

export interface Picker {
  /** In canvas units: where the new node goes. */
  readonly place: { readonly x: number; readonly y: number }
  /** In pixels of the window: where the list opens. */
  readonly at: { readonly x: number; readonly y: number }
  /** The choice takes the place of this instance instead of being added. */
  readonly replace?: string
  readonly for?: { readonly instance: string; readonly side: 'in' | 'out'; readonly name: string }
}

/** How the canvas is looked at; nothing of it belongs to the document. */
export const useCanvasView = create<CanvasView>()(() => ({
  unfolded: new Set(),
  openPorts: new Set(),
  minimap: true,
  list: false,
  picker: undefined,
  editing: undefined,
  find: false,
  findAsked: 0,
}))

export function toggleUnfolded(instance: string, open?: boolean): void {
  useCanvasView.setState(({ unfolded }) => {
    const next = new Set(unfolded)
    if (open ?? !next.has(instance)) next.add(instance)
    else next.delete(instance)
    return { unfolded: next }
  })
}

/** Shows or hides what is behind a port, in its node. */
export function toggleOpenPort(key: string, open?: boolean): void {
  useCanvasView.setState(({ openPorts }) => {
    const next = new Set(openPorts)
    if (open ?? !next.has(key)) next.add(key)
    else next.delete(key)
    return { openPorts: next }
  })
}
