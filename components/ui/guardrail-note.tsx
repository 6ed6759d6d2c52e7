import { ShieldAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './note.module.css'

export interface GuardrailNoteProps {
  title?: string
  /** Why, in words its reader may see, and what they can do themselves. */
  children: ReactNode
}

/** A suggestion that was held back, and why. */
export function GuardrailNote({ title = 'No suggestion for this one.', children }: GuardrailNoteProps) {
  return (
    <div className={styles.note} data-tone="caution">
      <p className={styles.title}>
        <ShieldAlert aria-hidden />
        <span>{title}</span>
      </p>
      <div className={styles.detail}>{children}</div>
    </div>
  )
}
