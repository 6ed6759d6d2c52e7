import { CloudOff } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './note.module.css'

export interface OfflineNoteProps {
  /** Decisions waiting on this device. */
  waiting: number
  children?: ReactNode
}

/** How it reads in a sentence and in the lane. */
export function offlineWords(waiting: number): string {
  if (waiting === 0) return 'Offline. Nothing is waiting.'
  return `Offline. ${waiting} ${waiting === 1 ? 'decision waits' : 'decisions wait'} on this device.`
}

export function OfflineNote({ waiting, children }: OfflineNoteProps) {
  return (
    <div className={styles.note} role="status">
      <p className={styles.title}>
        <CloudOff aria-hidden />
        <span>{offlineWords(waiting)}</span>
      </p>
      <div className={styles.detail}>
        {children ?? 'They send by themselves, in order. Undo works as usual.'}
      </div>
    </div>
  )
}
