import { create } from 'zustand'
import { type Wiring, wireAll } from '../../src-engine/compose/wire-all.ts'
import { whenDecoded } from '../library/place-item.ts'
import { decodedOf } from '../state/decoded.ts'
import { graphOf, withGraph } from '../state/document.ts'
import { edit, useProject } from '../state/project.ts'
import { announce } from '../ui/announce.tsx'
import { formatCount } from '../ui/format.ts'

/** What the last *Wire all* did and left, until it is closed. */
export const useWireReport = create<{ readonly report: Wiring | undefined }>()(() => ({ report: undefined }))

/**
 * Draws every wire among the instances on the canvas that is beyond doubt, and reports what it left and why. Components that
 * were just opened are waited for: without their types nothing is beyond doubt.
 */
export async function wireAllOpen(): Promise<void> {
  await Promise.all(Object.values(useProject.getState().tables.packages).map(({ hash }) => whenDecoded(hash)))
  const report = wireAll(graphOf(useProject.getState().tables), [], decodedOf)
  edit(`Wire ${formatCount(report.wired.length, 'import')}`, (tables) => withGraph(tables, report.graph))
  useWireReport.setState({ report })
  announce(`${formatCount(report.wired.length, 'wire')} drawn.`)
}
