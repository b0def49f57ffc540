/** Who sees the whole canvas goes on seeing it when something takes some of its room. */
import { fitOptions, flow, travelTime } from './flow.ts'

/** Are all nodes within what the canvas shows? `below` are pixels that it had more at its lower edge. */
export function seesEverything(below = 0): boolean {
  const canvas = flow()
  const area = document.querySelector('.react-flow')?.getBoundingClientRect()
  const nodes = canvas?.getNodes() ?? []
  if (!canvas || !area || nodes.length === 0) return false
  const { x, y, width, height } = canvas.getNodesBounds(nodes)
  const from = canvas.flowToScreenPosition({ x, y })
  const to = canvas.flowToScreenPosition({ x: x + width, y: y + height })
  return from.x >= area.left && from.y >= area.top && to.x <= area.right && to.y <= area.bottom + below
}

/** Shows everything, once the panes have their new sizes and the canvas knows of them. */
export function fitAfterLayout(): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => setTimeout(() => void flow()?.fitView({ ...fitOptions, duration: travelTime() }), 0)),
  )
}
