import { Panel, type ReactFlowState, useStoreApi } from '@xyflow/react'
import { type PointerEvent, type WheelEvent, memo, useEffect, useRef } from 'react'
import type { Box } from '../state/annotations.ts'
import { useSettings } from '../state/settings.ts'
import styles from './Canvas.module.css'
import { type FlowNode, flow } from './flow.ts'
import { type MapFrame, mapFrame, mapSize } from './map-frame.ts'

/**
 * All of the canvas, small. It is one picture, drawn when something moved: an element for each node would have to be asked
 * at every step of every gesture whether it changed.
 */
export const CanvasMap = memo(function CanvasMap() {
  const store = useStoreApi<FlowNode>()
  const theme = useSettings((settings) => settings.resolvedTheme)
  const picture = useRef<HTMLCanvasElement>(null)
  /** The frame that is shown while the pointer is down: a frame that moved would run away from it. */
  const held = useRef<{ readonly frame: MapFrame; readonly from: { readonly x: number; readonly y: number } }>(
    undefined,
  )

  useEffect(() => {
    let asked = 0
    const redraw = (): void => {
      asked = 0
      if (picture.current) draw(picture.current, store.getState())
    }
    const ask = (): void => void (asked ||= requestAnimationFrame(redraw))
    ask()
    const leave = store.subscribe((now, before) => {
      const same = now.transform === before.transform && now.nodes === before.nodes && now.width === before.width
      if (!same || now.height !== before.height) ask()
    })
    return () => {
      leave()
      cancelAnimationFrame(asked)
    }
  }, [store, theme])

  const press = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.button !== 0) return
    const state = store.getState()
    const view = viewOf(state)
    const frame = mapFrame(
      boxesOf(state).map(({ box }) => box),
      view,
    )
    const at = placeOn(event, frame)
    const inView = at.x >= view.x && at.x <= view.x + view.width && at.y >= view.y && at.y <= view.y + view.height
    const middle = { x: view.x + view.width / 2, y: view.y + view.height / 2 }
    // Outside of what is seen a press leads there; inside it takes hold.
    held.current = { frame, from: inView ? { x: at.x - middle.x, y: at.y - middle.y } : { x: 0, y: 0 } }
    event.currentTarget.setPointerCapture(event.pointerId)
    move(event)
  }
  const move = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (!held.current) return
    const { frame, from } = held.current
    const at = placeOn(event, frame)
    void flow()?.setCenter(at.x - from.x, at.y - from.y, { zoom: store.getState().transform[2] })
  }
  const release = (): void => void (held.current = undefined)
  const turn = ({ deltaY, deltaMode }: WheelEvent): void => {
    const steps = -deltaY * (deltaMode === 0 ? 0.002 : deltaMode === 1 ? 0.05 : 1)
    void flow()?.zoomTo(store.getState().transform[2] * 2 ** steps)
  }
  return (
    <Panel position="bottom-right" className={styles.minimap ?? ''} data-testid="canvas-map">
      <canvas
        ref={picture}
        role="img"
        aria-label="Map of the canvas"
        onPointerDown={press}
        onPointerMove={move}
        onPointerUp={release}
        onPointerCancel={release}
        onWheel={turn}
      />
    </Panel>
  )
})

/** The place on the canvas under the pointer. */
function placeOn({ currentTarget, clientX, clientY }: PointerEvent<HTMLCanvasElement>, { scale, x, y }: MapFrame) {
  const box = currentTarget.getBoundingClientRect()
  return { x: x + (clientX - box.left) * scale, y: y + (clientY - box.top) * scale }
}

/** What is seen, in canvas units. */
function viewOf({ transform: [x, y, zoom], width, height }: ReactFlowState<FlowNode>): Box {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom }
}

function boxesOf({ nodeLookup }: ReactFlowState<FlowNode>): { readonly node: FlowNode; readonly box: Box }[] {
  return [...nodeLookup.values()].flatMap(({ measured, internals }) => {
    const { x, y } = internals.positionAbsolute
    if (measured.width === undefined || measured.height === undefined) return []
    return [{ node: internals.userNode, box: { x, y, width: measured.width, height: measured.height } }]
  })
}

function draw(picture: HTMLCanvasElement, state: ReactFlowState<FlowNode>): void {
  const pen = picture.getContext('2d')
  if (!pen) return
  const density = window.devicePixelRatio
  const [width, height] = [Math.round(mapSize.width * density), Math.round(mapSize.height * density)]
  // Setting the size, even to the same, throws the picture away.
  if (picture.width !== width || picture.height !== height) Object.assign(picture, { width, height })
  const look = getComputedStyle(picture)
  const colour = (token: string): string => look.getPropertyValue(token)
  const boxes = boxesOf(state)
  const view = viewOf(state)
  const { scale, x, y } = mapFrame(
    boxes.map(({ box }) => box),
    view,
  )
  pen.setTransform(density / scale, 0, 0, density / scale, (-x * density) / scale, (-y * density) / scale)
  const all: Box = { x, y, width: mapSize.width * scale, height: mapSize.height * scale }
  pen.clearRect(all.x, all.y, all.width, all.height)
  const colours = new Map<string, string>()
  for (const { node, box } of boxes) {
    const token = node.type === 'instance' ? `--cable-${node.data.model.colour}` : '--text-faint'
    const known = colours.get(token) ?? colour(token)
    colours.set(token, known)
    pen.fillStyle = known
    pen.beginPath()
    pen.roundRect(box.x, box.y, box.width, box.height, 24)
    pen.fill()
  }
  pen.beginPath()
  pen.rect(all.x, all.y, all.width, all.height)
  pen.rect(view.x, view.y, view.width, view.height)
  pen.globalAlpha = 0.72
  pen.fillStyle = colour('--canvas')
  pen.fill('evenodd')
  pen.globalAlpha = 1
}
