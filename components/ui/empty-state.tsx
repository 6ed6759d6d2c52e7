import type { ReactNode } from 'react'
import styles from './note.module.css'

export interface EmptyStateProps {
  /** What is true: “Nothing left to review.” */
  title: string
  /** What comes next. */
  children?: ReactNode
  /** One button or link. */
  action?: ReactNode
}

export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className={styles.note}>
      <p className={styles.serifTitle}>{title}</p>
      {children ? <div className={styles.detail}>{children}</div> : null}
      {action ? <div className={styles.actions}>{action}</div> : null}
    </div>
  )
}
