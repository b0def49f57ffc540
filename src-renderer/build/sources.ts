import { create } from 'zustand'
import { problemOf } from '../../src-engine/error.ts'
import type { CallOutput, Problem } from '../../src-preload/contract.ts'
import type { Client } from '../state/client.ts'
import {
  type FileDraft,
  afterWrite,
  draftKey,
  keepMine,
  meetDisk,
  restoreDrafts,
  stateOf,
  storeDrafts,
  takeDisk,
  withText,
} from './drafts.ts'

type SourceFile = CallOutput<'build.files'>['files'][number]

interface Sources {
  /** Whose sources are shown; undefined = the view is closed. */
  readonly component: string | undefined
  readonly files: readonly SourceFile[]
  readonly path: string | undefined
  readonly drafts: Readonly<Record<string, FileDraft>>
  readonly loading: boolean
  /** Why a file or the list could not be read or written. */
  readonly problem: Problem | undefined
  /** Where to go in the file that is shown. */
  readonly reveal: { readonly line: number; readonly column?: number } | undefined
  /** Drafts are kept apart by project folder. Call when a project was opened. */
  enter(folder: string): void
  /** Shows a component's sources, at this file or the one last shown. */
  open(
    client: Client,
    component: string,
    path?: string,
    reveal?: { readonly line: number; readonly column?: number },
  ): Promise<void>
  close(): void
  edit(text: string): void
  /** Writes the shown file, unless it changed on disk meanwhile: then it is in conflict, and nothing is lost. Tells whether it is on disk. */
  save(client: Client): Promise<boolean>
  /** Writes every edited file of a component. Tells whether all are on disk. */
  saveAll(client: Client, component: string): Promise<boolean>
  /** Looks at the disk again, as after a switch back to the window. */
  refresh(client: Client): Promise<void>
  settle(choice: 'mine' | 'disk'): void
}

const lastPath = new Map<string, string>()
let storageKey: string | undefined

export const useSources = create<Sources>()((set, get) => {
  const put = (component: string, path: string, change: (draft: FileDraft | undefined) => FileDraft): void => {
    const key = draftKey(component, path)
    set(({ drafts }) => ({ drafts: { ...drafts, [key]: change(drafts[key]) } }))
  }
  const read = async (client: Client, component: string, path: string): Promise<void> => {
    const { text } = await client.call('build.read', { component, path })
    put(component, path, (draft) => meetDisk(draft, text))
  }
  const write = async (client: Client, component: string, path: string): Promise<boolean> => {
    const key = draftKey(component, path)
    // A file that vanished is written anew, as editors do; any other failure to look stops us.
    await read(client, component, path).catch((thrown: unknown) => {
      if (problemOf(thrown).code !== 'input.not-found') throw thrown
    })
    const draft = get().drafts[key]
    if (!draft || stateOf(draft) === 'conflict') return false
    if (stateOf(draft) === 'clean') return true
    await client.call('build.write', { component, path, text: draft.text })
    put(component, path, (now) => afterWrite(now ?? draft, draft.text))
    return true
  }
  return {
    component: undefined,
    files: [],
    path: undefined,
    drafts: {},
    loading: false,
    problem: undefined,
    reveal: undefined,

    enter: (folder) => {
      const key = `patchbay.drafts ${folder}`
      if (storageKey === key) return
      storageKey = key
      lastPath.clear()
      set({
        component: undefined,
        files: [],
        path: undefined,
        drafts: restoreDrafts(stored(key)),
        problem: undefined,
        reveal: undefined,
      })
    },

    open: async (client, component, path, reveal) => {
      const known = get().component === component ? get().files : []
      set({ component, files: known, path: path ?? lastPath.get(component), loading: true, problem: undefined, reveal })
      try {
        const { files } = await client.call('build.files', { component })
        if (get().component !== component) return
        const wanted = path ?? lastPath.get(component)
        const sorted = inOrder(files)
        const chosen = files.some((file) => file.path === wanted) ? wanted : sorted[0]?.path
        set({ files: sorted, path: chosen })
        if (chosen === undefined) return
        lastPath.set(component, chosen)
        await read(client, component, chosen)
      } catch (thrown) {
        set({ problem: problemOf(thrown) })
      } finally {
        if (get().component === component) set({ loading: false })
      }
    },
    close: () => set({ component: undefined, files: [], path: undefined, problem: undefined, reveal: undefined }),

    edit: (text) => {
      const { component, path } = get()
      if (component !== undefined && path !== undefined)
        put(component, path, (draft) => withText(draft ?? { base: '', text: '' }, text))
    },
    save: async (client) => {
      const { component, path } = get()
      if (component === undefined || path === undefined) return true
      try {
        set({ problem: undefined })
        return await write(client, component, path)
      } catch (thrown) {
        set({ problem: problemOf(thrown) })
        return false
      }
    },
    saveAll: async (client, component) => {
      const edited = Object.entries(get().drafts).filter(
        ([key, draft]) => key.startsWith(`${component}\n`) && stateOf(draft) !== 'clean',
      )
      let all = true
      for (const [key] of edited) {
        const path = key.slice(component.length + 1)
        try {
          if (await write(client, component, path)) continue
          set({ component, path, problem: undefined })
        } catch (thrown) {
          set({ component, path, problem: problemOf(thrown) })
        }
        all = false
      }
      return all
    },
    refresh: async (client) => {
      const { component, path } = get()
      if (component === undefined) return
      try {
        const { files } = await client.call('build.files', { component })
        if (get().component !== component) return
        set({ files: inOrder(files) })
        if (path !== undefined && files.some((file) => file.path === path)) await read(client, component, path)
      } catch (thrown) {
        set({ problem: problemOf(thrown) })
      }
    },
    settle: (choice) => {
      const { component, path } = get()
      if (component === undefined || path === undefined) return
      put(component, path, (draft) =>
        choice === 'mine' ? keepMine(draft ?? { base: '', text: '' }) : takeDisk(draft ?? { base: '', text: '' }),
      )
    },
  }
})

// What is not on disk outlives the window: a closed or crashed window opens with it again.
useSources.subscribe((state, before) => {
  if (storageKey === undefined || state.drafts === before.drafts) return
  try {
    const text = storeDrafts(state.drafts)
    if (text === '{}') localStorage.removeItem(storageKey)
    else localStorage.setItem(storageKey, text)
  } catch {
    // Storage is full or denied: the drafts still live in this window.
  }
})

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/** Sources first, then manifests and interface text; what was generated or comes from elsewhere last. */
function rankOf(path: string): number {
  const depth = path.split('/').length
  if (isForeign(path)) return 100 + depth
  if (path.endsWith('.wit')) return 20 + depth
  return /\.(?:[jt]s|c|cc|cpp|rs|go|py|wat)$/.test(path) && !path.endsWith('.d.ts') ? depth : 40 + depth
}

/** Interface packages and type declarations that came with the template: there to be read, rarely to be edited. */
export function isForeign(path: string): boolean {
  return /^(?:wit\/deps|types)\//.test(path)
}

function inOrder(files: readonly SourceFile[]): SourceFile[] {
  return files.toSorted((left, right) => rankOf(left.path) - rankOf(right.path) || left.path.localeCompare(right.path))
}

/** Paths of a component's files that are edited or in conflict. */
export function unsavedPaths(
  drafts: Readonly<Record<string, FileDraft>>,
  component: string,
): Map<string, 'edited' | 'conflict'> {
  const unsaved = new Map<string, 'edited' | 'conflict'>()
  for (const [key, draft] of Object.entries(drafts)) {
    const state = stateOf(draft)
    if (key.startsWith(`${component}\n`) && state !== 'clean') unsaved.set(key.slice(component.length + 1), state)
  }
  return unsaved
}
