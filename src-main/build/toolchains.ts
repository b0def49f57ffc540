/** Which toolchains are on this machine, and in words what to do about those that are not. */
import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Problem } from '../../src-engine/error.ts'
import { findClang, type Clang } from './c-compiler.ts'
import { runCommand } from './commands.ts'

export interface Toolchain {
  readonly id: string
  readonly label: string
  /** What it is good for here. */
  readonly purpose: string
  /** Its version, or what is wrong. */
  readonly version?: string
  readonly problem?: Problem
}

// Not called `require`: the bundler adds a constant of that name to every file that seems to use it.
const load = createRequire(import.meta.url)

function versionOfPackage(name: string): string | undefined {
  try {
    const manifest: unknown = load(`${name}/package.json`)
    return typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : undefined
  } catch {
    return undefined
  }
}

/** Versions that go into every build; they are part of the cache's key. */
export function bundledVersions(): Readonly<Record<string, string>> {
  return {
    'componentize-qjs': versionOfPackage('componentize-qjs') ?? '',
    rolldown: versionOfPackage('rolldown') ?? '',
  }
}

export const clangMissing: Problem = {
  code: 'toolchain.clang',
  message: 'clang with wasm-ld is needed to build C, and was not found',
  hint: 'Debian and Ubuntu: apt install clang lld · macOS: brew install llvm lld · Windows: winget install LLVM.LLVM',
}

/** The native part of the QuickJS builder exists for the usual platforms only. Does not load it: it is large. */
export async function checkQuickJs(): Promise<Problem | undefined> {
  try {
    const modules = dirname(dirname(load.resolve('componentize-qjs/package.json')))
    const bindings = await readdir(join(modules, '@andreiltd'))
    const platform = `${process.platform}-${process.arch}`
    if (bindings.some((name) => name.startsWith(`componentize-qjs-binding-${platform}`))) return undefined
  } catch {
    // Said below.
  }
  return {
    code: 'toolchain.quickjs',
    message: `The JavaScript builder is not installed for ${process.platform} on ${process.arch}`,
    hint: 'Run npm install again; there are builds for Linux, macOS and Windows on x64 and arm64',
  }
}

interface Known {
  readonly id: string
  readonly label: string
  readonly purpose: string
  readonly command: readonly [string, ...string[]]
  readonly hint: string
}

const known: readonly Known[] = [
  {
    id: 'cargo',
    label: 'Cargo',
    purpose: 'components in Rust',
    command: ['cargo', '--version'],
    hint: 'Install Rust from https://rustup.rs',
  },
  {
    id: 'cargo-component',
    label: 'cargo component',
    purpose: 'components in Rust from WIT',
    command: ['cargo', 'component', '--version'],
    hint: 'cargo install cargo-component --locked',
  },
  {
    id: 'tinygo',
    label: 'TinyGo',
    purpose: 'components in Go',
    command: ['tinygo', 'version'],
    hint: 'Install from https://tinygo.org/getting-started',
  },
  {
    id: 'componentize-py',
    label: 'componentize-py',
    purpose: 'components in Python',
    command: ['componentize-py', '--version'],
    hint: 'pip install componentize-py',
  },
  {
    id: 'wasm-tools',
    label: 'wasm-tools',
    purpose: 'a second opinion on files',
    command: ['wasm-tools', '--version'],
    hint: 'cargo install wasm-tools --locked',
  },
]

const firstLine = (text: string): string => text.split('\n')[0]?.trim() ?? ''

/** Looks at all of them at once; each has ten seconds to answer. */
export async function checkToolchains(): Promise<Toolchain[]> {
  const quickjs = async (): Promise<Toolchain> => ({
    id: 'quickjs',
    label: 'JavaScript and TypeScript',
    purpose: 'handlers in JavaScript, with QuickJS inside',
    version: versionOfPackage('componentize-qjs'),
    problem: await checkQuickJs(),
  })
  const clang = async (): Promise<Toolchain> => {
    const found = await findClang()
    return {
      id: 'clang',
      label: 'clang and wasm-ld',
      purpose: 'components in C',
      version: found?.version,
      problem: found ? undefined : clangMissing,
    }
  }
  const rustTarget = async (): Promise<Toolchain> => {
    const { code, stdout } = await runCommand('rustup', ['target', 'list', '--installed'], { timeout: 10_000 })
    const found = code === 0 ? stdout.split('\n').find((line) => /^wasm32-wasi(p2|p1)?$/.test(line.trim())) : undefined
    return {
      id: 'rust-wasi',
      label: 'Rust target wasm32-wasip2',
      purpose: 'components in Rust without further tools',
      version: found?.trim(),
      problem: found
        ? undefined
        : {
            code: 'toolchain.rust-wasi',
            message: 'The Rust target wasm32-wasip2 is not installed',
            hint: 'rustup target add wasm32-wasip2',
          },
    }
  }
  const others = known.map(async ({ command: [program, ...rest], hint, ...about }): Promise<Toolchain> => {
    const { code, stdout } = await runCommand(program, rest, { timeout: 10_000 })
    return code === 0
      ? { ...about, version: firstLine(stdout) }
      : { ...about, problem: { code: `toolchain.${about.id}`, message: `${about.label} was not found`, hint } }
  })
  return Promise.all([quickjs(), clang(), ...others.slice(0, 1), rustTarget(), ...others.slice(1)])
}

export type { Clang }
