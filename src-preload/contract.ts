/**
 * Every call and event between the window and the workbench, declared once with its schema.
 * Electron IPC (`src-main/shell`), the WebSocket of the browser mode (`src-main/serve.ts`) and the client
 * (`src-renderer/state/client.ts`) all walk this file; a host that lacks a handler does not compile.
 */
import { z } from 'zod'
import { problem } from './problem.ts'
import {
  commandEvent,
  handlerTraffic,
  header,
  logLine,
  probeReport,
  projectRun,
  requestRecord,
  runSettings,
  runStatus,
  runSurvey,
} from './running.ts'

export * from './problem.ts'
export * from './running.ts'

// ---------------------------------------------------------------------------------------------------------------------
// Shared shapes

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes')
/** Lower-case hexadecimal SHA-256. */
const hash = z.string().regex(/^[0-9a-f]{64}$/)

// --- the composition graph (see src-engine/compose/graph.ts for the meaning)
export const graphSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('instance'), instance: z.string(), path: z.array(z.string()) }),
  z.object({ kind: z.literal('import'), import: z.string(), path: z.array(z.string()) }),
])
export const compositionGraph = z.object({
  name: z.string().optional(),
  packages: z.record(
    z.string(),
    z.object({ name: z.string(), version: z.string().optional(), hash, link: z.enum(['embed', 'import']).optional() }),
  ),
  instances: z.record(z.string(), z.object({ package: z.string() })),
  arguments: z.record(z.string(), z.object({ instance: z.string(), name: z.string(), source: graphSource })),
  imports: z.record(
    z.string(),
    z.object({
      typeOf: z.object({ instance: z.string(), name: z.string() }).optional(),
      declared: z.object({ wit: z.string(), name: z.string() }).optional(),
    }),
  ),
  exports: z.record(z.string(), z.object({ source: graphSource })),
  types: z.record(z.string(), z.object({ wit: z.string(), name: z.string() })).optional(),
})

// --- the project
/** What `patchbay.json` holds. Positions and the like are view data kept beside the graph. */
export const projectDocument = z.object({
  $schema: z.string().optional(),
  version: z.literal(1),
  name: z.string(),
  /** Components of the project; the key is the PackageId of the graph. `path` is relative to the project folder, `/` as separator. */
  components: z.record(
    z.string(),
    z.object({
      path: z.string(),
      /** Folder with the sources it is built from, relative. */ source: z.string().optional(),
    }),
  ),
  graph: compositionGraph,
  view: z.object({
    positions: z.record(z.string(), z.object({ x: z.number(), y: z.number() })),
    viewport: z.object({ x: z.number(), y: z.number(), zoom: z.number() }).optional(),
    /** Frames around nodes, by `$group-N`; members are instances and notes. Instance ids never begin with `$`. */
    groups: z
      .record(
        z.string().regex(/^\$group-\d+$/),
        z.object({
          name: z.string(),
          x: z.number(),
          y: z.number(),
          width: z.number().positive(),
          height: z.number().positive(),
          /** One of the colours of cables; absent: none. */
          colour: z.number().int().min(0).max(11).optional(),
          members: z.array(z.string()),
        }),
      )
      .optional(),
    /** Text on the canvas, by `$note-N`. */
    notes: z
      .record(
        z.string().regex(/^\$note-\d+$/),
        z.object({
          text: z.string(),
          x: z.number(),
          y: z.number(),
          width: z.number().positive(),
          height: z.number().positive(),
        }),
      )
      .optional(),
  }),
  run: runSettings.optional(),
  /** The world that the composition is meant for. */
  target: z
    .object({
      /**
       * `builtin:NAME`, `component:ID` of the library, the path of a `.wit` file or folder, relative with `/` or absolute, or
       * `script`: the script says it.
       */
      place: z.string(),
      /** `namespace:package/world@version`; absent for the only one there is. */
      world: z.string().optional(),
      /** Versions must be equal; else 0.2.0 goes with 0.2.12. */
      exact: z.boolean().optional(),
    })
    .optional(),
  /** The `.wac` text as it was written last, with its comments; the graph has the last word. */
  script: z.string().optional(),
})
export type ProjectDocument = z.infer<typeof projectDocument>

/** What can be said of a file without running it; also the body of `patchbay inspect --json`. */
export const componentSummary = z.object({
  kind: z.enum(['component', 'module', 'wit', 'unknown']),
  size: z.number(),
  world: z.object({
    imports: z.array(z.object({ name: z.string(), kind: z.string() }).loose()),
    exports: z.array(z.object({ name: z.string(), kind: z.string() }).loose()),
  }),
  producers: z.record(z.string(), z.record(z.string(), z.string())),
  runnable: z.object({ http: z.enum(['0.2', '0.3']).nullable(), command: z.boolean() }),
})
export type ComponentSummary = z.infer<typeof componentSummary>

/** One entry of the library on the left. */
export const libraryItem = z.object({
  /** PackageId in the project, or `sample:<name>` for one that ships with Patchbay. */
  id: z.string(),
  name: z.string(),
  origin: z.enum(['project', 'sample', 'folder']),
  /** Absolute path of the file. */
  path: z.string(),
  /** Folder with its sources, absolute, when Patchbay can build it. */
  source: z.string().optional(),
  description: z.string().optional(),
  /** `source` = not built yet; `missing`, `broken` come with a problem. */
  status: z.enum(['ready', 'source', 'missing', 'broken']),
  problem: problem.optional(),
  hash: hash.optional(),
  summary: componentSummary.optional(),
})
export type LibraryItem = z.infer<typeof libraryItem>

export const projectState = z.object({
  /** Absolute path of the project folder. */
  folder: z.string(),
  document: projectDocument,
  library: z.array(libraryItem),
  /** Set when the file is of a newer version or cannot be written: shown, never saved over. */
  readOnly: problem.optional(),
  /** Unsaved work of a session that ended badly was restored. */
  recovered: z.boolean(),
  /** Unsaved changes. */
  dirty: z.boolean(),
})
export type ProjectState = z.infer<typeof projectState>

// --- commands

/** A run of a command component: what a shell would give it. */
export const commandRun = z.object({
  /** The component by its hash, or what is on the canvas. */
  source: z.union([z.object({ hash }), z.object({ graph: compositionGraph })]),
  /** What it is called; its first argument. */
  name: z.string(),
  arguments: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
  /** Guest path → directory, relative to the project folder or absolute. */
  directories: z.record(z.string(), z.string()),
  /** `*`, `host`, `*.domain`, each with an optional `:port`. */
  allowHosts: z.array(z.string()),
  /** What its sockets may reach: as above, or `listen:PORT`. */
  allowNet: z.array(z.string()),
  stdin: z.string(),
})
export type CommandRun = z.infer<typeof commandRun>

// --- composing
export const composed = z.object({
  hash,
  size: z.number(),
  /** The WIT of the composed world. */
  wit: z.string(),
  /** Exports that were added because another export needs their types. */
  companions: z.array(z.string()),
  /** Imports left for the host. */
  imports: z.array(z.string()),
  /** The independent validator's verdict. */
  validation: z.union([z.object({ ok: z.literal(true) }), z.object({ ok: z.literal(false), problem })]),
})
export type Composed = z.infer<typeof composed>

// --- size and strip
export interface SizeNode {
  readonly name: string
  readonly kind: string
  readonly offset: number
  readonly size: number
  readonly children?: readonly SizeNode[] | undefined
}
export const sizeNode: z.ZodType<SizeNode> = z.object({
  name: z.string(),
  kind: z.string(),
  offset: z.number(),
  size: z.number(),
  get children(): z.ZodOptional<z.ZodArray<typeof sizeNode>> {
    return z.array(sizeNode).optional()
  },
})
export const stripReport = z.object({
  before: z.number(),
  after: z.number(),
  removed: z.array(z.object({ name: z.string(), where: z.string(), size: z.number() })),
  kept: z.array(z.object({ name: z.string(), where: z.string(), size: z.number() })),
})
export type StripReport = z.infer<typeof stripReport>

// --- the playground
export const outgoingRequest = z.object({
  id: z.string(),
  method: z.string(),
  url: z.string(),
  headers: z.array(header),
  body: bytes.optional(),
  timeout: z.number().positive().optional(),
})
export type OutgoingRequest = z.infer<typeof outgoingRequest>
export const incomingResponse = z.object({
  status: z.number(),
  statusText: z.string(),
  headers: z.array(header),
  /** At most 16 MB; `truncated` tells when more came. */
  body: bytes,
  truncated: z.boolean(),
  /** Milliseconds: until the headers, until the last byte. */
  timeToHeaders: z.number(),
  duration: z.number(),
  headerBytes: z.number(),
  bodyBytes: z.number(),
  /** The runtime's id of this request, to find its record and log. */
  requestId: z.string().optional(),
  /** Why it is not whole: it broke off, took too long or was cancelled. What came before that is here. */
  problem: problem.optional(),
})
export type IncomingResponse = z.infer<typeof incomingResponse>

// --- building
export const template = z.object({
  id: z.string(),
  label: z.string(),
  description: z.string(),
  language: z.string(),
  /** What is missing to build it here. */ unavailable: problem.optional(),
})
export type Template = z.infer<typeof template>

/** What a file is wanted for; decides which ones a dialog offers. */
export const fileKind = z.enum(['component', 'wit'])
export type FileKind = z.infer<typeof fileKind>
export const sourceFile = z.object({
  /** Relative to the component's source folder, `/` as separator. */ path: z.string(),
  size: z.number(),
})
export const buildEvent = z.object({
  /** PackageId of the component. */
  component: z.string(),
  build: z.string(),
  event: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('started') }),
    z.object({ kind: z.literal('log'), stream: z.enum(['stdout', 'stderr', 'info']), text: z.string() }),
    z.object({ kind: z.literal('progress'), step: z.string(), done: z.number(), total: z.number() }),
    z.object({
      kind: z.literal('succeeded'),
      hash,
      size: z.number(),
      cached: z.boolean(),
      /** Milliseconds. */ duration: z.number(),
    }),
    z.object({ kind: z.literal('failed'), problems: z.array(problem) }),
    z.object({ kind: z.literal('cancelled') }),
  ]),
})
export type BuildEvent = z.infer<typeof buildEvent>

// --- the window
export interface MenuItem {
  readonly label: string
  readonly command?: string | undefined
  readonly keys?: string | undefined
  readonly enabled?: boolean | undefined
  readonly checked?: boolean | undefined
  readonly separator?: boolean | undefined
  readonly items?: readonly MenuItem[] | undefined
}
export const menuItem: z.ZodType<MenuItem> = z.object({
  label: z.string(),
  command: z.string().optional(),
  keys: z.string().optional(),
  enabled: z.boolean().optional(),
  checked: z.boolean().optional(),
  separator: z.boolean().optional(),
  get items(): z.ZodOptional<z.ZodArray<typeof menuItem>> {
    return z.array(menuItem).optional()
  },
})
export const settings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  welcomeDone: z.boolean(),
  panels: z.record(z.string(), z.number()),
  /** Nodes that are dragged come to rest on the grid; absent: no. */
  snapToGrid: z.boolean().optional(),
  /** Nodes that are dragged come to rest in line with others; absent: yes. */
  snapToNodes: z.boolean().optional(),
})
export type Settings = z.infer<typeof settings>

// ---------------------------------------------------------------------------------------------------------------------
// Calls: window → workbench. A handler answers with `output` or throws a PatchbayError.

const none = z.object({})
function call<Input extends z.ZodType, Output extends z.ZodType>(
  input: Input,
  output: Output,
): { input: Input; output: Output } {
  return { input, output }
}

export const calls = {
  'workbench.describe': call(
    none,
    z.object({
      version: z.string(),
      host: z.enum(['electron', 'browser']),
      platform: z.string(),
      versions: z.record(z.string(), z.string()),
      samples: z.string(),
      home: z.string(),
    }),
  ),

  /**
   * The open project; opens the sample project (a copy in the user's folder) on the very first start. `notices` says, to
   * the first who asks, what could not be opened as wanted.
   */
  'project.current': call(none, projectState.extend({ notices: z.array(problem) })),
  'project.open': call(z.object({ path: z.string() }), projectState),
  'project.create': call(z.object({ path: z.string(), name: z.string() }), projectState),
  'project.openSample': call(none, projectState),
  /**
   * Every edit of the window; kept in a journal until saved. `folder` says of which project: one that is no longer open is
   * refused, so that late edits never end up in another one.
   */
  'project.update': call(z.object({ document: projectDocument, folder: z.string().optional() }), none),
  'project.save': call(
    z.object({ document: projectDocument, folder: z.string().optional() }),
    z.object({ path: z.string() }),
  ),
  'project.saveAs': call(z.object({ document: projectDocument, folder: z.string() }), projectState),
  /** The run settings as the project file says them at this moment. */
  'project.run': call(none, projectRun),
  'project.recent': call(none, z.object({ folders: z.array(z.object({ path: z.string(), name: z.string() })) })),

  /** Copies files into the project's `components/` and returns their items; a file that is no component gets `problem`. */
  'components.add': call(z.object({ paths: z.array(z.string()) }), z.object({ items: z.array(libraryItem) })),
  /** The same for bytes dropped into a browser. */
  'components.addBytes': call(z.object({ name: z.string(), bytes }), z.object({ item: libraryItem })),
  /** Copies a sample into the project. */
  'components.addSample': call(z.object({ id: z.string() }), z.object({ item: libraryItem })),
  'components.remove': call(z.object({ id: z.string() }), none),
  'components.rename': call(z.object({ id: z.string(), name: z.string() }), z.object({ item: libraryItem })),
  /** The bytes without code and data: decodes to the same types, a few kilobytes instead of megabytes. */
  'components.skeleton': call(z.object({ hash }), z.object({ bytes })),
  'components.bytes': call(z.object({ hash }), z.object({ bytes })),
  'components.wit': call(z.object({ hash }), z.object({ wit: z.string() })),
  'components.size': call(z.object({ hash }), z.object({ root: sizeNode })),
  'components.strip': call(
    z.object({ id: z.string(), all: z.boolean() }),
    z.object({ report: stripReport, item: libraryItem }),
  ),
  /** What strip would do, without doing it; `original` is the size in bytes of what it was before an earlier strip. */
  'components.stripPreview': call(
    z.object({ hash, all: z.boolean() }),
    z.object({ report: stripReport, original: z.number().optional() }),
  ),
  /** Puts back what a stripped file was before. */
  'components.unstrip': call(z.object({ id: z.string() }), z.object({ item: libraryItem })),

  'composition.build': call(z.object({ graph: compositionGraph }), composed),
  'composition.save': call(
    z.object({ graph: compositionGraph, path: z.string() }),
    z.object({ path: z.string(), size: z.number() }),
  ),
  'composition.toLibrary': call(
    z.object({ graph: compositionGraph, name: z.string() }),
    z.object({ item: libraryItem }),
  ),
  /** Takes a composed component apart and enters what is inside into the project; packages of the graph are ids of items. */
  'composition.takeApart': call(
    z.object({ hash }),
    z.object({ graph: compositionGraph, items: z.array(libraryItem), problems: z.array(problem) }),
  ),

  /** Composes the graph, starts it with what the settings serve beside it, and answers when it accepts requests. */
  'runtime.start': call(z.object({ graph: compositionGraph, settings: runSettings.optional() }), runStatus),
  /** What settings would find: the handlers by name, tenants, whether secrets have a value (never which) and folders are there. */
  'runtime.survey': call(z.object({ graph: compositionGraph, settings: runSettings }), runSurvey),
  /**
   * Sends one request several times under each isolation, beside what is being served, and tells what they share. `handler`:
   * a component or tenant's handler that the settings serve, by its full name; the composition when left out.
   */
  'runtime.probe': call(
    z.object({
      graph: compositionGraph,
      settings: runSettings.optional(),
      handler: z.string().optional(),
      method: z.string(),
      path: z.string(),
    }),
    probeReport,
  ),
  /** Waits for requests under way, unless it is to be `now`; said again while it waits, that ends them too. */
  'runtime.stop': call(z.object({ now: z.boolean().optional() }), runStatus),
  'runtime.status': call(none, runStatus),
  'runtime.traffic': call(none, z.object({ handlers: z.array(handlerTraffic) })),
  'runtime.resetBreaker': call(z.object({ handler: z.string() }), runStatus),
  /** Everything recorded so far as a file: an HTTP archive, or traces for OpenTelemetry. Headers that carry credentials are left out. */
  'runtime.export': call(z.object({ format: z.enum(['har', 'otel']) }), z.object({ name: z.string(), bytes })),
  'runtime.history': call(none, z.object({ records: z.array(requestRecord), lines: z.array(logLine) })),

  /** Runs a component that exports wasi:cli/run; answers as soon as it is on its way. What it does comes as `command.event`. */
  'command.start': call(commandRun, z.object({ run: z.string() })),
  'command.stop': call(z.object({ run: z.string() }), none),

  'requests.send': call(outgoingRequest, incomingResponse),
  'requests.cancel': call(z.object({ id: z.string() }), none),

  'build.templates': call(none, z.object({ templates: z.array(template) })),
  'build.create': call(
    z.object({ name: z.string(), template: z.string() }),
    z.object({ item: libraryItem, open: z.string() }),
  ),
  'build.files': call(z.object({ component: z.string() }), z.object({ files: z.array(sourceFile) })),
  'build.read': call(z.object({ component: z.string(), path: z.string() }), z.object({ text: z.string() })),
  'build.write': call(z.object({ component: z.string(), path: z.string(), text: z.string() }), none),
  /** Answers when the build ended; its course comes as `build.event`. */
  'build.start': call(
    z.object({ component: z.string() }),
    z.object({ build: z.string(), item: libraryItem.optional(), problems: z.array(problem) }),
  ),
  'build.cancel': call(z.object({ component: z.string() }), none),

  /** Native dialogs; `paths` is empty when cancelled. A browser host answers `available: false` and the window asks in its own way. */
  'dialogs.openFiles': call(
    z.object({ title: z.string(), kind: fileKind }),
    z.object({ available: z.boolean(), paths: z.array(z.string()) }),
  ),
  'dialogs.openFolder': call(
    z.object({ title: z.string() }),
    z.object({ available: z.boolean(), paths: z.array(z.string()) }),
  ),
  'dialogs.saveFile': call(
    z.object({ title: z.string(), name: z.string() }),
    z.object({ available: z.boolean(), paths: z.array(z.string()) }),
  ),
  /** Folders and files of a kind in a folder, for the picker of the browser mode; only folders without a kind. */
  'files.list': call(
    z.object({ path: z.string(), kind: fileKind.optional() }),
    z.object({
      path: z.string(),
      parent: z.string().optional(),
      entries: z.array(z.object({ name: z.string(), folder: z.boolean(), project: z.boolean() })),
    }),
  ),

  /** Writes a file where the person said in a save dialog; one that is there is replaced. */
  'files.save': call(z.object({ path: z.string(), bytes }), z.object({ path: z.string() })),

  /** Where worlds can be taken from: WIT in the project's folder, and what Patchbay brings. */
  'wit.places': call(
    none,
    z.object({
      places: z.array(
        z.object({
          /** `builtin:NAME`, or a path relative to the project folder with `/`. */
          id: z.string(),
          label: z.string(),
          origin: z.enum(['project', 'builtin']),
          /** `namespace:package/world@version`. */
          worlds: z.array(z.string()),
          /** Why it cannot be read. */
          problem: problem.optional(),
        }),
      ),
    }),
  ),
  /**
   * The texts of a place, or of any `.wit` file or folder by its path: one list of files for each package, dependencies
   * first. `main` is the package that was named; -1 where all are on a par.
   */
  'wit.read': call(
    z.object({ place: z.string() }),
    z.object({
      folders: z.array(z.array(z.object({ path: z.string(), text: z.string() }))),
      main: z.number().int(),
    }),
  ),

  'settings.read': call(none, settings),
  'settings.write': call(settings.partial(), settings),
  'window.setMenu': call(z.object({ menu: z.array(menuItem) }), none),
  'window.setTitle': call(z.object({ title: z.string(), edited: z.boolean() }), none),
  /** Opens a loopback http URL in the user's browser; anything else is refused. */
  'window.openExternal': call(z.object({ url: z.string() }), none),
} as const

/** Events: workbench → window. */
export const events = {
  /** Somebody changed the run settings in the project file. */
  'project.run': projectRun,
  'command.event': commandEvent,
  /** The library changed (added, built, file changed or vanished on disk). */
  'project.library': z.object({ library: z.array(libraryItem) }),
  /** The project was replaced as a whole (opened from the menu or a second instance). */
  'project.opened': projectState,
  'runtime.status': runStatus,
  'runtime.records': z.object({ records: z.array(requestRecord) }),
  'runtime.lines': z.object({ lines: z.array(logLine) }),
  /** A response that is still coming: `body` is what was added since the last of these. The reply to the call has all of it. */
  'requests.part': z.object({ id: z.string(), response: incomingResponse }),
  'build.event': buildEvent,
  /** A native menu item or shortcut was chosen. */
  'window.command': z.object({ command: z.string() }),
  /** Something failed with no call to answer. */
  'workbench.problem': problem,
} as const

export type CallName = keyof typeof calls
export type EventName = keyof typeof events
export type CallInput<Name extends CallName> = z.infer<(typeof calls)[Name]['input']>
export type CallOutput<Name extends CallName> = z.infer<(typeof calls)[Name]['output']>
export type EventPayload<Name extends EventName> = z.infer<(typeof events)[Name]>

/** What a host implements: every call, or it does not compile. */
export type Handlers = { readonly [Name in CallName]: (input: CallInput<Name>) => Promise<CallOutput<Name>> }
/** How the workbench speaks first. */
export type Emit = <Name extends EventName>(name: Name, payload: EventPayload<Name>) => void

/** What the preload puts on `window.workbench`, and what the WebSocket client builds in a browser. */
export interface Bridge {
  /** Never rejects for a failed call: the problem is in the reply. */
  invoke(name: CallName, input: unknown): Promise<Reply>
  /** Returns the function that ends the subscription. */
  subscribe(name: EventName, listener: (payload: unknown) => void): () => void
  /** Absolute path of a file dropped from the file manager; undefined in a browser. */
  pathOf(file: File): string | undefined
}

/** {@link calls} with the tie between a name and its types kept, for code that is generic over the name. */
export const callSchemas: {
  readonly [Name in CallName]: {
    readonly input: z.ZodType<CallInput<Name>>
    readonly output: z.ZodType<CallOutput<Name>>
  }
} = calls
export const eventSchemas: { readonly [Name in EventName]: z.ZodType<EventPayload<Name>> } = events

export function isCallName(name: unknown): name is CallName {
  return typeof name === 'string' && Object.hasOwn(calls, name)
}

export function isEventName(name: unknown): name is EventName {
  return typeof name === 'string' && Object.hasOwn(events, name)
}

// ---------------------------------------------------------------------------------------------------------------------
// Frames of the WebSocket (MessagePack, absent values left out). Electron IPC carries the same parts as arguments.

export const reply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), output: z.unknown() }),
  z.object({ ok: z.literal(false), problem }),
])
export type Reply = z.infer<typeof reply>
/** Window → workbench: one call. */
export const callFrame = z.object({ id: z.number(), call: z.string(), input: z.unknown() })
/** Workbench → window: the answer to a call, or an event. */
export const answerFrame = z.union([
  z.object({ id: z.number(), reply }),
  z.object({ event: z.string(), payload: z.unknown() }),
])
/** Path of the WebSocket on the workbench's own server. */
export const socketPath = '/workbench'
/** Channels of Electron IPC. */
export const callChannel = 'workbench:call'
export const eventChannel = 'workbench:event'
