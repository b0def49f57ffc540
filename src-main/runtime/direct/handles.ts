import { GuestTrap } from '../wasi/session.ts'

/** A resource that a guest implements, on its way between components: the host only passes it on. */
export class GuestResource {
  readonly resource: number
  readonly representation: number

  constructor(resource: number, representation: number) {
    this.resource = resource
    this.representation = representation
  }
}

interface Handle {
  readonly resource: number
  /** A host object, or a {@link GuestResource}. */
  readonly value: unknown
  readonly own: boolean
  /** Borrows of it that are out. */
  lent: number
  /** For a borrow: the call it must not outlive. */
  readonly scope: BorrowScope | undefined
}

/** Borrows handed to a guest for one call; all must be dropped when it returns. */
export interface BorrowScope {
  open: number
}

/**
 * The handles of one component instance: small numbers that stand for resources. Every use checks that the number is
 * taken and stands for the right type. (Component Model, CanonicalABI.md, "Resource State".)
 */
export class HandleTable {
  #handles: (Handle | undefined)[] = [undefined]
  #free: number[] = []

  add(resource: number, value: unknown): number {
    return this.#insert({ resource, value, own: true, lent: 0, scope: undefined })
  }

  addBorrow(resource: number, value: unknown, scope: BorrowScope): number {
    scope.open++
    return this.#insert({ resource, value, own: false, lent: 0, scope })
  }

  #insert(handle: Handle): number {
    const index = this.#free.pop() ?? this.#handles.length
    if (index >= 1 << 28) throw new GuestTrap('too many handles')
    this.#handles[index] = handle
    return index
  }

  #get(index: number, resource: number): Handle {
    const handle = this.#handles[index]
    if (!handle) throw new GuestTrap(`unknown handle ${index}`)
    if (handle.resource !== resource) throw new GuestTrap(`handle ${index} is of another resource type`)
    return handle
  }

  #remove(index: number): void {
    this.#handles[index] = undefined
    this.#free.push(index)
  }

  /** What the handle stands for, while it stays where it is. */
  borrow(index: number, resource: number): unknown {
    return this.#get(index, resource).value
  }

  /** Lends the resource to another component for a call; `giveBack` ends that. */
  lend(index: number, resource: number): { readonly value: unknown; giveBack(): void } {
    const handle = this.#get(index, resource)
    handle.lent++
    return { value: handle.value, giveBack: () => void handle.lent-- }
  }

  /** Takes the resource out of the table: it goes elsewhere. */
  take(index: number, resource: number): unknown {
    const handle = this.#get(index, resource)
    if (!handle.own) throw new GuestTrap(`handle ${index} is borrowed and cannot be given away`)
    if (handle.lent > 0) throw new GuestTrap(`handle ${index} is lent and cannot be given away`)
    this.#remove(index)
    return handle.value
  }

  /** Drops the handle. Answers what it stood for when it was owned, and so is to be destroyed. */
  drop(index: number, resource: number): unknown {
    const handle = this.#get(index, resource)
    if (handle.lent > 0) throw new GuestTrap(`handle ${index} is lent and cannot be dropped`)
    this.#remove(index)
    if (handle.own) return handle.value
    if (handle.scope) handle.scope.open--
    return undefined
  }

  /** Every owned value that is still here, and an empty table. */
  clear(): unknown[] {
    const left: unknown[] = []
    for (const handle of this.#handles) if (handle?.own) left.push(handle.value)
    this.#handles = [undefined]
    this.#free = []
    return left
  }
}
