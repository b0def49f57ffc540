import { buildCommands } from '../build/commands.ts'
import { consoleCommands } from '../console/commands.ts'
import { playgroundCommands } from '../playground/commands.ts'
import type { Command } from './registry.ts'

/** Commands of the panels: building, the playground's request, the console. */
export const panelCommands: readonly Command[] = [...buildCommands, ...playgroundCommands, ...consoleCommands]
