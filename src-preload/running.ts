/** Schemas of what is run: settings, status, records, probes, commands. Part of the contract; import them from there. */
import { z } from 'zod'
import { problem } from './problem.ts'
import { mostReuse } from './run-words.ts'

/** `false`: without limit, also where others have one. */
const rate = z.union([
  z.literal(false),
  z.object({ perSecond: z.number().positive(), burst: z.number().int().positive().optional() }),
])

const reuseWords = `reuse is a whole number from 1 to ${mostReuse}`

/** Limits and grants of a handler; every one has a default, nothing is granted unless listed. */
export const handlerSettings = z.object({
  isolation: z.enum(['request', 'pool', 'none']).optional(),
  /** Requests one instance serves with `pool` before another takes its place. Default 100. */
  reuse: z.number(reuseWords).int(reuseWords).min(1, reuseWords).max(mostReuse, reuseWords).optional(),
  /** Wall time of one request, milliseconds. Default 30 000. */
  timeout: z.number().positive().optional(),
  /** Bytes of linear memory of one instance. Default 128 MiB. */
  memory: z.number().positive().optional(),
  /** Bytes of one request body. Default 10 MB. */
  maxBody: z.number().positive().optional(),
  /** Requests at work at once. Default 100. */
  concurrency: z.number().int().positive().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  /** Environment variables whose values come from the workbench's own environment, and are never shown. */
  secrets: z.array(z.string()).optional(),
  /** Granted directories, guest path → host path. */
  directories: z.record(z.string(), z.string()).optional(),
  /** Hosts the handler may call: `*`, `host`, `*.domain`, each with an optional port. */
  allowHosts: z.array(z.string()).optional(),
  /** What its sockets may reach: as above, or `listen:PORT` on this machine. */
  allowNet: z.array(z.string()).optional(),
  /** Failures in a row after which requests are turned away, and for how many milliseconds. Default 5 and 30 000. */
  breaker: z
    .union([
      z.literal(false),
      z.object({ failures: z.number().int().positive().optional(), open: z.number().positive().optional() }),
    ])
    .optional(),
  /** Requests a second, from everybody together; `burst` may come at once. Default without limit. */
  rate: rate.optional(),
  /** The same for each client address. */
  clientRate: rate.optional(),
})
export type HandlerSettings = z.infer<typeof handlerSettings>

/** How to serve: limits and grants for all handlers, exceptions for some, and what else answers on the port. */
export const runSettings = handlerSettings.extend({
  /** 0 = any free port. */
  port: z.number().int().min(0).max(65535).optional(),
  engine: z.enum(['auto', 'direct', 'jco']).optional(),
  /** What differs for single handlers, by name. */
  handlers: z.record(z.string(), handlerSettings).optional(),
  /** Serve the handlers among the components of the project too, each by its own name. Default false. */
  components: z.boolean().optional(),
  /** Folder with a folder of components for each tenant. */
  tenantFolder: z.string().optional(),
  /** What differs for all handlers of a tenant, by its name. */
  tenants: z.record(z.string(), handlerSettings).optional(),
  /** `HOST/PATH` → handler: requests for that host and below that path go to it. Either part may be left out. */
  rules: z.record(z.string(), z.string()).optional(),
  /** Path prefix → directory whose files are served below it. */
  static: z.record(z.string(), z.string()).optional(),
  /** Compress answers for clients that accept it. Default true. */
  compression: z.boolean().optional(),
  /** Answer `/health`, `/metrics` and `/-/…` from here. Default true. */
  ownRoutes: z.boolean().optional(),
})
export type RunSettings = z.infer<typeof runSettings>

/** The `run` of a project file. */
export const projectRun = z.object({
  folder: z.string(),
  run: runSettings.optional(),
  /** What stands there that Patchbay does not know, as `handlers.api.timout`: kept, and of no effect. */
  unknown: z.array(z.string()),
})
export type ProjectRun = z.infer<typeof projectRun>

/** What settings would find. */
export const runSurvey = z.object({
  /** `name`, or `tenant/name`; the composition comes first. */
  handlers: z.array(z.string()),
  /** SHA-256 of the components among them, by handler; the composition has none. */
  hashes: z.record(z.string(), z.string()),
  /** Components that are not served since another has their name: a sentence each. */
  leftOut: z.array(z.string()),
  /** Names of the folders in the folder of tenants. */
  tenants: z.array(z.string()),
  /** `short`: it could not be hidden, so it is refused. */
  secrets: z.array(z.object({ name: z.string(), state: z.enum(['set', 'unset', 'short']) })),
  /** Paths as they stand in the settings. */
  folders: z.array(z.object({ path: z.string(), state: z.enum(['folder', 'file', 'missing']) })),
})
export type RunSurvey = z.infer<typeof runSurvey>

export const header = z.tuple([z.string(), z.string()])
export const runStatus = z.object({
  state: z.enum(['stopped', 'starting', 'running', 'draining', 'failed']),
  /** `http://127.0.0.1:PORT/` when running. */
  url: z.string().optional(),
  handlers: z.array(
    z.object({
      name: z.string(),
      route: z.string(),
      wasi: z.enum(['0.2', '0.3']),
      engine: z.string(),
      state: z.enum(['starting', 'ready', 'failed']),
      /** Absent where it was switched off. */
      breaker: z.enum(['closed', 'open', 'half-open']).optional(),
      problem: problem.optional(),
    }),
  ),
  problem: problem.optional(),
  /** Milliseconds since the epoch. */
  since: z.number().optional(),
})
export type RunStatus = z.infer<typeof runStatus>

/** What went through a handler since it was started. */
export const handlerTraffic = z.object({
  handler: z.string(),
  requests: z.number(),
  /** Answers by class; `none`: the client left before. */
  statuses: z.object({
    none: z.number(),
    ok: z.number(),
    redirected: z.number(),
    refused: z.number(),
    failed: z.number(),
  }),
  /** Milliseconds of a request, on average. */
  duration: z.number(),
  active: z.number(),
  queued: z.number(),
  workers: z.number(),
  /** Bytes of linear memory of the instance that answered last. */
  memory: z.number(),
  breaker: z
    .object({
      state: z.enum(['closed', 'open', 'half-open']),
      failures: z.number(),
      /** Milliseconds. */
      retryAfter: z.number(),
      opened: z.number(),
    })
    .optional(),
})
export type HandlerTraffic = z.infer<typeof handlerTraffic>

/** Something a guest was refused. */
export const denial = z.object({
  grant: z.enum(['allowHosts', 'allowNet']),
  /** What would allow just this; absent where that cannot be told yet. */
  pattern: z.string().optional(),
})
export type Denial = z.infer<typeof denial>

/** One line a guest wrote, or the host wrote about it. */
export const logLine = z.object({
  sequence: z.number(),
  /** Milliseconds since the epoch. */
  time: z.number(),
  handler: z.string(),
  /** The request during which it was written; absent while starting. */
  request: z.string().optional(),
  source: z.enum(['stdout', 'stderr', 'trap', 'host']),
  text: z.string(),
  /** The grant that was missing. */
  denied: denial.optional(),
})
export type LogLine = z.infer<typeof logLine>

/** One request through the runtime, from socket to the last byte. Sent again when it changes. */
export const requestRecord = z.object({
  id: z.string(),
  handler: z.string(),
  method: z.string(),
  /** Path and query as the client sent them. */
  target: z.string(),
  /** Milliseconds since the epoch. */
  time: z.number(),
  state: z.enum(['active', 'done', 'failed']),
  status: z.number().optional(),
  /** Milliseconds. */
  duration: z.number().optional(),
  requestBytes: z.number(),
  responseBytes: z.number(),
  /** Trap, limit, missing response …, also when a status was already sent. */
  problem: problem.optional(),
  /** Of a probe: what of the instance was not as it was made when the request began. */
  found: z.object({ bytes: z.number(), globals: z.number() }).optional(),
  /** Place in a W3C trace: ids as hex digits; `parent` is the caller's span, absent where the trace began here. */
  trace: z.object({ id: z.string(), span: z.string(), parent: z.string().optional() }).optional(),
  /** Name, value, name, … as they came and went. */
  requestHeaders: z.array(z.string()).optional(),
  responseHeaders: z.array(z.string()).optional(),
  /** What happened in time, milliseconds from `time`: queue, instantiate, guest, host calls, body. */
  spans: z.array(
    z.object({
      name: z.string(),
      start: z.number(),
      duration: z.number(),
      detail: z.string().optional(),
      /** Index of the span it happened in; absent = in the request itself. */
      parent: z.number().int().optional(),
      /** Id in the trace, where others were told it. */
      id: z.string().optional(),
    }),
  ),
})
export type RequestRecord = z.infer<typeof requestRecord>

/** What a handler carries from one request to the next under one isolation. */
export const isolationFinding = z.object({
  isolation: z.enum(['request', 'pool', 'none']),
  /** Bytes of memory that were not as the instance was made when the last request came; absent where that cannot be told. */
  bytes: z.number().optional(),
  globals: z.number().optional(),
  /** Two answers to the same request, when they differ. */
  answers: z.array(z.string()).optional(),
})
export type IsolationFinding = z.infer<typeof isolationFinding>

export const probeReport = z.object({
  engine: z.string(),
  /** Method and path. */
  request: z.string(),
  findings: z.array(isolationFinding),
  summary: z.string(),
})
export type ProbeReport = z.infer<typeof probeReport>

export const commandEvent = z.object({
  run: z.string(),
  /** What it wrote since the event before, in order; `host` is what Patchbay has to say. */
  output: z.array(z.object({ source: z.enum(['stdout', 'stderr', 'host']), text: z.string() })),
  /** How it ended; the last event of a run. */
  ended: z
    .object({
      exitCode: z.number().int(),
      /** Milliseconds. */
      duration: z.number(),
      problem: problem.optional(),
      trap: z.string().optional(),
    })
    .optional(),
})
export type CommandEvent = z.infer<typeof commandEvent>
