import { isTyping } from '../commands/shortcuts.ts'
import { changeGroup, changeNote, moved, placeOf, rejoined, smallestGroup, smallestNote } from '../state/annotations.ts'
import { moveLabel } from '../state/composition.ts'
import type { Position, Tables } from '../state/document.ts'
import { edit } from '../state/project.ts'
import { useSelection } from '../state/selection.ts'
import { useSettings } from '../state/settings.ts'
import { drawnSize, pinned } from './flow.ts'
import { gridStep } from './snapping.ts'

const directions: Readonly<Record<string, Position>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/** Canvas units of a step: fine, and with Shift. */
const step = { fine: 4, coarse: 44 } as const

/**
 * Arrow keys move what is selected, with Shift in large steps; with Alt they resize groups and notes. Steps in a row are
 * one entry of the history. Returns the function that ends it.
 */
export function startNudging(): () => void {
  const press = (event: KeyboardEvent): void => {
    const direction = directions[event.key]
    if (!direction || event.defaultPrevented || event.ctrlKey || event.metaKey || !meansTheCanvas(event.target)) return
    const { instances, annotations } = useSelection.getState()
    const ids = [...instances, ...annotations]
    if (ids.length === 0) return
    event.preventDefault()
    // The canvas library would move the node a second time.
    event.stopPropagation()
    const length = event.shiftKey ? step.coarse : useSettings.getState().snapToGrid === true ? gridStep : step.fine
    const by = { x: direction.x * length, y: direction.y * length }
    if (event.altKey) resize([...annotations], by)
    else nudge(ids, by)
  }
  window.addEventListener('keydown', press, { capture: true })
  return () => window.removeEventListener('keydown', press, { capture: true })
}

/** The focus is on the canvas or nowhere; a port keeps its arrows for itself. */
function meansTheCanvas(target: EventTarget | null): boolean {
  if (isTyping(target) || document.querySelector('[role="dialog"], [role="menu"]') !== null) return false
  if (!(target instanceof Element) || target === document.body) return true
  return target.closest('.react-flow') !== null && target.closest('[data-port]') === null
}

/** Moves things by so many canvas units. */
export function nudge(ids: readonly string[], by: Position): void {
  const label = moveLabel(ids)
  const steps = (tables: Tables): Tables => {
    const places = new Map<string, Position>()
    for (const id of ids) {
      const place = placeOf(pinned(tables, [id]), id)
      if (place) places.set(id, { x: Math.round(place.x + by.x), y: Math.round(place.y + by.y) })
    }
    return rejoined(moved(tables, places), places.keys(), drawnSize)
  }
  edit(label, steps, `nudge ${[...ids].sort().join(' ')}`)
}

function resize(ids: readonly string[], by: Position): void {
  if (ids.length === 0) return
  const resized = (tables: Tables): Tables =>
    ids.reduce((next, id) => {
      const group = next.groups[id]
      const note = next.notes[id]
      if (group) return changeGroup(next, id, larger(group, by, smallestGroup))
      return note ? changeNote(next, id, larger(note, by, smallestNote)) : next
    }, tables)
  edit(
    ids.length === 1 ? 'Resize' : `Resize ${ids.length} things`,
    // Who belongs to a frame is settled by where it ends.
    (tables) => rejoined(resized(tables), [...Object.keys(tables.positions), ...Object.keys(tables.notes)], drawnSize),
    `resize ${[...ids].sort().join(' ')}`,
  )
}

interface Size {
  readonly width: number
  readonly height: number
}

function larger({ width, height }: Size, by: Position, least: Size): Size {
  return { width: Math.max(least.width, width + by.x), height: Math.max(least.height, height + by.y) }
}
