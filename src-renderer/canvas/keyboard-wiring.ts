import type { KeyboardEvent } from 'react'
import { runCommand } from '../commands/registry.ts'
import { removeFromCanvas } from '../state/composition.ts'
import { importsNode, isWorld } from '../state/document.ts'
import { openDialog } from '../state/layout.ts'
import { exportWire, pointAtPort, type PortReference } from '../state/selection.ts'
import { announce } from '../ui/announce.tsx'
import { beginWire, endWireAt } from './draw-wire.ts'
import { newPortSlot, portKey } from './ports.ts'
import { toggleOpenPort } from './view.ts'
import { endWiring, useWiring } from './wiring.ts'

/**
 * What keys do on a port: Enter begins a wire and ends it at the next port, Escape gives up, right and left unfold and
 * fold what is behind it, up and down go to the other ports of the node; E exports an export, or stops exporting it; I
 * imports an import from the world; F2 and Delete rename and delete an import of the world.
 */
export function pressPort(event: KeyboardEvent, port: PortReference): void {
  // With a modifier the keys mean a command.
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const { from } = useWiring.getState()
  if (event.key === 'Escape' && from) {
    event.stopPropagation()
    endWiring()
    announce('No wire drawn.')
    return
  }
  if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
    event.preventDefault()
    event.stopPropagation()
    toggleOpenPort(portKey(port.instance, port.side, port.name), event.key === 'ArrowRight')
    return
  }
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault()
    event.stopPropagation()
    focusNeighbour(event.currentTarget, event.key === 'ArrowDown' ? 1 : -1)
    return
  }
  if (event.key.toLowerCase() === 'e' && port.side === 'out' && !isWorld(port.instance)) {
    event.preventDefault()
    event.stopPropagation()
    pointAtPort(port)
    void runCommand('composition.exportPort')
    return
  }
  if (event.key.toLowerCase() === 'i' && port.side === 'in' && !isWorld(port.instance)) {
    event.preventDefault()
    event.stopPropagation()
    pointAtPort(port)
    void runCommand('composition.importPort')
    return
  }
  if (port.instance === importsNode && port.name !== newPortSlot && (event.key === 'F2' || isDelete(event))) {
    event.preventDefault()
    event.stopPropagation()
    pointAtPort(port)
    void runCommand(event.key === 'F2' ? 'composition.renameImport' : 'composition.deleteImport')
    return
  }
  if (event.key !== 'Enter' && event.key !== ' ') return
  event.preventDefault()
  event.stopPropagation()
  if (from) {
    const box = event.currentTarget.getBoundingClientRect()
    endWireAt(port, { x: box.right, y: box.bottom })
    return
  }
  // There is nothing yet behind the slot that a wire could begin at.
  if (port.name === newPortSlot) return
  beginWire(port, true)
  // After the marks are drawn: the first port that fits takes the focus, Tab goes on from there.
  requestAnimationFrame(() =>
    document
      .querySelector<HTMLElement>('[data-mark="yes"] [role="button"], [data-mark="near"] [role="button"]')
      ?.focus(),
  )
}

/** What keys do on an export of the composition: F2 renames it, Delete stops exporting it. */
export function pressExport(event: KeyboardEvent, name: string): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.key === 'F2' || isDelete(event))) return
  event.preventDefault()
  event.stopPropagation()
  if (event.key === 'F2') openDialog({ kind: 'rename-export', name })
  else removeFromCanvas([], [exportWire(name)])
}

function isDelete({ key }: KeyboardEvent): boolean {
  return key === 'Delete' || key === 'Backspace'
}

/** The port above or below in the same node; while a wire is drawn, among those of the whole canvas that take it. */
function focusNeighbour(from: Element, step: 1 | -1): void {
  const ports = [
    ...(useWiring.getState().from
      ? document.querySelectorAll<HTMLElement>('[data-mark="yes"] [role="button"], [data-mark="near"] [role="button"]')
      : (from.closest('.react-flow__node')?.querySelectorAll<HTMLElement>('[data-port] [role="button"]') ?? [])),
  ]
  const at = ports.findIndex((port) => port === from)
  ports[(at + step + ports.length) % ports.length]?.focus()
}
