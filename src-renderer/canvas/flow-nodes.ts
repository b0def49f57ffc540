import { groupOf } from '../state/annotations.ts'
import { type Position, type Tables, importsNode, worldNode } from '../state/document.ts'
import { formatCount } from '../ui/format.ts'
import type { FlowNode } from './flow.ts'
import type { CanvasModel, InstanceModel } from './model.ts'

export interface NodesInput {
  readonly model: CanvasModel
  readonly tables: Tables
  /** For nodes that have no place in the document. */
  readonly places: ReadonlyMap<string, Position>
  readonly selected: (id: string) => boolean
  /** The export that Run would add. */
  readonly suggested: string | undefined
  /** Something is in the hand: nodes stay where they are. */
  readonly holding: boolean
}

const origin: Position = { x: 0, y: 0 }

/** The nodes for the canvas library, groups first; those that did not change are the same objects as before. */
export function flowNodes(previous: readonly FlowNode[], input: NodesInput): FlowNode[] {
  const { model, tables, places, selected, suggested, holding } = input
  const before = new Map(previous.map((node) => [node.id, node]))
  const parents = new Map(
    Object.entries(tables.groups).flatMap(([id, { members }]) => members.map((member) => [member, id] as const)),
  )
  /** The library counts the place of a member from its group. */
  const around = (id: string): { readonly parentId?: string; readonly from: Position } => {
    const parentId = parents.get(id)
    const group = parentId === undefined ? undefined : tables.groups[parentId]
    return group && parentId !== undefined ? { parentId, from: group } : { from: origin }
  }
  const frame = (id: string, at: Position, raised: number) => {
    const { parentId, from } = around(id)
    const old = before.get(id)
    const isSelected = selected(id)
    return {
      id,
      ...(parentId === undefined ? { parentId: undefined } : { parentId }),
      position: holding && old && old.parentId === parentId ? old.position : { x: at.x - from.x, y: at.y - from.y },
      selected: isSelected,
      zIndex: isSelected ? raised + 1000 : raised,
    }
  }
  const groups = Object.entries(tables.groups).map(([id, group]): FlowNode => {
    const old = before.get(id)
    const base = frame(id, group, -1)
    if (old?.type === 'frame' && old.data.group === group && sameFrame(old, base)) return old
    const known = old?.type === 'frame' ? old : {}
    const size = { width: group.width, height: group.height }
    const ariaLabel = `Group ${group.name}, ${formatCount(group.members.length, 'node')}`
    return {
      ...known,
      ...base,
      ...size,
      // A frame that is selected stays beneath what is in it.
      zIndex: -1,
      type: 'frame',
      data: { group },
      dragHandle: '[data-drag-handle]',
      style: { pointerEvents: 'none' },
      ariaLabel,
    }
  })
  const instances = model.instances.map((instance): FlowNode => {
    const old = before.get(instance.id)
    const base = frame(instance.id, tables.positions[instance.id] ?? places.get(instance.id) ?? origin, 0)
    if (old?.type === 'instance' && old.data.model === instance && sameFrame(old, base)) return old
    const known = old?.type === 'instance' ? old : {}
    const data = old?.type === 'instance' && old.data.model === instance ? old.data : { model: instance }
    return { ...known, ...base, type: 'instance', data, ariaLabel: describeNode(instance) }
  })
  const notes = Object.entries(tables.notes).map(([id, note]): FlowNode => {
    const old = before.get(id)
    const base = frame(id, note, 0)
    if (old?.type === 'note' && old.data.note === note && sameFrame(old, base)) return old
    const known = old?.type === 'note' ? old : {}
    const { from } = around(id)
    const ariaLabel = `Note: ${note.text.trim() === '' ? 'empty' : note.text}`
    return {
      ...known,
      ...base,
      width: note.width,
      height: note.height,
      type: 'note',
      data: { note, origin: { x: from.x, y: from.y } },
      ariaLabel,
    }
  })
  const list = [...groups, ...instances, ...notes]
  if (model.instances.length > 0 || model.exports.length > 0) {
    const old = before.get(worldNode)
    const base = frame(worldNode, tables.positions[worldNode] ?? places.get(worldNode) ?? origin, 0)
    if (
      old?.type === 'world' &&
      old.data.exports === model.exports &&
      old.data.suggested === suggested &&
      sameFrame(old, base)
    )
      list.push(old)
    else
      list.push({
        ...(old?.type === 'world' ? old : {}),
        ...base,
        type: 'world',
        data: { exports: model.exports, suggested },
        ariaLabel: 'World exports',
      })
  }
  if (model.imports.length > 0) {
    const old = before.get(importsNode)
    const base = frame(importsNode, tables.positions[importsNode] ?? places.get(importsNode) ?? origin, 0)
    const same = old?.type === 'imports' && JSON.stringify(old.data.ports) === JSON.stringify(model.importPorts)
    if (same && sameFrame(old, base)) list.push(old)
    else
      list.push({
        ...(old?.type === 'imports' ? old : {}),
        ...base,
        type: 'imports',
        data: same ? old.data : { ports: model.importPorts },
        ariaLabel: 'World imports',
      })
  }
  return list
}

/** Where a place that the library tells counts from. */
export function originOf(tables: Tables, id: string): Position {
  const group = groupOf(tables.groups, id)
  return (group === undefined ? undefined : tables.groups[group]) ?? origin
}

function sameFrame(old: FlowNode, base: Pick<FlowNode, 'parentId' | 'position' | 'selected'>): boolean {
  return (
    old.parentId === base.parentId &&
    old.position.x === base.position.x &&
    old.position.y === base.position.y &&
    old.selected === base.selected
  )
}

function describeNode(instance: InstanceModel): string {
  const open = instance.inputs.filter((port) => !port.wired).length
  const state = instance.state === 'missing' ? ', missing' : ''
  return `${instance.id}, ${instance.purpose ?? 'component'} from ${instance.packageName}${state}, ${instance.inputs.length} imports (${open} open), ${instance.outputs.length} exports`
}
