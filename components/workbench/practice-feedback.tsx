'use client'
import { Check, X } from 'lucide-react'
import type { RefObject } from 'react'
import type { PracticeFeedback, VerdictInput, WorkSpecification } from '@/contract/v1/review'
import { Button } from '../ui/button'
import { useKeys } from '../ui/use-keys'
import styles from './decision.module.css'
import type { Practised } from './desk-types'
import { PracticeBanner } from './practice-banner'

interface Props {
  after: Practised
  offline: boolean
  words: WorkSpecification['words']
  column: RefObject<HTMLElement | null>
  onNext: () => void
}

/** What is said of an answer of the practice round: what was expected, and why. */
export default function PracticeFeedbackColumn({ after, offline, words, column, onNext }: Props) {
  const { feedback } = after
  useKeys('Practice', [{ chord: 'mod+enter', label: 'go on', run: onNext }])
  return (
    <section ref={column} className={styles.decision} aria-label="How your answer compares">
      <div className={styles.scroll}>
        <PracticeBanner practice={after.practice} />
        {feedback ? (
          <div className={styles.feedback} role="status">
            <p className={styles.outcome} data-right={feedback.right || undefined}>
              {feedback.right ? <Check aria-hidden /> : <X aria-hidden />}
              {feedback.right ? 'Right.' : 'Not as expected.'}
            </p>
            {feedback.expected.length > 0 ? (
              <ul className={styles.expected}>
                {feedback.expected.map(expected => {
                  const given = after.verdicts.find(v => v.candidateId === expected.candidateId)
                  const text = after.candidates.find(c => c.id === expected.candidateId)?.text
                  return (
                    <li key={expected.candidateId}>
                      <p className={styles.words} dir="auto">
                        {text ?? 'A suggestion'}
                      </p>
                      <p>
                        Expected: <strong>{verdictWords(expected, words)}</strong>
                        {given ? `. Yours: ${verdictWords(given, words)}.` : '.'}
                      </p>
                    </li>
                  )
                })}
              </ul>
            ) : null}
            {feedback.texts.length > 0 ? (
              <>
                <p className={styles.by}>Acceptable answers</p>
                {feedback.texts.map(text => (
                  <p key={text} className={styles.modelText} dir="auto">
                    {text}
                  </p>
                ))}
              </>
            ) : null}
            {feedback.explanation ? <p dir="auto">{feedback.explanation}</p> : null}
            <p className={styles.aside}>{roundWords(feedback.round)}</p>
          </div>
        ) : (
          <p className={styles.aside} role="status">
            {offline
              ? 'Saved on this device. What is said of it comes when the connection is back.'
              : 'Saved. What is said of it is on its way.'}
          </p>
        )}
      </div>
      <div className={styles.foot}>
        <p className={styles.nudge} role="status" />
        <div className={styles.main}>
          <Button kind="primary" size="large" wide keyHint="mod+enter" onClick={onNext}>
            Continue
          </Button>
        </div>
      </div>
    </section>
  )
}

function verdictWords({ verdict, reasons }: VerdictInput, words: WorkSpecification['words']): string {
  const why = reasons.map(reason => (words[reason] ?? reason).toLowerCase()).join(', ')
  return why ? `${verdict}: ${why}` : verdict
}

function roundWords({ judged, right, of, state }: PracticeFeedback['round']): string {
  const score = `${right} of ${judged} right so far.`
  if (state === 'running') return `${score} ${of - judged} to go.`
  if (state === 'passed') return `${right} of ${judged} right: passed. From here on your answers count.`
  return `${right} of ${judged} right: not passed yet. Read the guide; another round follows.`
}
