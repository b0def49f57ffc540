/** Work of the engine that walks or copies whole files, in a form that can be done here or in a worker. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { decode } from '../../src-engine/binary/decode.ts'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { fail, type Problem } from '../../src-engine/error.ts'
import { strip, type StripReport } from '../../src-engine/size/strip.ts'
import { sizeTree, type SizeNode } from '../../src-engine/size/tree.ts'
import { unreadable } from '../project/files.ts'

/** Where the bytes of a hash are: in hand, or in a file that whoever needs them reads. */
export type Source = { readonly bytes: Uint8Array } | { readonly file: string; readonly size: number }

export interface Made {
  readonly bytes: Uint8Array
  /** Lower-case hexadecimal SHA-256. */
  readonly hash: string
}

export interface EngineJobs {
  readonly compose: {
    readonly input: {
      readonly graph: CompositionGraph
      readonly sources: ReadonlyMap<string, Source>
      readonly version: string
    }
    readonly output: Made
  }
  readonly size: { readonly input: { readonly hash: string; readonly source: Source }; readonly output: SizeNode }
  readonly strip: {
    readonly input: { readonly hash: string; readonly source: Source; readonly all: boolean }
    readonly output: Made & { readonly report: StripReport }
  }
}
export type EngineJobName = keyof EngineJobs

export type EngineRequest = {
  readonly [Name in EngineJobName]: { readonly id: number; readonly job: Name } & EngineJobs[Name]['input']
}[EngineJobName]

export type EngineReply =
  | { readonly id: number; readonly ok: true; readonly output: EngineJobs[EngineJobName]['output'] }
  | { readonly id: number; readonly ok: false; readonly problem: Problem }

/** Does one job; blocks as long as it takes. Throws typed errors. */
export function runEngineJob(request: EngineRequest): EngineJobs[EngineJobName]['output'] {
  switch (request.job) {
    case 'compose': {
      const bytes = new Map([...request.sources].map(([hash, source]) => [hash, bytesOf(hash, source)]))
      const decoded = new Map([...bytes].map(([hash, each]) => [hash, decode(each)]))
      const plan = planComposition(request.graph, (hash) => decoded.get(hash))
      const found = (hash: string) => bytes.get(hash) ?? gone()
      return made(encodeComposition(plan, found, { version: request.version }))
    }
    case 'size':
      return sizeTree(bytesOf(request.hash, request.source))
    case 'strip': {
      const { bytes, report } = strip(bytesOf(request.hash, request.source), { all: request.all })
      return { ...made(bytes), report }
    }
  }
}

function made(bytes: Uint8Array): Made {
  return { bytes, hash: sha256(bytes) }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function bytesOf(hash: string, source: Source): Uint8Array {
  if ('bytes' in source) return source.bytes
  try {
    const bytes = readFileSync(source.file)
    return sha256(bytes) === hash ? bytes : gone(source.file)
  } catch (thrown) {
    throw unreadable(source.file, thrown)
  }
}

function gone(file?: string): never {
  throw fail('input.gone', 'the component is no longer in the file it was read from', {
    ...(file === undefined ? {} : { where: { file } }),
    hint: 'Open its file again; compose again what was composed.',
  })
}
