import { useUpdateNodeInternals } from '@xyflow/react'
import { useEffect, useRef } from 'react'

/**
 * The canvas library measures sockets when a node changes its size. Another name for a port changes none, and wires to it
 * would have no end: whoever draws ports says which there are.
 */
export function useHandles(node: string, names: readonly string[]): void {
  const update = useUpdateNodeInternals()
  const text = names.join('\n')
  const measured = useRef(text)
  useEffect(() => {
    if (measured.current === text) return
    measured.current = text
    update(node)
  }, [node, text, update])
}
