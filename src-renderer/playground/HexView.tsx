import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import styles from './playground.module.css'
import { hexLine } from './response.ts'

/** Bytes as offset, hexadecimal and letters; only the lines in view are drawn. */
export function HexView({ bytes, label }: { readonly bytes: Uint8Array; readonly label: string }) {
  const scroller = useRef<HTMLDivElement>(null)
  // Nothing here is memoized, which is all the rule asks for.
  // oxlint-disable-next-line react/incompatible-library
  const lines = useVirtualizer({
    count: Math.ceil(bytes.length / 16),
    getScrollElement: () => scroller.current,
    estimateSize: () => 18,
    overscan: 20,
  })
  // A region that scrolls has to be reachable by keyboard.
  return (
    <div ref={scroller} className={styles.hex} role="region" aria-label={label} tabIndex={0} data-selectable>
      <pre style={{ height: lines.getTotalSize() }}>
        {lines.getVirtualItems().map((item) => {
          const line = hexLine(bytes, item.index)
          return (
            <div key={item.key} style={{ transform: `translateY(${item.start}px)` }}>
              <span className={styles.hexOffset}>{line.offset}</span>
              {`  ${line.bytes}  `}
              <span className={styles.hexText}>{line.text}</span>
            </div>
          )
        })}
      </pre>
    </div>
  )
}
