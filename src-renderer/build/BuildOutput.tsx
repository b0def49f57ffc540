import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import type { Problem } from '../../src-preload/contract.ts'
import { useBuild } from '../state/build.ts'
import { useLayout } from '../state/layout.ts'
import { client } from '../state/session.ts'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { fileOfPlace } from './places.ts'
import { useSources } from './sources.ts'
import styles from './build.module.css'

const noLog: readonly never[] = []

/** Live log of the last build, its problems on top; a problem leads to its line. */
export function BuildOutput({ component }: { readonly component: string }) {
  const build = useBuild(({ builds }) => builds[component])
  // A build from the cache says nothing: the editor keeps the room.
  if (!build || (build.state !== 'running' && build.log.length + build.problems.length === 0)) return null
  return (
    <section className={styles.output} aria-label="Build output" data-testid="build-output">
      {build.problems.length > 0 && (
        <ul className={styles.problems} aria-label="Build problems">
          {build.problems.map((problem, index) => (
            // Problems of one build never change their order.
            <li key={`${index} ${problem.message}`}>
              <ProblemRow component={component} problem={problem} />
            </li>
          ))}
        </ul>
      )}
      <Log lines={build.log} />
    </section>
  )
}

function ProblemRow({ component, problem }: { readonly component: string; readonly problem: Problem }) {
  const file = useSources((state) => fileOfPlace(state.files, problem.where?.file))
  if (file === undefined) return <ProblemNotice problem={problem} />
  return (
    <button type="button" className={styles.problem} onClick={() => void showPlace(component, problem)}>
      <ProblemNotice problem={{ ...problem, where: { ...problem.where, file } }} />
    </button>
  )
}

/** Opens the file of a build problem at its line. */
export async function showPlace(component: string, { where }: Problem): Promise<void> {
  const { files, open } = useSources.getState()
  const file = fileOfPlace(files, where?.file)
  const reveal =
    where?.line === undefined
      ? undefined
      : { line: where.line, ...(where.column === undefined ? {} : { column: where.column }) }
  if (file !== undefined) await open(client(), component, file, reveal)
}

function Log({ lines }: { readonly lines: readonly { readonly stream: string; readonly text: string }[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const [follow, setFollow] = useState(true)
  const tab = useLayout((layout) => layout.drawerTab)
  const all = lines.length === 0 ? noLog : lines
  // Nothing here is memoized, which is all the rule asks for.
  // oxlint-disable-next-line react/incompatible-library
  const items = useVirtualizer({
    count: all.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 18,
    overscan: 20,
  })
  useEffect(() => {
    if (follow && all.length > 0) items.scrollToIndex(all.length - 1, { align: 'end' })
  }, [all, follow, items, tab])
  return (
    <div
      ref={scroller}
      className={styles.log}
      role="log"
      aria-label="Build log"
      tabIndex={0}
      data-selectable
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
        setFollow(scrollHeight - scrollTop - clientHeight < 24)
      }
    >
      <div className={styles.logLines} style={{ height: items.getTotalSize() }}>
        {items.getVirtualItems().map((item) => (
          <div
            key={item.key}
            ref={items.measureElement}
            data-index={item.index}
            data-stream={all[item.index]?.stream}
            className={styles.logLine}
            style={{ transform: `translateY(${item.start}px)` }}
          >
            {all[item.index]?.text.replace(/\n$/, '')}
          </div>
        ))}
      </div>
    </div>
  )
}
