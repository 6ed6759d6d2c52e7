import { Check } from 'lucide-react'
import { useId } from 'react'
import type { AnonymousAnswer } from '@/contract/v1/adjudication'
import { Keycap, useShortcut } from '../ui/keycap'
import styles from './adjudicate.module.css'
import { type Difference, spokenDifference } from './differences'

interface Props {
  answer: AnonymousAnswer
  at: number
  picked: boolean
  difference: Difference
  stopped: boolean
  onPick: () => void
}

const standWords = { right: null, usable: 'Usable, not quite right', nothing: 'Nothing acceptable' }

/** What one annotator said, in words alone, with what sets it apart underlined; a press picks it. */
export function AnswerCard({ answer, at, picked, difference, stopped, onPick }: Props) {
  const saidId = useId()
  const shortcut = useShortcut(String(at + 1))
  const stand = standWords[answer.stand]
  return (
    <li className={styles.card} data-picked={picked || undefined}>
      <button
        type="button"
        aria-pressed={picked}
        aria-disabled={stopped || undefined}
        aria-label={`Pick annotator ${answer.label}`}
        aria-describedby={saidId}
        aria-keyshortcuts={shortcut}
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
      <span id={saidId} className="visually-hidden">
        {spokenDifference(difference)}
      </span>
      {difference.texts.map((runs, place) => (
        <p key={answer.texts[place]} dir="auto" className={styles.text}>
          {runs.map((run, key) =>
            run.differs ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: a run has no identity beyond its place.
              <em key={key}>{run.text}</em>
            ) : (
              run.text
            ),
          )}
        </p>
      ))}
      {stand ? <p className={styles.stand}>{difference.stand ? <em>{stand}</em> : stand}</p> : null}
      {answer.comment ? (
        <p className={styles.comment}>
          Comment: <q dir="auto">{answer.comment}</q>
        </p>
      ) : null}
    </li>
  )
}
