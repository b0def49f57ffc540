import { buildCommands } from '../build/commands.ts'
import { annotationCommands } from '../canvas/annotation-commands.ts'
import { canvasCommands } from '../canvas/commands.ts'
import { nestingCommands } from '../canvas/nesting.ts'
import { commandCommands } from '../command/commands.ts'
import { compositionCommands } from '../composition/commands.ts'
import { consoleCommands } from '../console/commands.ts'
import { libraryCommands } from '../library/commands.ts'
import { playgroundCommands } from '../playground/commands.ts'
import { editCommands } from './edit.ts'
import { fileCommands } from './file.ts'
import { registerCommands } from './registry.ts'
import { runCommands } from './run.ts'
import { viewCommands } from './view.ts'

/** Every command there is, in the order of the palette. */
export function registerAllCommands(): void {
  registerCommands([
    ...runCommands,
    ...fileCommands,
    ...libraryCommands,
    ...editCommands,
    ...canvasCommands,
    ...annotationCommands,
    ...nestingCommands,
    ...compositionCommands,
    ...buildCommands,
    ...commandCommands,
    ...playgroundCommands,
    ...consoleCommands,
    ...viewCommands,
  ])
}
