/**
 * What fills the slots of the window's frame. One line per panel: the frame knows panels by this table only.
 */
import type { ComponentType } from 'react'
import { BuildPanel } from './build/BuildPanel.tsx'
import { NewComponentDialog } from './build/NewComponentDialog.tsx'
import { CommandPanel } from './command/CommandPanel.tsx'
import { ExportDialog } from './composition/ExportDialog.tsx'
import { TargetDialog } from './composition/TargetDialog.tsx'
import { ConsolePanel } from './console/ConsolePanel.tsx'
import { ProbeDialog } from './console/ProbeDialog.tsx'
import { ProblemsPanel } from './console/ProblemsPanel.tsx'
import { InspectorPanel } from './inspector/InspectorPanel.tsx'
import { CompareDialog } from './library/CompareDialog.tsx'
import { PlaygroundPanel } from './playground/PlaygroundPanel.tsx'
import { RunSettingsDialog } from './run-settings/RunSettingsDialog.tsx'

export interface Panels {
  readonly inspector: ComponentType
  readonly console: ComponentType
  readonly playground: ComponentType
  readonly problems: ComponentType
  readonly build: ComponentType
  readonly command: ComponentType
  /** Dialogs that belong to panels; each shows itself when `useLayout().dialog` is its own. */
  readonly dialogs: readonly ComponentType[]
}

export const panels: Panels = {
  inspector: InspectorPanel,
  console: ConsolePanel,
  playground: PlaygroundPanel,
  problems: ProblemsPanel,
  build: BuildPanel,
  command: CommandPanel,
  dialogs: [RunSettingsDialog, ProbeDialog, NewComponentDialog, ExportDialog, TargetDialog, CompareDialog],
}
