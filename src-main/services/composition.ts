import { resolve } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import { decode } from '../../src-engine/binary/decode.ts'
import { printWorld } from '../../src-engine/wit/print.ts'
import type { CallName, Handlers } from '../../src-preload/contract.ts'
import type { Contents } from '../project/contents.ts'
import { takeApart } from '../project/take-apart.ts'
import { writeWhole } from '../project/files.ts'
import type { Composer, Composition } from './composer.ts'
import type { ProjectHolder } from './project.ts'

export function compositionHandlers({
  composer,
  contents,
  projects,
}: {
  readonly composer: Composer
  readonly contents: Contents
  readonly projects: ProjectHolder
}): Pick<Handlers, Extract<CallName, `composition.${string}`>> {
  return {
    async 'composition.build'({ graph }) {
      const made = await composer.compose(graph)
      return {
        hash: made.hash,
        size: made.bytes.length,
        wit: printWorld(decode(made.bytes).type),
        companions: [...made.plan.companions],
        imports: made.plan.imports.map(({ name }) => name),
        validation: made.validation,
      }
    },
    async 'composition.save'({ graph, path }) {
      const made = await composer.compose(graph)
      refuseInvalid(made)
      const folder = (await projects.current()).folder
      const target = resolve(folder, path)
      await writeWhole(target, made.bytes)
      return { path: target, size: made.bytes.length }
    },
    async 'composition.toLibrary'({ graph, name }) {
      const made = await composer.compose(graph)
      refuseInvalid(made)
      return { item: await (await projects.current()).addBytes(name, made.bytes) }
    },
    async 'composition.takeApart'({ hash }) {
      const { graph, items, problems } = await takeApart(await projects.current(), await contents.bytes(hash))
      return { graph, items, problems: [...problems] }
    },
  }
}

/**
 * The independent validator has the last word on what leaves the workbench, where it has one: names of components that are
 * to be supplied are older than it is.
 */
export function refuseInvalid({ validation }: Composition): void {
  if (validation.ok || validation.problem.code.startsWith('tools.unsupported-')) return
  throw fail('composition.invalid', `the composed component does not validate: ${validation.problem.message}`, {
    hint: 'This is a defect of Patchbay: please report it with the project.',
  })
}
