import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from '@xyflow/react'
import { memo } from 'react'
import styles from './cables.module.css'
import { cableColour } from './colours.ts'
import { cableMiddle, cablePath } from './geometry.ts'
import { WireTraffic } from './WireTraffic.tsx'

export type CableEdge = Edge<
  {
    readonly colour: number
    readonly problem: string | undefined
    readonly note: string | undefined
    readonly suggested: boolean
  },
  'cable'
>

/** A patch cable: the colour of the package that gives, a darker casing where cables cross. */
export const Cable = memo(function Cable({
  id,
  sourceX,
  sourceY,
  targetX,
  targetY,
  selected,
  data,
}: EdgeProps<CableEdge>) {
  const from = { x: sourceX, y: sourceY }
  const to = { x: targetX, y: targetY }
  const path = cablePath(from, to)
  const middle = cableMiddle(from, to)
  return (
    <>
      <path className={styles.casing} d={path} />
      <BaseEdge
        id={id}
        path={path}
        className={styles.cable ?? ''}
        style={{ stroke: data?.problem === undefined ? cableColour(data?.colour ?? 0) : 'var(--danger-fill)' }}
        data-selected={selected || undefined}
        data-problem={data?.problem === undefined ? undefined : true}
        data-suggested={data?.suggested || undefined}
        interactionWidth={18}
      />
      {id.startsWith('export wasi:http/') && <WireTraffic path={path} name={id.slice('export '.length)} />}
      {(data?.problem ?? data?.note) !== undefined && (
        <EdgeLabelRenderer>
          <div
            className={styles.label}
            data-problem={data?.problem === undefined ? undefined : true}
            style={{ transform: `translate(-50%, -50%) translate(${middle.x}px, ${middle.y}px)` }}
            title={data?.problem}
          >
            {data?.problem === undefined ? data?.note : 'does not fit'}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  )
})
