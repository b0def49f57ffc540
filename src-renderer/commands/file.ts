import { BookOpen, FilePlus2, FolderOpen, PackagePlus, Save, SaveAll } from 'lucide-react'
import { askFolder, askSave } from '../library/ask.ts'
import { graphOf, mutable } from '../state/document.ts'
import { adoptProject, currentDocument, saveProject, useProject } from '../state/project.ts'
import { loadRecent } from '../state/recent.ts'
import { runGraph } from '../state/run-target.ts'
import { client } from '../state/session.ts'
import { mergeItems } from '../library/place-item.ts'
import { formatBytes } from '../ui/format.ts'
import { notify } from '../ui/notify.tsx'
import { type Context, projectOpen } from './context.ts'
import type { Command } from './registry.ts'
import { selectLibraryItem } from '../state/selection.ts'
import type { ProjectState } from '../../src-preload/contract.ts'

const writable = (context: Context): true | string => {
  const open = projectOpen(context)
  return open === true ? (context.project.readOnly?.message ?? true) : open
}

function somethingOnCanvas(context: Context): true | string {
  return Object.keys(context.project.tables.instances).length > 0 || 'Nothing is on the canvas.'
}

/** Projects and what is made of them. */
export const fileCommands: readonly Command[] = [
  {
    id: 'file.new',
    label: 'New project…',
    icon: FilePlus2,
    run: async () => {
      const path = await askFolder('Folder of the new project')
      if (path === undefined) return
      const name = path.split(/[/\\]/).findLast((part) => part !== '') ?? 'Project'
      await switchTo(() => client().call('project.create', { path, name }))
    },
  },
  {
    id: 'file.open',
    label: 'Open folder…',
    icon: FolderOpen,
    keys: ['Mod+O'],
    keywords: 'project',
    run: async () => {
      const path = await askFolder('Open a project or a folder with components')
      if (path !== undefined) await switchTo(() => client().call('project.open', { path }))
    },
  },
  {
    id: 'file.openRecent',
    label: 'Open recent',
    palette: false,
    run: async (_, path) => {
      if (path !== undefined) await switchTo(() => client().call('project.open', { path }))
    },
  },
  {
    id: 'file.openSample',
    label: 'Open the sample project',
    icon: BookOpen,
    keywords: 'tutorial example first steps',
    run: () => switchTo(() => client().call('project.openSample', {})),
  },
  {
    id: 'file.save',
    label: 'Save',
    icon: Save,
    keys: ['Mod+S'],
    when: writable,
    run: async () => {
      await saveProject()
      notify('Saved')
    },
  },
  {
    id: 'file.saveAs',
    label: 'Save a copy as…',
    icon: SaveAll,
    keys: ['Mod+Shift+S'],
    when: projectOpen,
    run: async () => {
      const document = currentDocument()
      const folder = await askFolder('Folder for the copy of the project')
      if (document && folder !== undefined) await switchTo(() => client().call('project.saveAs', { document, folder }))
    },
  },
  {
    id: 'composition.save',
    label: 'Compose and save as .wasm…',
    icon: PackagePlus,
    keys: ['Mod+E'],
    keywords: 'export compose write component',
    when: somethingOnCanvas,
    run: async ({ project }) => {
      const path = await askSave('Save the composed component', `${fileName(project.name)}.wasm`)
      if (path === undefined) return
      const graph = mutable(runGraph(graphOf(project.tables)).graph)
      const saved = await client().call('composition.save', { graph, path })
      notify(`Composed ${formatBytes(saved.size)}`, { detail: saved.path })
    },
  },
  {
    id: 'composition.toLibrary',
    label: 'Compose into the library',
    icon: PackagePlus,
    keywords: 'compose component project',
    when: somethingOnCanvas,
    run: async ({ project }) => {
      const graph = mutable(runGraph(graphOf(project.tables)).graph)
      const { item } = await client().call('composition.toLibrary', {
        graph,
        name: `${fileName(project.name)}-composed`,
      })
      mergeItems([item])
      selectLibraryItem(item.id)
      notify(`Added ${item.name} to the library`)
    },
  },
]

function fileName(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'composition'
  )
}

/** Opens another project; unsaved work of this one is in the workbench's journal before it goes. */
async function switchTo(open: () => Promise<ProjectState>): Promise<void> {
  const document = currentDocument()
  const { dirty } = useProject.getState()
  if (dirty && document) await client().call('project.update', { document })
  adoptProject(await open())
  await loadRecent()
}
