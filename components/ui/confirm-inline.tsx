'use client'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button, type ButtonProps } from './button'
import styles from './confirm-inline.module.css'

export interface ConfirmInlineProps
  extends Pick<ButtonProps, 'kind' | 'size' | 'icon' | 'keyHint' | 'disabledReason'> {
  /** The button at rest: “Remove”. */
  label: string
  /** Asked in the same place: “Remove Ana from this project?” */
  question: ReactNode
  confirmLabel: string
  cancelLabel?: string
  onConfirm: () => void | Promise<void>
  danger?: boolean
}

/** Asks where the thing is. Escape or Cancel gives the button back, with focus on it. */
export function ConfirmInline({
  label,
  question,
  confirmLabel,
  cancelLabel = 'Cancel',
  onConfirm,
  danger = false,
  kind = 'quiet',
  size,
  icon,
  keyHint,
  disabledReason,
}: ConfirmInlineProps) {
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const trigger = useRef<HTMLButtonElement>(null)
  const cancel = useRef<HTMLButtonElement>(null)
  const wasAsking = useRef(false)
  useEffect(() => {
    if (asking) cancel.current?.focus()
    else if (wasAsking.current) trigger.current?.focus()
    wasAsking.current = asking
  }, [asking])
  if (!asking) {
    return (
      <Button
        ref={trigger}
        {...{ kind, size, icon, keyHint, disabledReason }}
        onClick={() => setAsking(true)}
      >
        {label}
      </Button>
    )
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a question with two answers is a group, not a form part.
    <span
      role="group"
      aria-label={label}
      className={styles.ask}
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        setAsking(false)
      }}
    >
      <span className={styles.question}>{question}</span>
      <Button ref={cancel} size={size} onClick={() => setAsking(false)}>
        {cancelLabel}
      </Button>
      <Button
        kind={danger ? 'danger' : 'primary'}
        size={size}
        busy={busy}
        onClick={async () => {
          setBusy(true)
          try {
            await onConfirm()
          } finally {
            setBusy(false)
            setAsking(false)
          }
        }}
      >
        {confirmLabel}
      </Button>
    </span>
  )
}
