import { useStoreApi } from '@xyflow/react'
import { type ReactNode, useState } from 'react'
import { createPortal } from 'react-dom'

/**
 * Puts something onto the canvas itself, so that it moves with it. The canvas library's own portal looks for its place in
 * the whole document at every change; it never moves.
 */
export function InViewport({ children }: { readonly children: ReactNode }) {
  const store = useStoreApi()
  const [place] = useState(() => store.getState().domNode?.querySelector('.react-flow__viewport-portal'))
  return place ? createPortal(children, place) : null
}
