'use client'
import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './note.module.css'
import { PlainButton } from './plain-button'

export interface ErrorNoteProps {
  /** What failed and what is safe: “That didn’t save. Your text is safe here.” */
  title: string
  /** What to do next, where a retry is not the whole answer. */
  children?: ReactNode
  onRetry?: () => void
  retryLabel?: string
  busy?: boolean
  /** The error code, small, for whoever is asked about it. */
  code?: string
}

/** Stands where it failed, says what is safe, offers one retry. */
export function ErrorNote({
  title,
  children,
  onRetry,
  retryLabel = 'Try again',
  busy,
  code,
}: ErrorNoteProps) {
  return (
    <div className={styles.note} data-tone="error" role="alert">
      <p className={styles.title}>
        <CircleAlert aria-hidden />
        <span>{title}</span>
      </p>
      {children ? <div className={styles.detail}>{children}</div> : null}
      {onRetry || code ? (
        <div className={styles.actions}>
          {onRetry ? (
            <PlainButton size="small" busy={busy} onClick={onRetry}>
              {retryLabel}
            </PlainButton>
          ) : null}
          {code ? (
            <span className={styles.code}>
              Code <code>{code}</code>
            </span>
          ) : null}
        </div>
      ) : null}
    </div>
  )
}
