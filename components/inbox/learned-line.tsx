'use client'
import { GraduationCap } from 'lucide-react'
import { useState } from 'react'
import type { Learned } from '@/contract/v1/suggest'
import { ImpactQuestion } from './impact-question'
import styles from './learned-line.module.css'

interface Taught {
  eventId: string
  exposureId: string
  itemId: string
}

interface Props {
  learned: Learned | null
  /** Takes back what it was learned from. */
  onUndo: (taught: Taught) => void
}

/** Where a suggestion was learned from; what the person taught themself they can take back here. */
export function LearnedLine({ learned, onUndo }: Props) {
  const [asking, setAsking] = useState(false)
  if (!learned) return null
  const { eventId, exposureId, itemId } = learned
  const taught =
    learned.from === 'you' && eventId && exposureId && itemId ? { eventId, exposureId, itemId } : null
  return (
    <div className={styles.line}>
      <span className={styles.words}>
        <GraduationCap aria-hidden />
        {wordsFor(learned)}
      </span>
      {taught && !asking ? (
        <button type="button" className={styles.undo} onClick={() => setAsking(true)}>
          Undo
        </button>
      ) : null}
      {taught && asking ? (
        <ImpactQuestion
          eventId={taught.eventId}
          onKeep={() => setAsking(false)}
          onUndo={() => {
            setAsking(false)
            onUndo(taught)
          }}
        />
      ) : null}
    </div>
  )
}

function wordsFor({ from, at }: Learned): string {
  if (from === 'shared') return 'Shared in this project'
  if (from === 'training') return 'Learned in training'
  return at ? `Learned from your correction of ${dayOf(at)}` : 'Learned from your correction'
}

/** “12 October”, with the year where it is not this one. */
function dayOf(at: string): string {
  const date = new Date(at)
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : ('numeric' as const)
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year })
}
