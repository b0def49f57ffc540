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
    <div className="visually-hidden" role="status" aria-live="polite" data-testid="announcer">
      {/* A new element each time, so that the same sentence is read again. */}
      <span key={count}>{text}</span>
    </div>
  )
}
