import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { Button } from './Button.tsx'
import styles from './Dialog.module.css'

export interface DialogProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly description?: ReactNode
  /** CSS width, default 32rem. */
  readonly width?: string
  readonly footer?: ReactNode
  readonly children?: ReactNode
  readonly testId?: string
  /** Nothing in it takes the focus: the content itself does, so that keys scroll it. */
  readonly reading?: boolean
}

/** A modal dialog: keeps the focus, closes on Escape, gives the focus back. */
export function Dialog({ open, onClose, title, description, width, footer, children, testId, reading }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.overlay} />
        <Radix.Content
          className={styles.content}
          style={width === undefined ? undefined : ({ '--dialog-width': width } as Record<string, string>)}
          data-testid={testId}
          data-modal=""
          onOpenAutoFocus={focusContent}
          onInteractOutside={keepForToasts}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <div className={styles.header}>
            <Radix.Title className={styles.title}>{title}</Radix.Title>
            <Radix.Close asChild>
              {/* No tooltip: it would take the Escape that is meant for the dialog. */}
              <Button look="plain" size="small" className={styles.close} aria-label="Close">
                <X size={15} />
              </Button>
            </Radix.Close>
          </div>
          {description !== undefined && (
            <Radix.Description className={styles.description}>{description}</Radix.Description>
          )}
          {children !== undefined && (
            <div className={styles.body} {...(reading ? { tabIndex: 0 } : {})}>
              {children}
            </div>
          )}
          {footer !== undefined && <div className={styles.footer}>{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** A field with `autoFocus` has the focus already; else the dialog itself takes it, not its first button. */
function focusContent(event: Event): void {
  event.preventDefault()
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
}

/** Whoever answers a toast, or closes it, is not through with the dialog. */
function keepForToasts(event: Event): void {
  if (event.target instanceof Element && event.target.closest('[data-sonner-toaster]')) event.preventDefault()
}
