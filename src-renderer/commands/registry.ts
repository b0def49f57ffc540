/**
 * The one list of what a person can do. Menus, the palette, shortcuts and context menus all read it, so that a command
 * has one name, one condition and one action wherever it is found.
 */
import type { LucideIcon } from 'lucide-react'
import { problemOf } from '../../src-engine/error.ts'
import { showProblem } from '../ui/notify.tsx'
import { type Context, readContext } from './context.ts'
import { matchesKeys } from './keys.ts'

export interface Command {
  /** `area.verb`, e.g. `edit.undo`. */
  readonly id: string
  /** In the imperative, sentence case; may tell of the state (`Undo Connect handler`). */
  readonly label: string | ((context: Context) => string)
  readonly icon?: LucideIcon
  /** The first is shown; each as in `keys.ts`. */
  readonly keys?: readonly string[]
  /** More words to find it by. */
  readonly keywords?: string
  /** True, or the reason why it cannot be done now. Absent = always. */
  readonly when?: (context: Context) => true | string
  /** On or off, for commands that switch something. */
  readonly checked?: (context: Context) => boolean
  /** Takes something away: shown in the colour of danger. */
  readonly danger?: boolean
  /** False keeps it out of the palette (it needs a target that only a context menu knows). */
  readonly palette?: boolean
  /** Its keys also work while typing in a field. Default: only when they contain Mod or are a function key. */
  readonly whileTyping?: boolean
  /** `argument` comes from `runCommand('id|argument')`, e.g. a path. */
  readonly run: (context: Context, argument: string | undefined) => void | Promise<void>
}

const commands = new Map<string, Command>()

/** Adds commands; an id that is taken is a mistake of ours, unless the module was loaded anew while developing. */
export function registerCommands(list: readonly Command[]): void {
  for (const command of list) {
    if (commands.has(command.id) && !import.meta.hot) throw new Error(`two commands are called ${command.id}`)
    commands.set(command.id, command)
  }
}

export function allCommands(): readonly Command[] {
  return [...commands.values()]
}

export function findCommand(id: string): Command | undefined {
  return commands.get(id)
}

export function labelOf(command: Command, context: Context): string {
  return typeof command.label === 'string' ? command.label : command.label(context)
}

/** The reason why a command cannot run now; undefined when it can. */
export function blockedBy(command: Command, context: Context): string | undefined {
  const answer = command.when?.(context) ?? true
  return answer === true ? undefined : answer
}

/** Runs a command by id, or by `id|argument`. What it throws is shown; a command that cannot run now says why. Returns whether it ran. */
export async function runCommand(request: string): Promise<boolean> {
  const bar = request.indexOf('|')
  const id = bar < 0 ? request : request.slice(0, bar)
  const command = commands.get(id)
  if (!command) {
    showProblem({ code: 'command.unknown', message: `There is no command ${id}.` })
    return false
  }
  const context = readContext()
  const reason = blockedBy(command, context)
  if (reason !== undefined) {
    showProblem({ code: 'command.blocked', message: reason }, 'info')
    return false
  }
  try {
    await command.run(context, bar < 0 ? undefined : request.slice(bar + 1))
    return true
  } catch (thrown) {
    showProblem(problemOf(thrown))
    return false
  }
}

/** The command that a key press means here, if any. `typing`: the focus is in a field or an editor. */
export function commandForKeys(press: KeyboardEvent, typing: boolean): Command | undefined {
  for (const command of commands.values()) {
    for (const keys of command.keys ?? []) {
      if (!matchesKeys(press, keys)) continue
      if (typing && !(command.whileTyping ?? /Mod|Ctrl|^F\d/.test(keys))) continue
      return command
    }
  }
  return undefined
}
