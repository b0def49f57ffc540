/** Sources → components of a project: templates, builds in a process of their own, the cache in front of them. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { PatchbayError, problemOf, type Problem } from '../../src-engine/error.ts'
import type { BuildEvent, Template } from '../../src-preload/contract.ts'
import { writeWhole } from '../project/files.ts'
import type { Tools } from '../tools/tools.ts'
import { startBuildHost, type BuildHost } from './build-host.ts'
import { adapterFolder } from './bundle.ts'
import { findClang, type Clang } from './c-compiler.ts'
import { createBuildCache, hashSources, sha256 } from './cache.ts'
import { failed, succeeded, type Outcome } from './outcome.ts'
import { readRecipe } from './recipe.ts'
import { createSource, listTemplates, type CreatedSource, type TemplateManifest } from './templates.ts'
import { bundledVersions, checkQuickJs, clangMissing } from './toolchains.ts'

export interface BuilderOptions {
  readonly tools: Tools
  /** Folder for built components by content; made when it is needed. */
  readonly cacheFolder: string
  /** The course of every build. */
  readonly emit?: (event: BuildEvent) => void
}

export interface BuildOptions {
  /** Id under which events are told and {@link Builder.cancel} finds the build; the folder's name by default. */
  readonly component?: string
  /** File to write; without it nothing is written and the bytes are in the result only. */
  readonly output?: string
  readonly signal?: AbortSignal
  /** Milliseconds; two minutes by default. */
  readonly timeout?: number
}

export interface BuildResult {
  /** Id of this run, as in the events. */
  readonly build: string
  readonly state: 'succeeded' | 'failed' | 'cancelled'
  /** Empty unless it failed. */
  readonly problems: readonly Problem[]
  readonly component?: { readonly bytes: Uint8Array; readonly hash: string; readonly cached: boolean }
  /** Milliseconds. */
  readonly duration: number
}

export interface Builder {
  templates(): Promise<Template[]>
  /** Writes `src/<name>` into the project folder. Throws `usage.name`, `usage.template`, `toolchain.*`. */
  create(projectFolder: string, name: string, template: string): Promise<CreatedSource>
  /** Builds a source folder. Does not throw: what is wrong is in the result and in the events. */
  build(sourceFolder: string, options?: BuildOptions): Promise<BuildResult>
  /** Ends the build of this component, if one is running; true when there was one. */
  cancel(component: string): boolean
  /** Ends everything that is running. */
  dispose(): Promise<void>
}

/** Part of the cache's key: raise it when the same sources should be built anew. */
const generation = 1
const defaultTimeout = 120_000

export function createBuilder({ tools, cacheFolder, emit = () => {} }: BuilderOptions): Builder {
  const cache = createBuildCache(join(cacheFolder, 'builds'))
  const running = new Map<string, AbortController>()
  /** A process that has built before and waits for more: the next build starts without loading the compiler again. */
  let idle: BuildHost | undefined
  let clang: Promise<Clang | undefined> | undefined
  let quickJs: Promise<Problem | undefined> | undefined

  const problemWith = async (toolchain: TemplateManifest['toolchain']): Promise<Problem | undefined> => {
    if (toolchain === 'clang') return (await (clang ??= findClang())) ? undefined : clangMissing
    if (toolchain === 'quickjs') return (quickJs ??= checkQuickJs())
    return undefined
  }

  async function keyOf(folder: string, compiler: Clang | undefined): Promise<string> {
    const adapters = await Promise.all(
      (await readdir(adapterFolder))
        .sort()
        .map(async (name) => [name, sha256(await readFile(join(adapterFolder, name)))]),
    )
    const parts = {
      generation,
      sources: await hashSources(folder),
      versions: bundledVersions(),
      adapters,
      clang: compiler?.version,
    }
    return sha256(JSON.stringify(parts))
  }

  async function make(
    folder: string,
    compiler: Clang | undefined,
    signal: AbortSignal,
    timeout: number,
    tell: (event: BuildEvent['event']) => void,
  ): Promise<Outcome<{ bytes: Uint8Array; inputs: readonly string[] }>> {
    const work = await mkdtemp(join(tmpdir(), 'patchbay-build-'))
    try {
      const host = idle?.alive ? idle : await startBuildHost()
      idle = undefined
      host.wake()
      const output = join(work, 'component.wasm')
      const answer = await new Promise<Outcome<readonly string[]>>((settle) => {
        const timer = setTimeout(() => {
          host.kill()
          settle(
            failed({
              code: 'build.timeout',
              message: `The build took longer than ${timeout / 1000} s and was ended`,
              hint: 'Code outside of functions runs during the build: look for a loop there',
            }),
          )
        }, timeout)
        const abort = (): void => {
          host.kill()
          settle(cancelledOutcome)
        }
        const finish = (outcome: Outcome<readonly string[]>): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', abort)
          settle(outcome)
        }
        host.onExit = (why) =>
          finish(
            failed({
              code: 'build.crashed',
              message: `The build process broke down: ${why}`,
              hint: 'Build again; the log may say more',
            }),
          )
        host.onReply = (reply) => {
          if (reply.kind === 'built') finish(succeeded(reply.inputs))
          else if (reply.kind === 'failed') finish(failed(...reply.problems))
          else tell(reply)
        }
        if (signal.aborted) return abort()
        signal.addEventListener('abort', abort)
        host.send({ kind: 'build', folder, work, output, clang: compiler })
      })
      host.onReply = undefined
      host.onExit = undefined
      if (host.alive) {
        if (idle) host.kill()
        else {
          idle = host
          host.rest()
        }
      }
      return answer.ok ? succeeded({ bytes: await readFile(output), inputs: answer.product }) : answer
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }

  async function produce(
    folder: string,
    options: BuildOptions,
    signal: AbortSignal,
    tell: (event: BuildEvent['event']) => void,
  ): Promise<Outcome<{ bytes: Uint8Array; hash: string; cached: boolean }>> {
    const found = await stat(folder).catch(() => undefined)
    if (!found?.isDirectory())
      return failed({ code: 'input.missing', message: `${folder} is not a folder`, where: { file: folder } })
    const recipe = await readRecipe(folder)
    const compiler = recipe.language === 'c' ? await (clang ??= findClang()) : undefined
    const key = await keyOf(folder, compiler)
    const known = await cache.find(key)
    if (known) return succeeded({ bytes: known, hash: sha256(known), cached: true })

    const made = await make(folder, compiler, signal, options.timeout ?? defaultTimeout, tell)
    if (!made.ok) return made
    const verdict = await tools.validate(made.product.bytes)
    if (!verdict.ok)
      return failed({
        ...verdict.problem,
        message: `What was built is not a valid component: ${verdict.problem.message}`,
      })
    if (signal.aborted) return cancelledOutcome
    // The sources may have been written to while they were read: then this is not what they give.
    if ((await keyOf(folder, compiler)) === key) await cache.store(key, made.product.bytes, made.product.inputs)
    return succeeded({ bytes: made.product.bytes, hash: sha256(made.product.bytes), cached: false })
  }

  return {
    async templates() {
      const found = await listTemplates()
      return Promise.all(
        found.map(async ({ id, label, description, language, toolchain }) => ({
          id,
          label,
          description,
          language,
          unavailable: await problemWith(toolchain),
        })),
      )
    },

    async create(projectFolder, name, template) {
      const found = (await listTemplates()).find(({ id }) => id === template)
      return createSource(projectFolder, name, template, found ? await problemWith(found.toolchain) : undefined)
    },

    async build(sourceFolder, options = {}) {
      const folder = resolve(sourceFolder)
      const component = options.component ?? basename(folder)
      const build = randomUUID()
      const started = performance.now()
      const tell = (event: BuildEvent['event']): void => emit({ component, build, event })
      const controller = new AbortController()
      const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal
      if (running.has(component)) {
        const problem: Problem = {
          code: 'build.running',
          message: `${component} is being built already`,
          hint: 'Wait for it or cancel it',
        }
        return { build, state: 'failed', problems: [problem], duration: 0 }
      }
      running.set(component, controller)
      tell({ kind: 'started' })
      try {
        const outcome = await produce(folder, options, signal, tell)
        if (outcome.ok && options.output !== undefined && !signal.aborted)
          await writeWhole(options.output, outcome.product.bytes)
        const duration = performance.now() - started
        if (signal.aborted || outcome === cancelledOutcome) {
          tell({ kind: 'cancelled' })
          return { build, state: 'cancelled', problems: [], duration }
        }
        if (!outcome.ok) {
          tell({ kind: 'failed', problems: [...outcome.problems] })
          return { build, state: 'failed', problems: outcome.problems, duration }
        }
        const { bytes, hash, cached } = outcome.product
        tell({ kind: 'succeeded', hash, size: bytes.length, cached, duration })
        return { build, state: 'succeeded', problems: [], component: { bytes, hash, cached }, duration }
      } catch (thrown) {
        const problems = [
          thrown instanceof PatchbayError ? thrown.problem : { ...problemOf(thrown), code: 'build.failed' as const },
        ]
        tell({ kind: 'failed', problems })
        return { build, state: 'failed', problems, duration: performance.now() - started }
      } finally {
        running.delete(component)
      }
    },

    cancel(component) {
      const controller = running.get(component)
      controller?.abort()
      return controller !== undefined
    },

    async dispose() {
      for (const controller of running.values()) controller.abort()
      idle?.kill()
      idle = undefined
    },
  }
}

const cancelledOutcome = failed({ code: 'build.cancelled', message: 'The build was cancelled' })
