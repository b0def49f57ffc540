import { skeletonOf } from '../../src-engine/binary/skeleton.ts'
import { fail } from '../../src-engine/error.ts'
import type { StripReport } from '../../src-engine/size/strip.ts'
import { printWorld } from '../../src-engine/wit/print.ts'
import type { CallName, Handlers, LibraryItem } from '../../src-preload/contract.ts'
import type { Contents } from '../project/contents.ts'
import { readWhole, writeWhole } from '../project/files.ts'
import { sampleFile } from '../project/library.ts'
import { Originals } from '../project/originals.ts'
import type { EngineThread } from '../tools/engine-thread.ts'
import type { ProjectHolder } from './project.ts'

export function componentHandlers({
  projects,
  contents,
  engine,
}: {
  readonly projects: ProjectHolder
  readonly contents: Contents
  readonly engine: EngineThread
}): Pick<Handlers, Extract<CallName, `components.${string}`>> {
  const changeable = async (id: string): Promise<LibraryItem> => {
    const item = await (await projects.current()).item(id)
    if (item.origin !== 'project')
      throw fail('components.not-in-project', `${item.name} is not part of the project`, {
        hint: 'Add it to the project first.',
      })
    return item
  }
  return {
    async 'components.add'({ paths }) {
      return { items: await (await projects.current()).addFiles(paths) }
    },
    async 'components.addBytes'({ name, bytes }) {
      return { item: await (await projects.current()).addBytes(name, bytes) }
    },
    async 'components.addSample'({ id }) {
      const sample = sampleFile(id)
      if (!sample) throw fail('components.unknown-sample', `there is no sample "${id}"`)
      const project = await projects.current()
      return { item: await project.addBytes(`${sample.name}.wasm`, await readWhole(sample.path)) }
    },
    async 'components.remove'({ id }) {
      await (await projects.current()).remove(id)
      return {}
    },
    async 'components.rename'({ id, name }) {
      return { item: await (await projects.current()).rename(id, name) }
    },
    async 'components.skeleton'({ hash }) {
      return { bytes: skeletonOf(await contents.bytes(hash)) }
    },
    async 'components.bytes'({ hash }) {
      return { bytes: await contents.bytes(hash) }
    },
    async 'components.wit'({ hash }) {
      return { wit: printWorld((await contents.decoded(hash)).type) }
    },
    async 'components.size'({ hash }) {
      return { root: await engine.size({ hash, source: await contents.source(hash) }) }
    },
    async 'components.stripPreview'({ hash, all }) {
      const { report } = await engine.strip({ hash, source: await contents.source(hash), all })
      const original = await new Originals((await projects.current()).folder).of(hash)
      return { report: mutableReport(report), ...(original && { original: original.length }) }
    },
    async 'components.strip'({ id, all }) {
      const item = await changeable(id)
      const project = await projects.current()
      const { bytes, hash: before } = await contents.addFile(item.path)
      const {
        bytes: stripped,
        hash: after,
        report,
      } = await engine.strip({ hash: before, source: await contents.source(before), all })
      // The original stays beside the project under its hash, so that nothing is lost by a click.
      await new Originals(project.folder).keep({ hash: before, bytes }, after)
      await writeWhole(item.path, stripped)
      await project.refresh()
      return { report: mutableReport(report), item: await project.item(id) }
    },
    async 'components.unstrip'({ id }) {
      const item = await changeable(id)
      const project = await projects.current()
      const { hash } = await contents.addFile(item.path)
      await writeWhole(item.path, await new Originals(project.folder).take(hash, item.name))
      await project.refresh()
      return { item: await project.item(id) }
    },
  }
}

function mutableReport(report: StripReport) {
  return {
    before: report.before,
    after: report.after,
    removed: report.removed.map((item) => ({ ...item })),
    kept: report.kept.map((item) => ({ ...item })),
  }
}
