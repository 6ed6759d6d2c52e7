'use client'
import { Redo2, Undo2 } from 'lucide-react'
import type { SettledEntry } from '@/contract/v1/adjudication'
import { Button } from '../ui/button'
import styles from './adjudicate.module.css'

interface Props {
  entries: readonly SettledEntry[]
  selected: string | null
  older: boolean
  onUndo: (entry: SettledEntry) => void
  onRedo: (entry: SettledEntry) => void
  onOlder: () => void
}

/** What the adjudicator decided, newest first; each row keeps its undo for good. */
export function SettledList({ entries, selected, older, onUndo, onRedo, onOlder }: Props) {
  if (entries.length === 0) return <p className={styles.quiet}>What you settle stands here, with its undo.</p>
  return (
    <>
      <ul className={styles.settled} aria-label="What I settled">
        {entries.map(entry => {
          const undone = entry.standing === 'undone'
          const words = entry.type === 'returned' ? entry.note : entry.texts.join(' / ')
          return (
            <li
              key={entry.eventId}
              data-settled={entry.eventId}
              data-selected={entry.eventId === selected || undefined}
              data-undone={undone || undefined}
            >
              <div>
                <strong dir="auto">{entry.title || 'An item that was erased'}</strong>
                <span>{stateOf(entry)}</span>
                {words ? (
                  <p dir="auto" className={styles.words}>
                    {words}
                  </p>
                ) : null}
              </div>
              {undone ? (
                <Button size="small" icon={<Redo2 />} onClick={() => onRedo(entry)}>
                  Redo
                </Button>
              ) : (
                <Button size="small" icon={<Undo2 />} onClick={() => onUndo(entry)}>
                  Undo
                </Button>
              )}
            </li>
          )
        })}
      </ul>
      {older ? (
        <Button size="small" onClick={onOlder}>
          Older
        </Button>
      ) : null}
    </>
  )
}

function stateOf({ type, standing, resolves, queueName }: SettledEntry): string {
  if (standing === 'undone') return `Undone · ${queueName}`
  if (type === 'returned') return `Sent back · ${queueName}`
  return `${resolves ? 'Settled' : 'Settled, and open again since'} · ${queueName}`
}
