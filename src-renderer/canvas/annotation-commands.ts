import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndHorizontal,
  AlignEndVertical,
  AlignHorizontalSpaceAround,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalSpaceAround,
  Frame,
  Grid3x3,
  Magnet,
  Shrink,
  StickyNote,
  Ungroup,
} from 'lucide-react'
import type { Context } from '../commands/context.ts'
import { projectOpen } from '../commands/context.ts'
import type { Command } from '../commands/registry.ts'
import {
  type Box,
  changeGroup,
  groupOf,
  isGroup,
  placeOf,
  refitted,
  newNote,
  withGroup,
  withNote,
  withoutGroups,
} from '../state/annotations.ts'
import { moveNodes } from '../state/composition.ts'
import { type Position, isWorld } from '../state/document.ts'
import { edit } from '../state/project.ts'
import { selectOnCanvas } from '../state/selection.ts'
import { changeSettings } from '../state/settings.ts'
import { announce } from '../ui/announce.tsx'
import { formatCount } from '../ui/format.ts'
import { type Alignment, aligned, distributed } from './align.ts'
import { drawnSize, flow, pinned, placeInView, pointerPlace } from './flow.ts'
import { useCanvasView } from './view.ts'

const groupsSelected = ({ selection }: Context): string[] => [...selection.annotations].filter(isGroup)

/** Everything that is selected and has a place, as it is drawn. */
function boxes({ project, selection }: Context): Map<string, Box> {
  const found = new Map<string, Box>()
  const all = new Set([...selection.instances, ...selection.annotations])
  for (const id of all) {
    // A member goes with its group.
    const group = groupOf(project.tables.groups, id)
    if (group !== undefined && all.has(group)) continue
    const place = placeOf(pinned(project.tables, [id]), id)
    if (place) found.set(id, { x: place.x, y: place.y, ...drawnSize(id) })
  }
  return found
}

function several(least: number) {
  return (context: Context): true | string => {
    if (!flow()) return 'The canvas is not shown.'
    const { instances, annotations } = context.selection
    return instances.size + annotations.size >= least || `Select ${least} or more nodes first.`
  }
}

function place(label: string, places: ReadonlyMap<string, Position>): void {
  moveNodes(places, label, drawnSize)
  announce(`${label}: ${formatCount(places.size, 'node')}.`)
}

const alignments: readonly (readonly [Alignment, string, Command['icon']])[] = [
  ['left', 'Align left edges', AlignStartVertical],
  ['centre', 'Align centres', AlignCenterVertical],
  ['right', 'Align right edges', AlignEndVertical],
  ['top', 'Align top edges', AlignStartHorizontal],
  ['middle', 'Align middles', AlignCenterHorizontal],
  ['bottom', 'Align bottom edges', AlignEndHorizontal],
]

const alignCommands = alignments.map(([to, label, icon]): Command => ({
  id: `canvas.align${to.charAt(0).toUpperCase()}${to.slice(1)}`,
  label,
  ...(icon ? { icon } : {}),
  keywords: 'arrange line up',
  when: several(2),
  run: (context) => place(label, aligned(boxes(context), to)),
}))

/** Names of the colours that a group can have; the number is that of the cable. */
const colours: readonly (readonly [number | undefined, string])[] = [
  [undefined, 'none'],
  [0, 'violet'],
  [4, 'blue'],
  [5, 'green'],
  [3, 'amber'],
  [9, 'red'],
]

const colourCommands = colours.map(([colour, name]): Command => ({
  id: `canvas.groupColour${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  label: `Group colour: ${name}`,
  when: (context) => groupsSelected(context).length > 0 || 'Select a group first.',
  checked: (context) => {
    const ids = groupsSelected(context)
    return ids.length > 0 && ids.every((id) => context.project.tables.groups[id]?.colour === colour)
  },
  run: (context) =>
    void edit('Colour group', (tables) =>
      groupsSelected(context).reduce((next, id) => changeGroup(next, id, { colour }), tables),
    ),
}))

export const groupColours: readonly string[] = colourCommands.map(({ id }) => id)

/** Groups, notes and the order of nodes on the canvas. */
export const annotationCommands: readonly Command[] = [
  {
    id: 'canvas.group',
    label: 'Group',
    icon: Frame,
    keys: ['Mod+G'],
    keywords: 'frame comment box together',
    when: ({ selection }) => {
      const nodes = [...selection.instances, ...selection.annotations].filter((id) => !isWorld(id) && !isGroup(id))
      return nodes.length > 0 || 'Select what the group is to hold.'
    },
    run: ({ selection }) => {
      let made: string | undefined
      edit('Group', (tables) => {
        const members = [...selection.instances, ...selection.annotations]
        const framed = withGroup(pinned(tables, members), members, drawnSize)
        made = framed.id
        return framed.tables
      })
      if (made === undefined) return
      selectOnCanvas([], [], [made])
      if (flow()) useCanvasView.setState({ editing: made })
      announce('Grouped. Type a name.')
    },
  },
  {
    id: 'canvas.ungroup',
    label: 'Ungroup',
    icon: Ungroup,
    keys: ['Mod+Shift+G'],
    keywords: 'frame',
    when: (context) =>
      groupsSelected(context).length > 0 ||
      [...context.selection.instances].some((id) => groupOf(context.project.tables.groups, id) !== undefined) ||
      'Select a group, or a node in one.',
    run: ({ project, selection }) => {
      const ids = new Set([...selection.annotations].filter(isGroup))
      if (ids.size === 0)
        for (const id of selection.instances) {
          const group = groupOf(project.tables.groups, id)
          if (group !== undefined) ids.add(group)
        }
      const members = [...ids].flatMap((id) => project.tables.groups[id]?.members ?? [])
      edit('Ungroup', (tables) => withoutGroups(tables, ids))
      selectOnCanvas(
        members.filter((id) => !id.startsWith('$')),
        [],
        members.filter((id) => id.startsWith('$')),
      )
      announce(`Ungrouped ${formatCount(members.length, 'node')}.`)
    },
  },
  {
    id: 'canvas.fitGroup',
    label: 'Fit the frame to its nodes',
    icon: Shrink,
    keywords: 'group resize',
    when: (context) => groupsSelected(context).length > 0 || 'Select a group first.',
    run: (context) => void edit('Fit group', (tables) => refitted(tables, groupsSelected(context), drawnSize)),
  },
  {
    id: 'canvas.note',
    label: 'Add a note',
    icon: StickyNote,
    keys: ['Mod+Alt+N'],
    keywords: 'text comment annotation',
    when: projectOpen,
    run: ({ project }) => {
      const at = pointerPlace(newNote) ?? placeInView(project.tables.positions)
      let made = ''
      edit('Add note', (tables) => {
        const added = withNote(tables, at)
        made = added.id
        return added.tables
      })
      selectOnCanvas([], [], [made])
      if (flow()) useCanvasView.setState({ editing: made })
    },
  },
  ...alignCommands,
  {
    id: 'canvas.distributeX',
    label: 'Distribute across',
    icon: AlignHorizontalSpaceAround,
    keywords: 'spacing arrange horizontal',
    when: several(3),
    run: (context) => place('Distribute across', distributed(boxes(context), 'x')),
  },
  {
    id: 'canvas.distributeY',
    label: 'Distribute down',
    icon: AlignVerticalSpaceAround,
    keywords: 'spacing arrange vertical',
    when: several(3),
    run: (context) => place('Distribute down', distributed(boxes(context), 'y')),
  },
  {
    id: 'canvas.snapToGrid',
    label: 'Snap to the grid',
    icon: Grid3x3,
    checked: ({ settings }) => settings.snapToGrid === true,
    run: ({ settings }) => changeSettings({ snapToGrid: settings.snapToGrid !== true }),
  },
  {
    id: 'canvas.snapToNodes',
    label: 'Snap to other nodes',
    icon: Magnet,
    keywords: 'align edges guides',
    checked: ({ settings }) => settings.snapToNodes !== false,
    run: ({ settings }) => changeSettings({ snapToNodes: settings.snapToNodes === false }),
  },
  ...colourCommands,
]
