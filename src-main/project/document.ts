import { fail, type Problem } from '../../src-engine/error.ts'
import { emptyGraph } from '../../src-engine/compose/graph.ts'
import { projectDocument, type ProjectDocument } from '../../src-preload/contract.ts'
import { findJsonError } from './json-error.ts'

/** Version of the file format that this Patchbay writes. */
export const documentVersion = 1

/** A file as it was read. */
export interface ParsedDocument {
  readonly document: ProjectDocument
  /** The JSON as it stood in the file: keys that we do not know are written back. */
  readonly raw: Readonly<Record<string, unknown>>
  /** Set for a file of a newer version: it can be looked at, not saved over. */
  readonly readOnly?: Problem
}

/** What brings a document of one version to the next; the key is the version it starts from. */
type Migration = (document: Record<string, unknown>) => Record<string, unknown>
const migrations: Readonly<Record<number, Migration>> = {
  // Version 0 had no `version` and no `view`: positions stood at the top.
  0: ({ positions, ...rest }) => ({ ...rest, version: 1, view: { positions: positions ?? {} } }),
}

/** An empty project. */
export function newDocument(name: string): ProjectDocument {
  return {
    version: documentVersion,
    name,
    components: {},
    graph: structuredClone(emptyGraph) as ProjectDocument['graph'],
    view: { positions: {} },
  }
}

/** Reads the text of a `patchbay.json`. Throws `input.project` with line and column, or the path of the wrong value. */
export function parseDocument(text: string, file: string): ParsedDocument {
  let raw = parseJson(text, file)
  const version = raw.version ?? 0
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 0) {
    throw fail('input.project', `the version of the project file is ${JSON.stringify(version)}`, {
      where: { file, path: ['version'] },
      hint: `It must be a number up to ${documentVersion}.`,
    })
  }
  let readOnly: Problem | undefined
  if (version > documentVersion) {
    readOnly = {
      code: 'project.newer-version',
      message: `This project was saved by a newer Patchbay (format ${version}, this one knows up to ${documentVersion}).`,
      where: { file },
      hint: 'It is opened read-only. Update Patchbay, or save a copy elsewhere.',
    }
    raw = { ...raw, version: documentVersion }
  }
  for (let at = version; at < documentVersion; at++) raw = migrations[at]?.(raw) ?? raw
  const parsed = projectDocument.safeParse(raw)
  if (parsed.success) return readOnly ? { document: parsed.data, raw, readOnly } : { document: parsed.data, raw }
  const [issue] = parsed.error.issues
  throw fail('input.project', `the project file is not as it should be: ${issue?.message ?? 'unknown'}`, {
    where: { file, path: issue?.path.map(String) ?? [] },
    hint: readOnly?.message ?? 'Repair it in an editor, or take an earlier version from git.',
  })
}

function parseJson(text: string, file: string): Record<string, unknown> {
  // Some editors begin a file with a mark of the byte order.
  const bare = text.startsWith('\ufeff') ? text.slice(1) : text
  const error = findJsonError(bare)
  if (error) {
    const before = bare.slice(0, error.offset).split('\n')
    throw fail('input.project', `the project file is not JSON: ${error.expected} should stand here`, {
      where: { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
      hint: 'Repair it in an editor, or take an earlier version from git.',
    })
  }
  const value: unknown = JSON.parse(bare)
  if (isObject(value)) return { ...value }
  throw fail('input.project', 'the project file holds no object', {
    where: { file, line: 1, column: 1 },
    hint: 'A project file begins with {.',
  })
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * `now` with the keys of `raw` that we do not know, at every depth. What we know stands in `known`, so a row that was
 * deleted is not brought back.
 */
function withUnknown(raw: unknown, known: unknown, now: unknown): unknown {
  if (!isObject(raw) || !isObject(known) || !isObject(now)) return now
  const merged: [string, unknown][] = Object.entries(now).map(([key, value]) => [
    key,
    Object.hasOwn(known, key) ? withUnknown(raw[key], known[key], value) : value,
  ])
  for (const [key, value] of Object.entries(raw))
    if (!Object.hasOwn(known, key) && !Object.hasOwn(now, key)) merged.push([key, value])
  return Object.fromEntries(merged)
}

/** The text to save: our keys in a fixed order, then those we do not know. Equal documents give equal text. */
export function printDocument(document: ProjectDocument, raw: Readonly<Record<string, unknown>> = {}): string {
  const { $schema, version, name, components, graph, view, run, target, script } = document
  const ordered: ProjectDocument = {
    ...($schema === undefined ? {} : { $schema }),
    version,
    name,
    components: sorted(components),
    graph: {
      ...graph,
      packages: sorted(graph.packages),
      instances: sorted(graph.instances),
      arguments: sorted(graph.arguments),
      imports: sorted(graph.imports),
      exports: sorted(graph.exports),
      ...(graph.types && Object.keys(graph.types).length > 0 ? { types: sorted(graph.types) } : {}),
    },
    view: {
      ...view,
      positions: sorted(view.positions),
      ...(view.groups ? { groups: sorted(view.groups) } : {}),
      ...(view.notes ? { notes: sorted(view.notes) } : {}),
    },
    ...(run === undefined ? {} : { run }),
    ...(target === undefined ? {} : { target }),
    ...(script === undefined ? {} : { script }),
  }
  const known = projectDocument.safeParse(raw)
  const told = known.success ? withUnknown(raw, known.data, ordered) : ordered
  // Settings that say nothing are none, unless somebody else's keys are among them.
  const isVain = isObject(told) && isObject(told['run']) && Object.keys(told['run']).length === 0
  return `${JSON.stringify(isVain ? { ...told, run: undefined } : told, null, 2)}\n`
}

function sorted<Row>(table: Readonly<Record<string, Row>>): Record<string, Row> {
  return Object.fromEntries(Object.entries(table).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)))
}
