import { Group, type LayoutChangedMeta, Panel, type PanelImperativeHandle, Separator } from 'react-resizable-panels'
import { type RefObject, useEffect, useRef } from 'react'
import { Canvas } from '../canvas/Canvas.tsx'
import { CompositionPane } from '../composition/CompositionPane.tsx'
import { restoreCompositionView, useCompositionView } from '../composition/view.ts'
import { Library } from '../library/Library.tsx'
import { panels } from '../panels.tsx'
import { useLayout } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { changeSettings, useSettings } from '../state/settings.ts'
import { Button } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { runCommand } from '../commands/registry.ts'
import { loadProject } from '../state/project.ts'
import { Drawer } from './Drawer.tsx'
import styles from './Workspace.module.css'

/** Pixels of the panes until the user moves their edges; a large window gives them that share of itself, up to `most`. */
const firstSizes = {
  library: { least: 236, share: 0.13, most: 320 },
  inspector: { least: 308, share: 0.17, most: 440 },
  drawer: { least: 284, share: 0.3, most: 420 },
}
type Pane = keyof typeof firstSizes

/** Larger text needs wider panes: how much larger it is than usual. */
function textScale(): number {
  return Math.min(2, Math.max(1, Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1))
}

/** Library, canvas over drawer, inspector: panes whose sizes are remembered. */
export function Workspace() {
  const status = useProject((project) => project.status)
  const loaded = useSettings((settings) => settings.loaded)
  if (status === 'failed') return <Failed />
  if (status === 'loading' || !loaded)
    return (
      <main className={styles.waiting}>
        <div className={styles.opening}>
          <Spinner size={20} label="Opening the project" />
          <span aria-hidden>Opening the project…</span>
        </div>
      </main>
    )
  return (
    <main className={styles.main}>
      <Panes />
    </main>
  )
}

function Panes() {
  const library = useRef<PanelImperativeHandle>(null)
  const inspector = useRef<PanelImperativeHandle>(null)
  const drawer = useRef<PanelImperativeHandle>(null)
  const { libraryOpen, inspectorOpen, drawerOpen } = useLayout()
  useEffect(() => {
    useLayout.setState({
      libraryOpen: wasOpen('library'),
      inspectorOpen: wasOpen('inspector'),
      drawerOpen: wasOpen('drawer'),
    })
    // From here on every opening and closing is meant; it is read off the panes once they have followed.
    return useLayout.subscribe((now, before) => {
      const same =
        now.libraryOpen === before.libraryOpen &&
        now.inspectorOpen === before.inspectorOpen &&
        now.drawerOpen === before.drawerOpen
      if (!same) requestAnimationFrame(() => remember({ library, inspector, drawer }))
    })
  }, [])
  useOpenState(library, libraryOpen)
  useOpenState(inspector, inspectorOpen)
  useOpenState(drawer, drawerOpen)
  const remembered = (_: unknown, { isUserInteraction }: LayoutChangedMeta): void => {
    if (isUserInteraction) remember({ library, inspector, drawer })
  }
  const Inspector = panels.inspector
  return (
    <Group className={styles.columns} orientation="horizontal" onLayoutChanged={remembered}>
      <Panel
        id="library"
        panelRef={library}
        className={styles.pane}
        defaultSize={firstSize('library')}
        minSize={200}
        maxSize={480}
        collapsible
        groupResizeBehavior="preserve-pixel-size"
        onResize={({ inPixels }) => followPane('libraryOpen', inPixels)}
      >
        {/* What is shut cannot be reached by Tab either. */}
        <div className={styles.fill} inert={!libraryOpen}>
          <Library />
        </div>
      </Panel>
      <Separator className={styles.vertical} aria-label="Width of the library" />
      <Panel id="centre" minSize={280}>
        <Group orientation="vertical" onLayoutChanged={remembered}>
          <Panel id="canvas" minSize={140}>
            <Stage />
          </Panel>
          <Separator className={styles.horizontal} aria-label="Height of the drawer" />
          <Panel
            id="drawer"
            panelRef={drawer}
            className={styles.pane}
            defaultSize={firstSize('drawer')}
            minSize={120}
            collapsible
            groupResizeBehavior="preserve-pixel-size"
            onResize={({ inPixels }) => followPane('drawerOpen', inPixels)}
          >
            <section className={styles.fill} aria-label="Drawer" inert={!drawerOpen}>
              <Drawer />
            </section>
          </Panel>
        </Group>
      </Panel>
      <Separator className={styles.vertical} aria-label="Width of the inspector" />
      <Panel
        id="inspector"
        panelRef={inspector}
        className={styles.pane}
        defaultSize={firstSize('inspector')}
        minSize={240}
        maxSize={720}
        collapsible
        groupResizeBehavior="preserve-pixel-size"
        onResize={({ inPixels }) => followPane('inspectorOpen', inPixels)}
      >
        <section className={styles.inspector} aria-label="Inspector" inert={!inspectorOpen}>
          <Inspector />
        </section>
      </Panel>
    </Group>
  )
}

/** The canvas, with the text and the world of the composition beside or below it when they are wanted. */
function Stage() {
  const { open, below: placedBelow } = useCompositionView()
  useEffect(restoreCompositionView, [])
  return (
    <Group
      // Sizes of the one direction mean nothing in the other.
      key={placedBelow ? 'below' : 'beside'}
      orientation={placedBelow ? 'vertical' : 'horizontal'}
    >
      <Panel id="stage-canvas" minSize={120}>
        <Canvas />
      </Panel>
      {open && (
        <>
          <Separator
            className={placedBelow ? styles.horizontal : styles.vertical}
            aria-label={placedBelow ? 'Height of text and world' : 'Width of text and world'}
          />
          <Panel id="stage-composition" className={styles.pane} minSize={placedBelow ? 120 : 260} defaultSize="45%">
            <section className={styles.fill} aria-label="Text and world">
              <CompositionPane below={placedBelow} />
            </section>
          </Panel>
        </>
      )}
    </Group>
  )
}

/** Keeps sizes and openness of the panes for the next start. */
function remember(panes: Readonly<Record<Pane, RefObject<PanelImperativeHandle | null>>>): void {
  const sizes: Record<string, number> = { ...useSettings.getState().panels }
  for (const [name, { current }] of Object.entries(panes)) {
    if (!current) continue
    const open = !current.isCollapsed()
    if (open) sizes[name] = Math.round(current.getSize().inPixels)
    sizes[`${name}.open`] = open ? 1 : 0
  }
  // Not worth a message: the panes are as they are, only the next start will not know.
  void changeSettings({ panels: sizes }).catch(() => undefined)
}

function firstSize(pane: Pane): number {
  const remembered = useSettings.getState().panels[pane]
  if (remembered !== undefined) return remembered
  const { least, share, most } = firstSizes[pane]
  const room = pane === 'drawer' ? window.innerHeight : window.innerWidth
  const wanted = Math.min(most, Math.max(least, Math.round(room * share)))
  if (pane === 'drawer') return Math.min(wanted, Math.round(room * 0.36))
  return Math.min(Math.round(wanted * textScale()), Math.round(room * 0.28))
}

/** Was the pane open the last time? At the first start the canvas gets the room of a small window. */
function wasOpen(pane: Pane): boolean {
  const remembered = useSettings.getState().panels[`${pane}.open`]
  return remembered === undefined ? pane !== 'inspector' || window.innerWidth >= 1180 : remembered === 1
}

/** A pane that was dragged shut is shut for the commands, too. */
function followPane(key: 'libraryOpen' | 'inspectorOpen' | 'drawerOpen', pixels: number): void {
  const open = pixels > 0
  if (useLayout.getState()[key] !== open) useLayout.setState({ [key]: open })
}

function useOpenState(pane: RefObject<PanelImperativeHandle | null>, open: boolean): void {
  useEffect(() => {
    const handle = pane.current
    if (!handle || handle.isCollapsed() !== open) return
    if (open) handle.expand()
    else handle.collapse()
  }, [pane, open])
}

function Failed() {
  const problem = useProject((project) => project.problem)
  return (
    <main className={styles.waiting}>
      <EmptyState
        title="The project could not be opened"
        actions={
          <>
            <Button onClick={() => void loadProject()}>Try again</Button>
            <Button onClick={() => void runCommand('file.openSample')}>Open the sample project</Button>
            <Button onClick={() => void runCommand('file.open')}>Open another folder…</Button>
          </>
        }
      >
        {problem && <ProblemNotice problem={problem} />}
      </EmptyState>
    </main>
  )
}
