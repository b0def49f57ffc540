import { join } from 'node:path'
import { problemOf } from '../../src-engine/error.ts'
import type { CallName, Emit, Handlers } from '../../src-preload/contract.ts'
import { createBuilder } from '../build/builder.ts'
import { Contents } from '../project/contents.ts'
import { createRuntime } from '../runtime/runtime.ts'
import { createEngineThread } from '../tools/engine-thread.ts'
import { createTools } from '../tools/tools.ts'
import { buildHandlers } from './build.ts'
import { commandHandlers } from './command.ts'
import { componentHandlers } from './components.ts'
import { Composer } from './composer.ts'
import { compositionHandlers } from './composition.ts'
import { fileHandlers } from './files.ts'
import { ProjectHolder, projectHandlers } from './project.ts'
import { requestHandlers } from './requests.ts'
import { runtimeHandlers } from './runtime.ts'
import { witHandlers } from './wit.ts'
import { patchbayVersion } from '../version.ts'
import { workbenchHandlers } from './workbench.ts'

/** The calls that only the host of the window can answer: native dialogs, menu and title. */
export type HostHandlers = Pick<Handlers, Extract<CallName, `dialogs.${string}` | `window.${string}`>>

export interface ServicesOptions {
  readonly host: HostHandlers
  readonly emit: Emit
  /** Settings, journals, recent projects, caches. */
  readonly userFolder: string
  /** What to open first; default: the last project, on the very first start the sample project. */
  readonly projectPath?: string
  /** Which kind of window asks. */
  readonly kind?: 'electron' | 'browser'
}

export interface Services {
  readonly handlers: Handlers
  /** Ends guests, builds and workers. */
  dispose(): Promise<void>
}

/** Everything the window can ask for, wired: engine, tools, project, build, runtime. One set serves one workbench. */
export async function createServices({
  host,
  emit,
  userFolder,
  projectPath,
  kind,
}: ServicesOptions): Promise<Services> {
  const cacheFolder = join(userFolder, 'cache')
  const tools = createTools()
  const contents = new Contents()
  const engine = createEngineThread()
  const composer = new Composer(contents, tools, engine)
  const runtime = createRuntime({
    tools,
    version: patchbayVersion,
    cacheFolder,
    onStatus: (status) => emit('runtime.status', status),
    onRecords: (records) => emit('runtime.records', { records }),
    onLines: (lines) => emit('runtime.lines', { lines }),
  })
  const builder = createBuilder({ tools, cacheFolder, emit: (event) => emit('build.event', event) })
  const projects = new ProjectHolder({
    userFolder,
    contents,
    ...(projectPath === undefined ? {} : { first: projectPath }),
    listener: {
      library: (library) => emit('project.library', { library }),
      problem: (problem) => emit('workbench.problem', problem),
      run: (run) => emit('project.run', run),
    },
  })
  // When the window has settled, so that the first Run waits neither for a process to start nor for the validator to load.
  setTimeout(() => {
    runtime.warm()
    tools.warm()
  }, 3000).unref()
  const requests = requestHandlers((id, response) => emit('requests.part', { id, response }))
  const runs = runtimeHandlers({
    tools,
    cacheFolder,
    composer,
    runtime,
    contents,
    projects,
    onProblem: (problem) => emit('workbench.problem', problem),
  })
  const commands = commandHandlers({ tools, cacheFolder, contents, composer, projects, emit })
  const handlers: Handlers = {
    ...workbenchHandlers({
      kind: kind ?? (process.versions.electron === undefined ? 'browser' : 'electron'),
      userFolder,
    }),
    ...projectHandlers(projects),
    ...componentHandlers({ projects, contents, engine }),
    ...compositionHandlers({ composer, contents, projects }),
    ...runs.handlers,
    ...requests.handlers,
    ...commands.handlers,
    ...buildHandlers({ builder, projects }),
    ...fileHandlers(projects),
    ...witHandlers(projects),
    ...host,
  }
  return {
    handlers,
    async dispose() {
      requests.dispose()
      await Promise.all([commands.dispose(), runs.dispose()])
      const ended = await Promise.allSettled([runtime.dispose(), builder.dispose(), projects.close()])
      await Promise.all([tools.dispose(), engine.dispose()])
      for (const each of ended) if (each.status === 'rejected') console.error(problemOf(each.reason).message)
    },
  }
}
