import { create } from 'zustand'

export type DrawerTab = 'console' | 'playground' | 'problems' | 'build' | 'command'

interface Layout {
  readonly drawerTab: DrawerTab
  readonly drawerOpen: boolean
  readonly libraryOpen: boolean
  readonly inspectorOpen: boolean
  /** Which inspector tab is shown; the inspector itself names them. */
  readonly inspectorTab: string
  readonly dialog: OpenDialog | undefined
}

/** The dialog on top of everything; at most one. */
export type OpenDialog =
  | { readonly kind: 'palette' }
  | { readonly kind: 'new-component' }
  | { readonly kind: 'rename-project-item'; readonly id: string }
  | { readonly kind: 'rename-instance'; readonly instance: string }
  | { readonly kind: 'rename-export'; readonly name: string }
  | { readonly kind: 'rename-import'; readonly name: string }
  /** An import of an instance that is to become one of the composition. */
  | { readonly kind: 'import-port'; readonly instance: string; readonly name: string }
  | { readonly kind: 'target-world' }
  /** What of an instance is exported; `port` is where the choice begins. */
  | { readonly kind: 'exports'; readonly instance: string; readonly port?: string }
  /** Two components, or two versions of one, item by item; `other` may be chosen in the dialog. */
  | { readonly kind: 'compare'; readonly id: string; readonly other?: string }
  | { readonly kind: 'remove-item'; readonly id: string }
  /** Limits, grants and routes of a run; those of one handler, with the field that is wanted. */
  | { readonly kind: 'run-settings'; readonly handler?: string; readonly field?: 'allowHosts' | 'allowNet' }
  /** What requests share under each isolation. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'about' }

export const useLayout = create<Layout>()(() => ({
  drawerTab: 'console',
  drawerOpen: true,
  libraryOpen: true,
  inspectorOpen: true,
  inspectorTab: 'overview',
  dialog: undefined,
}))

export function showDrawer(tab: DrawerTab): void {
  useLayout.setState({ drawerTab: tab, drawerOpen: true })
}

export function openDialog(dialog: OpenDialog): void {
  useLayout.setState({ dialog })
}

export function closeDialog(): void {
  useLayout.setState({ dialog: undefined })
}

/** Shows the source of a component in the Build tab; the panel reads which one from `useBuild`. */
export function showInspector(tab?: string): void {
  useLayout.setState({ inspectorOpen: true, ...(tab === undefined ? {} : { inspectorTab: tab }) })
}
