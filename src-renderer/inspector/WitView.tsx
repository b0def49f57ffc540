import { CodeEditor } from '../editor/CodeEditor.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Button } from '../ui/Button.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { useWit } from './answers.ts'
import styles from './inspector.module.css'

/** The world of a component as WIT. */
export function WitView({ hash }: { readonly hash: string | undefined }) {
  const answer = useWit(hash === undefined ? undefined : { hash })
  if (hash === undefined) return <EmptyState title="No WIT yet">The file is not there to be read.</EmptyState>
  switch (answer.state) {
    case 'loading':
      return (
        <div className={styles.waiting}>
          <Spinner label="Reading the WIT" />
        </div>
      )
    case 'failed':
      return (
        <div className={styles.page}>
          <ProblemNotice
            problem={answer.problem}
            actions={
              <Button size="small" onClick={answer.retry}>
                Try again
              </Button>
            }
          />
        </div>
      )
    case 'ready':
      return (
        <div className={styles.fill} data-testid="inspector-wit">
          <CodeEditor
            label="WIT"
            value={answer.output.wit}
            language="wit"
            path={`wit-${hash}.wit`}
            readOnly
            lineNumbers={false}
          />
        </div>
      )
  }
}
