import type { KeyboardEvent } from 'react'
import type { PortReference } from '../state/selection.ts'
import { announce } from '../ui/announce.tsx'
import { beginWire, endWireAt } from './draw-wire.ts'
import { endWiring, useWiring } from './wiring.ts'

/** What keys do on a port: Enter begins a wire and ends it at the next port, Escape gives up. */
export function pressPort(event: KeyboardEvent, port: PortReference): void {
  const { from } = useWiring.getState()
  if (event.key === 'Escape' && from) {
    event.stopPropagation()
    endWiring()
    announce('No wire drawn.')
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
  beginWire(port, true)
  // After the marks are drawn: the first port that fits takes the focus, Tab goes on from there.
  requestAnimationFrame(() =>
    document
      .querySelector<HTMLElement>('[data-mark="yes"] [role="button"], [data-mark="near"] [role="button"]')
      ?.focus(),
  )
}
