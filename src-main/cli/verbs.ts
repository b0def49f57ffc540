import type { Verb } from './verb.ts'

/** Every verb, in the order of `--help`; loaded only when it is asked for. */
export const verbs: Readonly<Record<string, () => Promise<Verb>>> = {
  open: async () => (await import('./open.ts')).open,
  serve: async () => (await import('./serve.ts')).serve,
  inspect: async () => (await import('./inspect.ts')).inspect,
  compose: async () => (await import('./compose.ts')).compose,
  plug: async () => (await import('./plug.ts')).plug,
  check: async () => (await import('./check.ts')).check,
  decompose: async () => (await import('./decompose.ts')).decompose,
  draw: async () => (await import('./draw.ts')).draw,
  new: async () => (await import('./new.ts')).create,
  build: async () => (await import('./build.ts')).build,
  doctor: async () => (await import('./doctor.ts')).doctor,
  strip: async () => (await import('./strip.ts')).stripVerb,
  size: async () => (await import('./size.ts')).size,
  run: async () => (await import('./run.ts')).run,
  exec: async () => (await import('./exec.ts')).exec,
  targets: async () => (await import('./targets.ts')).targets,
  wit: async () => (await import('./wit.ts')).wit,
}
