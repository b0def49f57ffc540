import { parseArgs } from 'node:util'
import { fail, problemOf } from '../../src-engine/error.ts'
import { nearest } from '../../src-engine/wac/inference.ts'
import { exitCodeOf, printProblem, type Verb, type VerbArguments, type VerbOption, type VerbOutput } from './verb.ts'
import { verbs } from './verbs.ts'

const common = {
  json: { type: 'boolean', description: 'print one JSON object on stdout' },
  help: { type: 'boolean', short: 'h', description: 'print this' },
} as const

/** Runs one command line and answers its exit code. Every error is told once, as text or as JSON. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json')
  const output = createOutput(json)
  const controller = new AbortController()
  const abort = () => controller.abort()
  process.once('SIGINT', abort).once('SIGTERM', abort)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that went away (`| head`) is no error of ours; a disk that is full is one.
    if (error.code === 'EPIPE') process.exit(0)
    const problem = fail('output.closed', `The output cannot be written: ${error.message}`).problem
    process.stderr.write(`${printProblem(problem)}\n`)
    process.exit(exitCodeOf(problem))
  })
  // Who stops listening to what is told beside ends nothing, a server least of all.
  process.stderr.on('error', () => {})
  try {
    return await dispatch(argv, output, controller.signal)
  } catch (thrown) {
    const problem = problemOf(thrown)
    if (json) process.stdout.write(`${JSON.stringify({ error: problem })}\n`)
    tellNotes()
    process.stderr.write(`${printProblem(problem)}\n`)
    if (problem.code === 'internal.unexpected' && thrown instanceof Error)
      process.stderr.write(`${thrown.stack ?? ''}\n`)
    return exitCodeOf(problem)
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort)
  }
}

async function dispatch(argv: readonly string[], output: VerbOutput, signal: AbortSignal): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    output.line(overview())
    return name === undefined ? 2 : 0
  }
  if (name === '--version' || name === '-V') {
    const { patchbayVersion } = await import('../version.ts')
    output.object({ version: patchbayVersion })
    if (!output.json) output.line(patchbayVersion)
    return 0
  }
  const entry = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (!entry) {
    const meant = nearest(name, Object.keys(verbs))
    throw fail('usage.verb', `there is no command "${name}"`, {
      hint: meant ? `Did you mean "patchbay ${meant}"?` : 'See patchbay --help.',
    })
  }
  const verb = await entry.load()
  if (takesHelp(rest)) {
    output.line(helpOf(verb, entry.summary))
    return 0
  }
  return verb.run({ arguments: parse(verb, rest), output, cwd: process.cwd(), signal })
}

/** `--help` anywhere before a bare `--`. */
function takesHelp(rest: readonly string[]): boolean {
  const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest
  return own.includes('--help') || own.includes('-h')
}

function parse(verb: Verb, argv: readonly string[]): VerbArguments {
  const known: Readonly<Record<string, VerbOption>> = { ...common, ...verb.options }
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { type, short }]) => [
      name,
      { type, multiple: type === 'string', ...(short === undefined ? {} : { short }) },
    ]),
  )
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (thrown) {
    const message =
      thrown instanceof Error ? thrown.message.replace(/\. To specify a positional.*/, '') : String(thrown)
    const option = /'?--?([\w-]+)/.exec(message)?.[1]
    const meant = option === undefined ? undefined : nearest(option, Object.keys(known))
    throw fail('usage.option', `${verb.name}: ${message}`, {
      hint: meant ? `Did you mean --${meant}? See patchbay ${verb.name} --help.` : `See patchbay ${verb.name} --help.`,
    })
  }
  const { values, positionals } = parsed
  const { min = 0, max = Infinity } = verb.positionals ?? {}
  if (positionals.length < min)
    throw fail('usage.arguments', `${verb.name}: something is missing`, {
      hint: `usage: patchbay ${verb.name} ${verb.usage}`,
    })
  if (positionals.length > max)
    throw fail('usage.arguments', `${verb.name}: "${positionals[max] ?? ''}" is one argument too many`, {
      hint: `usage: patchbay ${verb.name} ${verb.usage}`,
    })
  const list = (name: string): string[] => {
    const value = values[name]
    return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []
  }
  return {
    positionals,
    list,
    text: (name) => list(name).at(-1),
    flag: (name) => values[name] === true,
    number(name, { min: least = -Infinity, max: most = Infinity, integer = false } = {}) {
      const text = list(name).at(-1)
      if (text === undefined) return undefined
      const value = Number(text)
      if (
        text.trim() !== '' &&
        Number.isFinite(value) &&
        value >= least &&
        value <= most &&
        (!integer || Number.isInteger(value))
      )
        return value
      throw fail(
        'usage.number',
        `--${name} needs a ${integer ? 'whole ' : ''}number${least > -Infinity ? ` from ${least}` : ''}${most < Infinity ? ` to ${most}` : ''}, got "${text}"`,
        { hint: `See patchbay ${verb.name} --help.` },
      )
    },
  }
}

/** Notes that follow each other faster than this are told together. Milliseconds. */
const noteTime = 4
let notes = ''
/** `performance.now()` */
let lastTold = -noteTime

function tellNotes(): void {
  const text = notes
  notes = ''
  if (text === '') return
  lastTold = performance.now()
  process.stderr.write(text)
}

process.once('exit', tellNotes)

function createOutput(json: boolean): VerbOutput {
  return {
    json,
    object(value) {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`)
    },
    line(text = '') {
      tellNotes()
      ;(json ? process.stderr : process.stdout).write(`${text}\n`)
    },
    note(text) {
      // A server under load has thousands of lines a second to tell.
      if (notes === '' && performance.now() - lastTold < noteTime) setTimeout(tellNotes, noteTime)
      else if (notes === '') process.nextTick(tellNotes)
      notes += `${text}\n`
    },
    bytes: (bytes) =>
      new Promise((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()))),
    terminal: process.stdout.isTTY,
  }
}

function overview(): string {
  const lines = ['Patchbay: compose, run and explain WebAssembly components.', '', 'usage: patchbay COMMAND …', '']
  for (const [name, { summary }] of Object.entries(verbs)) lines.push(`  ${name.padEnd(10)} ${summary}`)
  return [
    ...lines,
    '',
    'patchbay COMMAND --help tells more. Exit codes: 0 done, 1 the work failed, 2 wrong use, 3 unreadable input, 4 a toolchain is missing.',
  ].join('\n')
}

function helpOf(verb: Verb, summary: string): string {
  const rows = Object.entries({ ...verb.options, ...common }).map(([name, option]) => {
    const short = 'short' in option && option.short !== undefined ? `-${option.short}, ` : '    '
    const value = 'value' in option && option.value !== undefined ? ` ${option.value}` : ''
    return [`  ${short}--${name}${value}`, option.description] as const
  })
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  return [
    summary,
    '',
    `usage: patchbay ${verb.name} ${verb.usage}`,
    '',
    ...rows.map(([left, right]) => left.padEnd(width) + right),
    ...(verb.details ? ['', ...verb.details] : []),
    '',
    ...verb.examples.map((example, at) => `${at === 0 ? 'example:' : '        '} ${example}`),
  ].join('\n')
}
