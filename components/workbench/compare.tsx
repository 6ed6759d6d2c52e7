'use client'
import { Check, CircleDashed, Lock, PenLine } from 'lucide-react'
import { type RefObject, useState } from 'react'
import { flushSync } from 'react-dom'
import { Button } from '../ui/button'
import { Editor } from '../ui/editor'
import { focusAtEnd } from '../ui/focus-at-end'
import { useKeys } from '../ui/use-keys'
import { WordDiff } from '../ui/word-diff'
import { candidatesOf } from './answering'
import { BlindSteps } from './blind-steps'
import styles from './decision.module.css'
import type { Locked } from './desk-types'

interface Props {
  after: Locked
  offline: boolean
  column: RefObject<HTMLElement | null>
  onCompare: (preference: 'mine' | 'model' | 'both' | 'amended', text?: string) => void
  onNext: () => void
}

const lockedTime = (at: string) => new Date(at).toLocaleTimeString('en', { hour12: false })

/** The locked answer, and once it is there the suggestion beside it. */
export default function Compare({ after, offline, column, onCompare, onNext }: Props) {
  const [amending, setAmending] = useState<string | null>(null)
  const own = after.texts[0] ?? ''
  const suggestions = after.revealed ? candidatesOf(after.revealed) : []
  const shown = after.revealed !== null
  const amend = () => {
    if (amending === null) flushSync(() => setAmending(own))
    focusAtEnd(column.current, 'textarea[data-amended]')
  }
  const keep = () => {
    if (!shown) return onNext()
    if (amending === null) onCompare('mine')
    else if (amending.trim()) onCompare('amended', amending)
  }
  useKeys('Blind', [
    { chord: 'mod+enter', label: shown ? 'keep mine' : 'next item', run: keep },
    { chord: 'm', label: 'model’s is better', enabled: shown, run: () => onCompare('model') },
    { chord: 'b', label: 'both fine', enabled: shown, run: () => onCompare('both') },
    { chord: 'e', label: 'amend mine', enabled: shown, run: amend },
  ])
  return (
    <section ref={column} className={styles.decision} aria-label="Compare">
      <div className={styles.scroll}>
        <BlindSteps at={shown ? 3 : 2} />
        <p className={styles.head}>
          <span className={styles.by} data-blind>
            <Lock aria-hidden /> Your locked answer
          </span>
          <time dateTime={after.lockedAt}>{lockedTime(after.lockedAt)}</time>
        </p>
        {after.texts.map(text => (
          <p key={text} className={styles.lockedText} dir="auto">
            {text}
          </p>
        ))}
        {after.revealed ? (
          <>
            <p className={styles.head}>
              <span className={styles.by}>
                <CircleDashed aria-hidden /> Model suggested
              </span>
              <span className={styles.version}>
                {after.revealed.model ? `${after.revealed.model.name} ${after.revealed.model.version}` : ''}
              </span>
            </p>
            {suggestions.map(({ id, text }) => (
              <p key={id} className={styles.modelText} dir="auto">
                {text}
              </p>
            ))}
            <p className={styles.later}>Model to you, word by word</p>
            <p className={styles.words}>
              <WordDiff before={suggestions[0]?.text ?? ''} after={amending ?? own} />
            </p>
            {amending === null ? null : (
              <Editor
                label="Your answer as you want it now"
                data-amended
                size="reading"
                rows={3}
                value={amending}
                maxLength={20_000}
                onChange={event => setAmending(event.target.value)}
              />
            )}
            <p className={styles.aside}>
              Your locked answer is kept whatever you do next. If the suggestion changes your mind, the change
              is stored beside it as a second answer.
            </p>
          </>
        ) : (
          <p className={styles.aside} role="status">
            {offline
              ? 'Locked. The suggestion comes when the connection is back. You can go on; the comparison waits in what you did.'
              : 'Locked. The suggestion is on its way.'}
          </p>
        )}
      </div>
      <div className={styles.foot}>
        <p className={styles.nudge} role="status" />
        {shown ? (
          <>
            <div className={styles.main}>
              <Button
                kind="primary"
                size="large"
                wide
                keyHint="mod+enter"
                disabledReason={amending?.trim() === '' ? 'Write your answer first.' : null}
                onClick={keep}
              >
                {amending === null ? 'Keep mine' : 'Save amended'}
              </Button>
              <Button size="large" keyHint="m" onClick={() => onCompare('model')}>
                Model’s is better
              </Button>
            </div>
            <div className={styles.pass}>
              <Button kind="quiet" icon={<Check />} keyHint="b" onClick={() => onCompare('both')}>
                Both fine
              </Button>
              {amending === null ? (
                <Button kind="quiet" icon={<PenLine />} keyHint="e" onClick={amend}>
                  Amend mine
                </Button>
              ) : (
                <Button kind="quiet" onClick={() => setAmending(null)}>
                  Don’t amend
                </Button>
              )}
            </div>
          </>
        ) : (
          <div className={styles.main}>
            <Button kind="primary" size="large" wide keyHint="mod+enter" onClick={onNext}>
              Next item
            </Button>
          </div>
        )}
      </div>
    </section>
  )
}
