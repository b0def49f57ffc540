import { create } from 'zustand'

const useAnnouncement = create<{ readonly text: string; readonly count: number }>()(() => ({ text: '', count: 0 }))

/** Says something to those who do not see the canvas. */
export function announce(text: string): void {
  useAnnouncement.setState(({ count }) => ({ text, count: count + 1 }))
}

/** Once in the window. */
export function Announcer() {
  const { text, count } = useAnnouncement()
  return (
    // At the top: beneath the last bar it would make the page a pixel higher than the window.
    <div className="visually-hidden" style={{ top: 0 }} role="status" aria-live="polite" data-testid="announcer">
      {/* A new element each time, so that the same sentence is read again. */}
      <span key={count}>{text}</span>
    </div>
  )
}
