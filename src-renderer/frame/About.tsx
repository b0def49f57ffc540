import { closeDialog, useLayout } from '../state/layout.ts'
import { useSession } from '../state/session.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { Logo } from '../ui/Logo.tsx'
import styles from './About.module.css'

/** What this is and on what it runs. */
export function About() {
  const open = useLayout((layout) => layout.dialog?.kind === 'about')
  const workbench = useSession((session) => session.workbench)
  return (
    <Dialog
      open={open}
      onClose={closeDialog}
      title="About Patchbay"
      width="26rem"
      description="The workbench for WebAssembly components."
    >
      <div className={styles.head}>
        <Logo size={44} />
        <strong>Patchbay {workbench?.version}</strong>
      </div>
      <dl className={styles.versions} data-selectable>
        {Object.entries(workbench?.versions ?? {}).map(([name, version]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{version}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
