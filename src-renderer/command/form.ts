import { problemOf } from '../../src-engine/error.ts'
import { shellWords } from '../playground/shell.ts'

/** What a person fills in before a command runs, as text. */
export interface CommandForm {
  /** Words as for a shell. */
  readonly arguments: string
  /** `NAME=VALUE` lines. */
  readonly environment: string
  /** `/guest=directory` lines. */
  readonly directories: string
  /** Patterns, one a line or with spaces between. */
  readonly allowHosts: string
  /** The same for sockets. */
  readonly allowNet: string
  readonly stdin: string
}

export const emptyForm: CommandForm = {
  arguments: '',
  environment: '',
  directories: '',
  allowHosts: '',
  allowNet: '',
  stdin: '',
}

export interface CommandInput {
  readonly arguments: string[]
  readonly environment: Record<string, string>
  readonly directories: Record<string, string>
  readonly allowHosts: string[]
  readonly allowNet: string[]
  readonly stdin: string
}

export type CommandErrors = Partial<Record<keyof CommandForm, string>>

const patterns = (text: string): string[] => text.split(/\s+/).filter((pattern) => pattern !== '')

/** The fields as data; `errors` by field, for those that cannot be read. */
export function inputOf(form: CommandForm): { readonly input: CommandInput; readonly errors: CommandErrors } {
  const errors: CommandErrors = {}
  let words: string[] = []
  try {
    words = shellWords(form.arguments)
  } catch (thrown) {
    errors.arguments = problemOf(thrown).message
  }
  const pairs = (field: 'environment' | 'directories', example: string): Record<string, string> => {
    const found: Record<string, string> = {}
    for (const [index, line] of form[field].split('\n').entries()) {
      if (line.trim() === '') continue
      const at = line.indexOf('=')
      if (at < 1 || (field === 'directories' && at === line.length - 1)) {
        errors[field] ??= `Line ${index + 1} is not like ${example}`
        continue
      }
      found[line.slice(0, at).trim()] = field === 'directories' ? line.slice(at + 1).trim() : line.slice(at + 1)
    }
    return found
  }
  const input = {
    arguments: words,
    environment: pairs('environment', 'NAME=VALUE'),
    directories: pairs('directories', '/data=./data'),
    allowHosts: patterns(form.allowHosts),
    allowNet: patterns(form.allowNet),
    stdin: form.stdin,
  }
  return { input, errors }
}
