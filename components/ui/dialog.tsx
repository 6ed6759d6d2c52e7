'use client'
import { AlertDialog as Parts } from 'radix-ui'
import type { ReactNode } from 'react'
import { Button } from './button'
import styles from './dialog.module.css'

export interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** What will happen and what can't be taken back. */
  children: ReactNode
  confirmLabel: string
  onConfirm: () => void
  busy?: boolean
  disabledReason?: string | null
  danger?: boolean
}

/** Only for deleting a project or rotating a key; everything else confirms inline. */
export function Dialog({
  open,
  onOpenChange,
  title,
  children,
  confirmLabel,
  onConfirm,
  busy,
  disabledReason,
  danger = true,
}: DialogProps) {
  return (
    <Parts.Root open={open} onOpenChange={onOpenChange}>
      <Parts.Portal>
        <Parts.Overlay className={styles.overlay} />
        <Parts.Content className={styles.dialog}>
          <Parts.Title className={styles.title}>{title}</Parts.Title>
          <Parts.Description asChild>
            <div className={styles.words}>{children}</div>
          </Parts.Description>
          <div className={styles.actions}>
            <Parts.Cancel asChild>
              <Button>Cancel</Button>
            </Parts.Cancel>
            <Button
              kind={danger ? 'danger' : 'primary'}
              busy={busy}
              disabledReason={disabledReason}
              onClick={onConfirm}
            >
              {confirmLabel}
            </Button>
          </div>
        </Parts.Content>
      </Parts.Portal>
    </Parts.Root>
  )
}
