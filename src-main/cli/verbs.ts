import type { Verb } from './verb.ts'

export interface VerbEntry {
  /** One line for `patchbay --help`, which loads no verb. */
  readonly summary: string
  readonly load: () => Promise<Verb>
}

/** Every verb, in the order of `--help`; loaded only when it is asked for. */
export const verbs: Readonly<Record<string, VerbEntry>> = {
  open: {
    summary: 'the workbench in its window, or in the browser where there is none',
    load: async () => (await import('./open.ts')).open,
  },
  serve: {
    summary: 'the workbench in a browser; prints its link',
    load: async () => (await import('./serve.ts')).serve,
  },
  inspect: {
    summary: 'what a file is: world, imports and exports, producers, size',
    load: async () => (await import('./inspect.ts')).inspect,
  },
  compose: {
    summary: 'compose a .wac script or a project into one component',
    load: async () => (await import('./compose.ts')).compose,
  },
  plug: {
    summary: "put plugs into a socket's imports; says for each import why it was or was not plugged",
    load: async () => (await import('./plug.ts')).plug,
  },
  check: {
    summary: "can B's exports satisfy A's imports, or do the wires of a project fit? yes, or the first difference",
    load: async () => (await import('./check.ts')).check,
  },
  wire: {
    summary: 'satisfy every open import of a project from its components; says what stays open and why',
    load: async () => (await import('./wire.ts')).wire,
  },
  decompose: {
    summary: 'the graph inside a composed component',
    load: async () => (await import('./decompose.ts')).decompose,
  },
  draw: {
    summary: 'a composition as a picture: SVG, Mermaid or .wac',
    load: async () => (await import('./draw.ts')).draw,
  },
  new: {
    summary: 'write a small source folder to start from',
    load: async () => (await import('./new.ts')).create,
  },
  build: {
    summary: 'build components from their sources',
    load: async () => (await import('./build.ts')).build,
  },
  doctor: {
    summary: 'which toolchains are here, and what to do about the others',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  strip: {
    summary: 'drop custom sections at every depth; tells before, after and what went',
    load: async () => (await import('./strip.ts')).stripVerb,
  },
  size: {
    summary: 'where the bytes of a component are',
    load: async () => (await import('./size.ts')).size,
  },
  run: {
    summary: 'serve HTTP handlers: /run/<name>/*, and /* when there is one',
    load: async () => (await import('./run.ts')).run,
  },
  exec: {
    summary: 'run a command component (wasi:cli/run)',
    load: async () => (await import('./exec.ts')).exec,
  },
  probe: {
    summary: 'does a handler carry state from one request to the next?',
    load: async () => (await import('./probe.ts')).probe,
  },
  cache: {
    summary: 'what is kept of prepared components and builds; clear it',
    load: async () => (await import('./cache.ts')).cache,
  },
  call: {
    summary: 'call any exported function of a component, values in WAVE',
    load: async () => (await import('./call.ts')).call,
  },
  format: {
    summary: 'lay out .wac scripts; words and comments stay',
    load: async () => (await import('./format.ts')).format,
  },
  targets: {
    summary: 'does a component, or the composition of a project, fit a world? lists everything that keeps it out',
    load: async () => (await import('./targets.ts')).targets,
  },
  wit: {
    summary: 'wit diff OLD NEW: what changed, breaking or safe, item by item',
    load: async () => (await import('./wit.ts')).wit,
  },
}
