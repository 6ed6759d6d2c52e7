'use client'
import { Plus, X } from 'lucide-react'
import { type ComponentType, lazy, Suspense } from 'react'
import { Button } from '../ui/button'
import { Editor } from '../ui/editor'
import { IconButton } from '../ui/icon-button'
import type { WordDiffProps } from '../ui/word-diff'
import { type Answering, addText, type Candidate, mostTexts, removeText, typeText } from './answering'
import type { Hand } from './desk-types'
import styles from './own-texts.module.css'

const WordDiff: ComponentType<WordDiffProps> = lazy(async () => ({
  default: (await import('../ui/word-diff')).WordDiff,
}))

interface Props {
  hand: Hand
  candidates: Candidate[]
  stopped: boolean
  /** Suggestions without a verdict: the rewrite opens at none. */
  waiting: number
  onOpen: () => void
  onChange: (step: (work: Answering) => Answering) => void
}

/** What would have been right, in the annotator's own words; as many ways as there are. */
export function OwnTexts({ hand, candidates, stopped, waiting, onOpen, onChange }: Props) {
  const { work } = hand
  const alone = candidates.length === 0
  const texts = alone && work.texts.length === 0 ? [{ text: '', from: null }] : work.texts
  return (
    <div className={styles.own}>
      {texts.length === 0 ? (
        <Button
          keyHint="e"
          disabledReason={
            stopped ? 'This item is not yours now.' : waiting > 0 ? 'Judge each suggestion first.' : null
          }
          onClick={onOpen}
        >
          Write a better one
        </Button>
      ) : (
        <>
          {texts.map(({ text, from }, at) => {
            const before = candidates.find(candidate => candidate.id === from)?.text ?? null
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: texts have no identity beyond their place.
              <div key={at} className={styles.text}>
                <Editor
                  label={at === 0 ? 'Your answer' : `Another acceptable answer, ${at + 1}`}
                  note={
                    <span className={styles.note}>
                      {at === 0 ? draftWords(hand) : ''}
                      {texts.length > 1 || !alone ? (
                        <IconButton
                          label={`Remove answer ${at + 1}`}
                          icon={<X />}
                          disabled={stopped}
                          onClick={() => onChange(now => removeText(now, at))}
                        />
                      ) : null}
                    </span>
                  }
                  data-own
                  size="reading"
                  rows={3}
                  value={text}
                  maxLength={20_000}
                  readOnly={stopped}
                  onChange={event =>
                    onChange(now =>
                      typeText(now.texts.length === 0 ? addText(now) : now, at, event.target.value),
                    )
                  }
                />
                <p className={styles.diff}>
                  {before !== null && text.trim() !== '' && text.trim() !== before.trim() ? (
                    <Suspense fallback={null}>
                      <WordDiff before={before} after={text} />
                    </Suspense>
                  ) : null}
                </p>
              </div>
            )
          })}
          {texts.length < mostTexts && !stopped ? (
            <Button
              kind="quiet"
              size="small"
              icon={<Plus />}
              disabledReason={texts.at(-1)?.text.trim() === '' ? 'Fill the one above first.' : null}
              onClick={() => {
                onChange(addText)
                requestAnimationFrame(() =>
                  [...document.querySelectorAll<HTMLTextAreaElement>('textarea[data-own]')].at(-1)?.focus(),
                )
              }}
            >
              Another acceptable answer
            </Button>
          ) : null}
        </>
      )}
      <Editor
        label="Comment"
        note="Optional, for the curator"
        size="list"
        rows={1}
        value={work.comment}
        maxLength={4000}
        readOnly={stopped}
        onChange={event => onChange(now => ({ ...now, comment: event.target.value }))}
      />
    </div>
  )
}

function draftWords({ draft }: Hand): string {
  if (draft === 'none') return ''
  if (draft === 'saved') return 'Draft saved'
  return draft === 'device' ? 'Draft kept on this device' : 'Saving the draft'
}
