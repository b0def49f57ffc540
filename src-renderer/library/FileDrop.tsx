import { Download } from 'lucide-react'
import { useEffect, useState } from 'react'
import { flow } from '../canvas/flow.ts'
import { problemOf } from '../../src-engine/error.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { addInstanceOf } from '../state/composition.ts'
import { client } from '../state/session.ts'
import { selectLibraryItem } from '../state/selection.ts'
import { notify, showProblem } from '../ui/notify.tsx'
import { mergeItems } from './place-item.ts'
import styles from './FileDrop.module.css'

/** Takes .wasm files dropped from the file manager anywhere in the window; over the canvas they become instances there. */
export function FileDrop() {
  const [over, setOver] = useState(false)
  useEffect(() => {
    // Leaving a child fires, too: the depth tells when the pointer really left.
    let depth = 0
    const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true
    const enter = (event: DragEvent): void => {
      if (!carriesFiles(event)) return
      depth++
      setOver(true)
    }
    const leave = (event: DragEvent): void => {
      if (!carriesFiles(event)) return
      depth = Math.max(0, depth - 1)
      if (depth === 0) setOver(false)
    }
    const hold = (event: DragEvent): void => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    }
    const drop = (event: DragEvent): void => {
      depth = 0
      setOver(false)
      if (!carriesFiles(event) || !event.dataTransfer) return
      event.preventDefault()
      const onCanvas = event.target instanceof Element && event.target.closest('.react-flow') !== null
      const place = onCanvas ? flow()?.screenToFlowPosition({ x: event.clientX, y: event.clientY }) : undefined
      void takeFiles([...event.dataTransfer.files], place)
    }
    window.addEventListener('dragenter', enter)
    window.addEventListener('dragleave', leave)
    window.addEventListener('dragover', hold)
    window.addEventListener('drop', drop)
    return () => {
      window.removeEventListener('dragenter', enter)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('dragover', hold)
      window.removeEventListener('drop', drop)
    }
  }, [])
  if (!over) return null
  return (
    <div className={styles.overlay} data-testid="file-drop">
      <div className={styles.card}>
        <Download size={26} aria-hidden />
        <strong>Drop components here</strong>
        <span>They are copied into the project; over the canvas they land where you drop them.</span>
      </div>
    </div>
  )
}

/** Takes files into the project; with a place their instances go onto the canvas there, one beneath the other. */
export async function takeFiles(
  files: readonly File[],
  place?: { readonly x: number; readonly y: number },
): Promise<void> {
  for (const [index, file] of files.entries()) {
    try {
      const path = client().pathOf(file)
      const items =
        path === undefined
          ? [
              (
                await client().call('components.addBytes', {
                  name: file.name,
                  bytes: new Uint8Array(await file.arrayBuffer()),
                })
              ).item,
            ]
          : (await client().call('components.add', { paths: [path] })).items
      takeItems(items, place && { x: place.x, y: place.y + index * 220 })
    } catch (thrown) {
      showProblem(problemOf(thrown))
    }
  }
}

/** Shows what came into the project: problems as such, the rest selected, and on the canvas when there is a place. */
export function takeItems(items: readonly LibraryItem[], place?: { readonly x: number; readonly y: number }): void {
  mergeItems(items)
  for (const [index, item] of items.entries()) {
    if (item.problem) showProblem(item.problem)
    else if (place && item.status === 'ready') addInstanceOf(item, { x: place.x, y: place.y + index * 220 })
    else notify(`Added ${item.name}`)
    if (!place) selectLibraryItem(item.id)
  }
}
