/** C → core module with clang's own wasm target: no libc, no SDK. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join, relative, sep } from 'node:path'
import { PatchbayError, type Problem } from '../../src-engine/error.ts'
import { runCommand } from './commands.ts'
import { failed, succeeded, type Outcome } from './outcome.ts'

export interface Clang {
  /** Path or name of clang. */
  readonly path: string
  /** Path of the wasm-ld that belongs to it. */
  readonly linker: string
  /** The first line of `clang --version`. */
  readonly version: string
}

const candidates = ['clang-19', 'clang-20', 'clang-21', 'clang-18', 'clang', '/opt/homebrew/opt/llvm/bin/clang']

/** The first clang that can compile and link for wasm32. Says nothing about the rest of the machine. */
export async function findClang(): Promise<Clang | undefined> {
  for (const path of candidates) {
    const { code, stdout } = await runCommand(path, ['--version'], { timeout: 10_000 })
    if (code !== 0) continue
    const linker = await runCommand(path, ['--target=wasm32', '-nostdlib', '-###', '-x', 'c', '/dev/null'], {
      timeout: 10_000,
    })
    // The command that clang would run names the linker by its path; without one it stays a bare word.
    const named = /"([^"]*wasm-ld[^"]*)"/.exec(linker.stderr)?.[1]
    if (linker.code === 0 && named && (await runCommand(named, ['--version'], { timeout: 10_000 })).code === 0) {
      return { path, linker: named, version: stdout.split('\n')[0]?.trim() ?? '' }
    }
  }
  return undefined
}

export interface CompileOptions {
  readonly clang: Clang
  /** Absolute paths of the `.c` files. */
  readonly files: readonly string[]
  /** Folder that file names in problems are relative to. */
  readonly root: string
  readonly signal?: AbortSignal
  readonly onText?: (stream: 'stdout' | 'stderr', text: string) => void
}

const compilerFlags = [
  '--target=wasm32',
  '-std=c17',
  '-O2',
  '-Wall',
  '-Wextra',
  '-nostdlib',
  '-mbulk-memory',
  '-fno-color-diagnostics',
  '-fdiagnostics-absolute-paths',
]
const linkerFlags = [
  '-m',
  'wasm32',
  // Exports and imports are what the sources say; functions keep their names, so that a trap can be read.
  '--no-entry',
  '--strip-debug',
  // The stack grows down to address zero: an overflow traps instead of writing over data.
  '--stack-first',
  '-z',
  'stack-size=65536',
]

/**
 * Compiles and links; problems carry file (relative to `root`), line and column.
 * The linker is called by itself: clang would pass its output through any wasm-opt that it finds, and the result would depend
 * on that.
 */
export async function compileC({ clang, files, root, signal, onText }: CompileOptions): Promise<Outcome<Uint8Array>> {
  const folder = await mkdtemp(join(tmpdir(), 'patchbay-c-'))
  try {
    const objects: string[] = []
    const problems: Problem[] = []
    for (const file of files) {
      const object = join(folder, `${objects.length}.o`)
      const { code, stderr } = await runCommand(
        clang.path,
        [...compilerFlags, `-ffile-prefix-map=${root}=.`, '-c', file, '-o', object],
        { cwd: root, signal, onText },
      )
      if (signal?.aborted) return failed({ code: 'build.cancelled', message: 'The build was cancelled' })
      if (code === 0) objects.push(object)
      else problems.push(...problemsOf(stderr, root))
    }
    if (problems.length > 0) return failed(...problems.slice(0, 50))
    const output = join(folder, 'core.wasm')
    const { code, stderr } = await runCommand(clang.linker, [...linkerFlags, ...objects, '-o', output], {
      cwd: root,
      signal,
      onText,
    })
    return code === 0 ? succeeded(await readFile(output)) : failed(...problemsOf(stderr, root))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Like {@link compileC}, throws the first problem. */
export async function compileModule(options: CompileOptions): Promise<Uint8Array> {
  const outcome = await compileC(options)
  if (outcome.ok) return outcome.product
  throw new PatchbayError(outcome.problems[0] ?? { code: 'build.compiler', message: 'clang failed without a word' })
}

/** clang's and wasm-ld's words as problems; at least one. */
export function problemsOf(stderr: string, root: string): Problem[] {
  const problems: Problem[] = []
  for (const line of stderr.split('\n')) {
    const compiler = /^(.+?):(\d+):(\d+): (?:fatal )?error: (.+)$/.exec(line)
    const linker = /^wasm-ld(?:-\d+)?: error: (?:\S+\.o: )?(.+)$/.exec(line)
    if (compiler) {
      const [, file = '', row, column, message = ''] = compiler
      problems.push({
        code: 'build.compile',
        message: message.trim(),
        where: { file: shortened(file, root), line: Number(row), column: Number(column) },
      })
    } else if (linker?.[1] !== undefined) {
      problems.push({ code: 'build.link', message: linker[1].trim() })
    }
  }
  if (problems.length === 0) {
    problems.push({ code: 'build.compiler', message: stderr.trim().split('\n')[0] || 'clang failed without a word' })
  }
  return problems.slice(0, 50)
}

function shortened(file: string, root: string): string {
  if (!isAbsolute(file)) return file
  const path = relative(root, file)
  return path.startsWith('..') ? file : path.split(sep).join('/')
}
