/**
 * What fills the slots of the window's frame. One line per panel: the frame knows panels by this table only.
 */
import type { ComponentType } from 'react'
import { EmptyState } from './ui/EmptyState.tsx'

function Empty() {
  return <EmptyState title="Nothing here yet" />
}

export interface Panels {
  readonly inspector: ComponentType
  readonly console: ComponentType
  readonly playground: ComponentType
  readonly problems: ComponentType
  readonly build: ComponentType
  /** Dialogs that belong to panels; each shows itself when `useLayout().dialog` is its own. */
  readonly dialogs: readonly ComponentType[]
}

export const panels: Panels = {
  inspector: Empty,
  console: Empty,
  playground: Empty,
  problems: Empty,
  build: Empty,
  dialogs: [],
}
