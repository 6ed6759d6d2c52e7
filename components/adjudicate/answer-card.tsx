import { Check } from 'lucide-react'
import type { AnonymousAnswer } from '@/contract/v1/adjudication'
import { Keycap } from '../ui/keycap'
import { WordDiff } from '../ui/word-diff'
import styles from './adjudicate.module.css'

interface Props {
  answer: AnonymousAnswer
  at: number
  picked: boolean
  /** What the others are held against; null on the card itself. */
  reference: { label: string; text: string } | null
  stopped: boolean
  onPick: () => void
}

const standWords = { right: null, usable: 'Usable, not quite right', nothing: 'Nothing acceptable' }

/** What one annotator said, in words alone; a press picks it. */
export function AnswerCard({ answer, at, picked, reference, stopped, onPick }: Props) {
  const [text] = answer.texts
  const differs = reference !== null && text !== undefined && text !== reference.text
  return (
    <li className={styles.card} data-picked={picked || undefined}>
      <button
        type="button"
        aria-pressed={picked}
        aria-disabled={stopped || undefined}
        aria-label={`Pick annotator ${answer.label}`}
        aria-keyshortcuts={String(at + 1)}
        className={styles.pick}
        onClick={() => {
          if (!stopped) onPick()
        }}
      >
        <Keycap chord={String(at + 1)} decorative />
        <span>Annotator {answer.label}</span>
        {picked ? (
          <span className={styles.mark}>
            <Check aria-hidden /> picked
          </span>
        ) : null}
        {answer.seconds === null ? null : <small>{answer.seconds} s</small>}
      </button>
      {answer.texts.map(one => (
        <p key={one} dir="auto" className={styles.text}>
          {one}
        </p>
      ))}
      {standWords[answer.stand] ? <p className={styles.stand}>{standWords[answer.stand]}</p> : null}
      {answer.comment ? (
        <p className={styles.comment}>
          Comment: <q dir="auto">{answer.comment}</q>
        </p>
      ) : null}
      <div className={styles.diff}>
        {differs ? (
          <>
            <small>Against {reference.label}</small>
            <WordDiff before={reference.text} after={text} />
          </>
        ) : null}
      </div>
    </li>
  )
}
