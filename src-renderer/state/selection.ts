import { create } from 'zustand'
import { type Tables, importsNode, isWorld } from './document.ts'

/** One port of an instance. */
export interface PortReference {
  readonly instance: string
  readonly side: 'in' | 'out'
  /** Exact import or export name. */
  readonly name: string
}

interface Selection {
  /** Instances selected on the canvas; may hold the world node. */
  readonly instances: ReadonlySet<string>
  /** Keys of {@link argumentKey}, or `export NAME` for a wire to the world's exports. */
  readonly wires: ReadonlySet<string>
  /** Groups and notes selected on the canvas. */
  readonly annotations: ReadonlySet<string>
  /** Item of the library whose details are shown when nothing is selected on the canvas. */
  readonly libraryItem: string | undefined
  /** A port that was pointed at (from a problem, the list, the keyboard). */
  readonly port: PortReference | undefined
  /** Counts requests to bring the selection into view. */
  readonly revealed: number
}

const nothing: ReadonlySet<string> = new Set()

export const useSelection = create<Selection>()(() => ({
  instances: nothing,
  wires: nothing,
  annotations: nothing,
  libraryItem: undefined,
  port: undefined,
  revealed: 0,
}))

/** Key of the wire that ends at an export of the world. */
export function exportWire(name: string): string {
  return `export ${name}`
}

export function clearSelection(): void {
  useSelection.setState({
    instances: nothing,
    wires: nothing,
    annotations: nothing,
    libraryItem: undefined,
    port: undefined,
  })
}

export function selectOnCanvas(
  instances: Iterable<string>,
  wires: Iterable<string> = [],
  annotations: Iterable<string> = [],
): void {
  useSelection.setState({
    instances: new Set(instances),
    wires: new Set(wires),
    annotations: new Set(annotations),
    libraryItem: undefined,
    port: undefined,
  })
}

export function selectLibraryItem(id: string | undefined): void {
  useSelection.setState({ instances: nothing, wires: nothing, annotations: nothing, libraryItem: id, port: undefined })
}

/** Selects an instance and brings it into view; with a port, marks that too. */
export function revealInstance(instance: string, port?: Omit<PortReference, 'instance'>): void {
  useSelection.setState(({ revealed }) => ({
    instances: new Set([instance]),
    wires: nothing,
    annotations: nothing,
    libraryItem: undefined,
    port: port && { instance, ...port },
    revealed: revealed + 1,
  }))
}

/** Selects an instance with one of its ports marked, where it is. */
export function pointAtPort(port: PortReference): void {
  selectOnCanvas([port.instance])
  useSelection.setState({ port })
}

/** Lets go of what is no longer there. */
export function pruneSelection(tables: Tables): void {
  const { instances, wires, annotations, port } = useSelection.getState()
  const there = (id: string): boolean => isWorld(id) || Object.hasOwn(tables.instances, id)
  const wireThere = (key: string): boolean =>
    Object.hasOwn(tables.arguments, key) || Object.keys(tables.exports).some((name) => exportWire(name) === key)
  const portThere = ({ instance, name }: PortReference): boolean =>
    instance === importsNode ? Object.hasOwn(tables.imports, name) : there(instance)
  const kept = [...instances].filter(there)
  const keptWires = [...wires].filter(wireThere)
  const keptNotes = [...annotations].filter((id) => Object.hasOwn(tables.notes, id) || Object.hasOwn(tables.groups, id))
  if (
    kept.length === instances.size &&
    keptWires.length === wires.size &&
    keptNotes.length === annotations.size &&
    (!port || portThere(port))
  )
    return
  useSelection.setState({
    instances: new Set(kept),
    wires: new Set(keptWires),
    annotations: new Set(keptNotes),
    port: port && portThere(port) ? port : undefined,
  })
}
