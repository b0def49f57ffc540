import { freeImportName } from '../../src-engine/compose/role-names.ts'
import { shortName } from '../../src-engine/types/names.ts'
import { importFromWorld, renameWorldExport, renameWorldImport } from '../state/composition.ts'
import { graphOf } from '../state/document.ts'
import { useLayout } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { NameDialog } from '../ui/NameDialog.tsx'
import { importNameProblem, renameProblem } from './exports.ts'

const hint = 'An interface name such as my:service/api@1.0.0, or a plain name.'

/** Names of what the composition imports and exports. */
export function NameDialogs() {
  const dialog = useLayout((layout) => layout.dialog)
  if (dialog?.kind === 'rename-export')
    return (
      <NameDialog
        key={dialog.name}
        title="Rename export"
        label="Name of the export"
        hint={hint}
        name={dialog.name}
        onName={(name) => renameWorldExport(dialog.name, name)}
        check={(name) => renameProblem(dialog.name, name)}
      />
    )
  if (dialog?.kind === 'rename-import')
    return (
      <NameDialog
        key={dialog.name}
        title="Rename import"
        label="Name of the import"
        hint={hint}
        name={dialog.name}
        onName={(name) => renameWorldImport(dialog.name, name)}
        check={(name) => (name === dialog.name ? undefined : importNameProblem(name))}
      />
    )
  if (dialog?.kind === 'import-port') {
    const { instance, name } = dialog
    return (
      <NameDialog
        key={`${instance} ${name}`}
        title={`Import ${shortName(name)} from the world`}
        label="Name of the import"
        hint={hint}
        action="Import"
        name={freeImportName(graphOf(useProject.getState().tables), { instance, name })}
        onName={(as) => importFromWorld(instance, name, as)}
        check={importNameProblem}
      />
    )
  }
  return null
}
