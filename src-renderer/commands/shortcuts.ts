import { commandForKeys, runCommand } from './registry.ts'

/** Listens for the shortcuts of all commands. Returns the function that ends it. */
export function startShortcuts(): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    const typing = isTyping(event.target)
    const command = commandForKeys(event, typing)
    if (!command) return
    // A field keeps its own undo, clipboard and selection; so does an editor.
    if (typing && /^edit\.(undo|redo|cut|copy|paste|selectAll|delete|duplicate)$/.test(command.id)) return
    // The clipboard comes as events of its own, which carry the data.
    if (/^edit\.(cut|copy|paste)$/.test(command.id)) return
    // Behind an open dialog nothing else is meant.
    if (document.querySelector('[role="dialog"][data-state="open"]') && !event.ctrlKey && !event.metaKey) return
    // Enter and Space on a button press that button.
    if ((event.key === 'Enter' || event.key === ' ') && isControl(event.target) && !event.ctrlKey && !event.metaKey)
      return
    event.preventDefault()
    void runCommand(command.id)
  }
  window.addEventListener('keydown', press)
  return () => window.removeEventListener('keydown', press)
}

/** Is the focus where characters go into a text? */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.closest('.monaco-editor')) return true
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)
}

function isControl(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('button, a, [role="menuitem"], [role="option"], [role="tab"]') !== null
  )
}
