import { create } from 'zustand'
import { fitAfterLayout, seesEverything } from '../canvas/whole-view.ts'
import { changeSettings, useSettings } from '../state/settings.ts'

export type CompositionTab = 'text' | 'world'

interface CompositionView {
  /** The pane beside or below the canvas with the text and the world of the composition. */
  readonly open: boolean
  readonly tab: CompositionTab
  /** Below the canvas instead of beside it. */
  readonly below: boolean
  /** Counts requests to put the caret into the text. */
  readonly asked: number
}

export const useCompositionView = create<CompositionView>()(() => ({
  open: false,
  tab: 'text',
  below: false,
  asked: 0,
}))

/** Takes over how the pane was left the last time. Called once the settings are there. */
export function restoreCompositionView(): void {
  const { panels } = useSettings.getState()
  useCompositionView.setState({
    open: panels['composition.open'] === 1,
    tab: panels['composition.world'] === 1 ? 'world' : 'text',
    below: panels['composition.below'] === 1,
  })
}

/** Shows one of the two; the same again hides the pane. */
export function toggleComposition(tab: CompositionTab): void {
  const { open, tab: shown } = useCompositionView.getState()
  if (open && shown === tab) change({ open: false })
  else showComposition(tab)
}

export function showComposition(tab: CompositionTab): void {
  change({ open: true, tab })
  useCompositionView.setState(({ asked }) => ({ asked: asked + 1 }))
}

export function hideComposition(): void {
  change({ open: false })
}

/** Beside the canvas, or below it. */
export function placeComposition(below: boolean): void {
  change({ below })
}

function change(next: Partial<Pick<CompositionView, 'open' | 'tab' | 'below'>>): void {
  // Who saw the whole canvas goes on seeing it when the pane takes some of its room.
  const whole = seesEverything()
  useCompositionView.setState(next)
  if (whole) fitAfterLayout()
  const { open, tab, below } = useCompositionView.getState()
  const panels = {
    ...useSettings.getState().panels,
    'composition.open': open ? 1 : 0,
    'composition.world': tab === 'world' ? 1 : 0,
    'composition.below': below ? 1 : 0,
  }
  // Not worth a message: the pane is as it is, only the next start will not know.
  void changeSettings({ panels }).catch(() => undefined)
}
