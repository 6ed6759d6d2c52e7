'use client'
import {
  Check,
  CircleDashed,
  CircleHelp,
  Flag,
  Lock,
  MessageSquareReply,
  PenLine,
  SkipForward,
  X,
} from 'lucide-react'
import { type RefObject, useState } from 'react'
import type { WorkSpecification } from '@/contract/v1/review'
import type { Verdict } from '@/domain/review'
import { Button } from '../ui/button'
import { Editor } from '../ui/editor'
import { Keycap } from '../ui/keycap'
import { type Answering, type Candidate, toggleReason, unjudged, whyNotYet } from './answering'
import { BlindSteps } from './blind-steps'
import styles from './decision.module.css'
import type { Hand } from './desk-types'
import { OwnTexts } from './own-texts'
import { passReasons } from './pass-reasons'
import { PracticeBanner } from './practice-banner'
import { Quality } from './quality'

/** What is asked about before an item is let go; null for nothing. */
export type Asking = 'skipped' | 'flagged' | 'asked' | null

interface Props {
  hand: Hand
  candidates: Candidate[]
  specification: WorkSpecification
  elsewhere: boolean
  asking: Asking
  /** Why it could not be saved, after a try. */
  nudge: string | null
  /** Seconds left of the lease's last minute. */
  left: number | null
  column: RefObject<HTMLElement | null>
  acts: {
    give(verdict: Verdict, place?: number): void
    edit(): void
    save(): void
    accept(): void
    pass(type: 'skipped' | 'flagged', reason?: string): void
    ask(type: Asking): void
    question(text: string): void
    change(step: (work: Answering) => Answering): void
    next(): void
    here(): void
  }
}

/** The verdict: each suggestion first, then what should have been said, then on to the next. */
export function Decision({
  hand,
  candidates,
  specification,
  elsewhere,
  asking,
  nudge,
  left,
  column,
  acts,
}: Props) {
  const { item, work } = hand
  const stopped = hand.lost !== null || elsewhere
  const waiting = unjudged(work, candidates)
  const why = whyNotYet(work, candidates)
  return (
    <section ref={column} className={styles.decision} aria-label="Your verdict">
      <div className={styles.scroll}>
        {stopped ? <Stopped hand={hand} elsewhere={elsewhere} acts={acts} /> : null}
        {item.practice ? <PracticeBanner practice={item.practice} /> : null}
        <Said item={item} />
        {item.blind ? (
          <BlindSteps at={1} />
        ) : (
          <p className={styles.head}>
            <span className={styles.by}>
              <CircleDashed aria-hidden />{' '}
              {candidates.length > 0 ? 'Model suggested' : 'No model suggested anything'}
            </span>
            <span className={styles.version}>
              {item.model ? `${item.model.name} ${item.model.version}` : ''}
            </span>
          </p>
        )}
        {item.quality ? <Quality quality={item.quality} /> : null}
        {candidates.map((candidate, place) => (
          <Suggestion
            key={candidate.id}
            candidate={candidate}
            place={place}
            alone={candidates.length === 1}
            current={place === work.at && !stopped}
            judged={work.verdicts[candidate.id]}
            stopped={stopped}
            words={specification.words}
            onJudge={verdict => acts.give(verdict, place)}
          />
        ))}
        {candidates.length > 0 ? (
          <Reasons
            hand={hand}
            candidates={candidates}
            specification={specification}
            stopped={stopped}
            acts={acts}
          />
        ) : null}
        {item.correction !== null ? (
          <div className={styles.correction}>
            <p className={styles.by}>
              <PenLine aria-hidden /> A person wrote instead
            </p>
            {waiting === 0 ? (
              <p className={styles.words} dir="auto">
                {item.correction}
              </p>
            ) : (
              <p className={styles.later}>Shown when each suggestion has its verdict.</p>
            )}
          </div>
        ) : null}
        <OwnTexts
          hand={hand}
          candidates={candidates}
          stopped={stopped}
          waiting={waiting}
          onOpen={acts.edit}
          onChange={acts.change}
        />
        {item.blind ? (
          <div className={styles.blindWords}>
            <p>
              There is a model suggestion. It has not been sent to your browser. Lock your answer and you will
              see both, side by side.
            </p>
            <p>
              Some items are blind, by lot. They tell how often a suggestion changes a good answer, and keep
              your own eye in.
            </p>
          </div>
        ) : null}
      </div>
      <div className={styles.foot}>
        <p className={styles.nudge} role="status">
          {nudge && why ? nudge : left !== null && !stopped ? 'Any key keeps this item yours.' : ''}
        </p>
        {asking === 'asked' && !stopped ? (
          <QuestionField key={item.assignmentId} acts={acts} />
        ) : asking && asking !== 'asked' && !stopped ? (
          <PassChoice type={asking} acts={acts} />
        ) : (
          <>
            <div className={styles.main}>
              <Button
                kind="primary"
                size="large"
                keyHint="mod+enter"
                wide
                icon={item.blind ? <Lock /> : undefined}
                disabledReason={stopped ? 'This item is not yours now.' : why}
                onClick={acts.save}
              >
                {item.blind ? 'Lock answer' : item.practice ? 'Check my answer' : 'Save and next'}
              </Button>
              {candidates.length > 0 ? (
                <Button
                  size="large"
                  disabledReason={stopped ? 'This item is not yours now.' : null}
                  onClick={acts.accept}
                  spokenKey="shift+mod+enter"
                >
                  Accept as is
                </Button>
              ) : null}
            </div>
            <div className={styles.pass}>
              {(['skipped', 'flagged'] as const).map(type => (
                <span key={type} className={styles.passPair}>
                  <Button
                    kind="quiet"
                    icon={type === 'skipped' ? <SkipForward /> : <Flag />}
                    keyHint={type === 'skipped' ? 's' : 'f'}
                    disabledReason={stopped ? 'This item is not yours now.' : null}
                    onClick={() => acts.pass(type)}
                  >
                    {type === 'skipped' ? 'Skip' : 'Flag'}
                  </Button>
                  <Button
                    kind="quiet"
                    size="small"
                    aria-label={
                      type === 'skipped' ? 'Skip, with a reason' : 'Flag for a curator, with a reason'
                    }
                    spokenKey={type === 'skipped' ? 'shift+s' : 'shift+f'}
                    disabledReason={stopped ? 'This item is not yours now.' : null}
                    onClick={() => acts.ask(type)}
                  >
                    why…
                  </Button>
                </span>
              ))}
              {item.practice ? null : (
                <Button
                  kind="quiet"
                  icon={<CircleHelp />}
                  keyHint="q"
                  disabledReason={stopped ? 'This item is not yours now.' : null}
                  onClick={() => acts.ask('asked')}
                >
                  Ask
                </Button>
              )}
            </div>
          </>
        )}
      </div>
    </section>
  )
}

/** What a curator said of this item to this person: why it was sent back, and replies to what they asked. */
function Said({ item }: { item: Hand['item'] }) {
  return (
    <>
      {item.note ? (
        <p className={styles.returned} dir="auto">
          <strong>Sent back:</strong> {item.note}
        </p>
      ) : null}
      {item.questions.map(({ text, reply, at }) => (
        <div key={at} className={styles.thread}>
          <p dir="auto">
            <strong>You asked:</strong> {text}
          </p>
          {reply === null ? null : (
            <p dir="auto">
              <span className={styles.by}>
                <MessageSquareReply aria-hidden /> A curator replied:
              </span>{' '}
              {reply}
            </p>
          )}
        </div>
      ))}
    </>
  )
}

/** A question to a curator: the item waits for the reply, and the next one comes. */
function QuestionField({ acts }: Pick<Props, 'acts'>) {
  const [text, setText] = useState('')
  return (
    <form
      className={styles.question}
      onSubmit={event => {
        event.preventDefault()
        if (text.trim()) acts.question(text)
      }}
    >
      <Editor
        label="Your question to a curator"
        note="The item waits for the reply"
        size="list"
        rows={2}
        value={text}
        maxLength={4000}
        autoFocus
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          event.stopPropagation()
          if (text.trim()) acts.question(text)
        }}
      />
      <div className={styles.questionActs}>
        <Button
          kind="primary"
          type="submit"
          keyHint="mod+enter"
          disabledReason={text.trim() ? null : 'Write your question first.'}
        >
          Ask and next
        </Button>
        <Button kind="quiet" onClick={() => acts.ask(null)}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

function Stopped({ hand, elsewhere, acts }: Pick<Props, 'hand' | 'elsewhere' | 'acts'>) {
  return (
    <div className={styles.stopped} role="alert">
      <p>
        {elsewhere
          ? 'You went on with this queue in another tab. Your draft is kept, and goes on there.'
          : hand.lost}
      </p>
      {elsewhere ? (
        <Button size="small" onClick={acts.here}>
          Work here instead
        </Button>
      ) : (
        <Button size="small" onClick={acts.next}>
          Next item
        </Button>
      )}
    </div>
  )
}

const verdictLooks = [
  { verdict: 'good', word: 'Good', chord: 'a', icon: <Check aria-hidden /> },
  { verdict: 'usable', word: 'Usable', chord: 'u', icon: <PenLine aria-hidden /> },
  { verdict: 'wrong', word: 'Wrong', chord: 'x', icon: <X aria-hidden /> },
] as const

interface SuggestionProps {
  candidate: Candidate
  place: number
  alone: boolean
  current: boolean
  judged: Answering['verdicts'][string] | undefined
  stopped: boolean
  words: WorkSpecification['words']
  onJudge: (verdict: Verdict) => void
}

function Suggestion({ candidate, place, alone, current, judged, stopped, words, onJudge }: SuggestionProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a suggestion with its verdict is a group, not a form part.
    <div
      role="group"
      aria-label={alone ? 'Suggestion' : `Suggestion ${place + 1}`}
      className={styles.suggestion}
      data-current={(current && !alone) || undefined}
      data-verdict={judged?.verdict}
    >
      <p className={styles.words} dir="auto">
        {candidate.text}
      </p>
      <div className={styles.verdicts}>
        {verdictLooks.map(({ verdict, word, chord, icon }) => (
          <button
            key={verdict}
            type="button"
            className={styles.verdict}
            data-tone={verdict}
            aria-pressed={judged?.verdict === verdict}
            aria-disabled={stopped || undefined}
            onClick={() => !stopped && onJudge(verdict)}
          >
            {icon} {word}
            {current ? <Keycap chord={chord} decorative /> : null}
          </button>
        ))}
        <span className={styles.given}>
          {judged && judged.reasons.length > 0
            ? judged.reasons.map(reason => words[reason] ?? reason).join(', ')
            : ''}
        </span>
      </div>
    </div>
  )
}

/** Always there, so that nothing moves; it speaks of the suggestion at hand. */
function Reasons({
  hand,
  candidates,
  specification,
  stopped,
  acts,
}: Pick<Props, 'hand' | 'candidates' | 'specification' | 'acts'> & { stopped: boolean }) {
  const { work } = hand
  const place = work.at
  const judged = work.verdicts[candidates[place]?.id ?? '']
  const codes = specification.reasons.map(reason => reason.code)
  const off = stopped || !judged || judged.verdict === 'good'
  return (
    <fieldset className={styles.reasons} data-off={off || undefined}>
      <legend>
        {candidates.length > 1 ? `What is wrong with suggestion ${place + 1}?` : 'What is wrong with it?'}{' '}
        <span>{reasonsNote(judged?.verdict)}</span>
      </legend>
      <div className={styles.chips}>
        {specification.reasons.map(({ code: reason, words }, at) => (
          <button
            key={reason}
            type="button"
            className={styles.chip}
            aria-pressed={judged?.reasons.includes(reason) ?? false}
            aria-disabled={off || undefined}
            onClick={() => !off && acts.change(now => toggleReason(now, candidates, place, reason, codes))}
          >
            <Keycap chord={String(at + 1)} decorative /> {words}
          </button>
        ))}
      </div>
    </fieldset>
  )
}

function reasonsNote(verdict: Verdict | undefined): string {
  if (verdict === 'good') return 'Nothing: it is good'
  return verdict === 'wrong' ? 'At least one' : 'Optional'
}

function PassChoice({ type, acts }: { type: 'skipped' | 'flagged'; acts: Props['acts'] }) {
  return (
    <fieldset className={styles.reasons}>
      <legend>{type === 'skipped' ? 'Why skip it?' : 'Why flag it for a curator?'}</legend>
      <div className={styles.chips}>
        {passReasons[type].map(({ code, words }, at) => (
          <button
            key={code}
            type="button"
            className={styles.chip}
            // biome-ignore lint/a11y/noAutofocus: the choice was asked for just now, and is answered from the keyboard.
            autoFocus={at === 0}
            onClick={() => acts.pass(type, code)}
          >
            {words}
          </button>
        ))}
        <Button size="small" kind="quiet" keyHint="escape" onClick={() => acts.ask(null)}>
          Cancel
        </Button>
      </div>
    </fieldset>
  )
}
