'use client'
import { type FormEvent, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import { SelectField } from '@/components/ui/select-field'
import { TextArea } from '@/components/ui/text-area'
import type { GoldItem } from '@/contract/v1/gold'
import type { VerdictInput, WorkSpecification } from '@/contract/v1/review'
import styles from './gold.module.css'

type Reasons = WorkSpecification['reasons']
type Truth = Pick<GoldItem, 'verdicts' | 'texts' | 'explanation'>

interface Props {
  title: string
  candidates: GoldItem['candidates']
  reasons: Reasons
  /** What is known so far. */
  known: Truth
  /** What saving does, a button each. */
  saves: { name: string; label: string }[]
  busy: string | null
  onSave: (name: string, truth: { verdicts: VerdictInput[]; texts: unknown[]; explanation: string }) => void
  onCancel: () => void
}

const verdicts = [
  { value: '', label: 'Choose a verdict', disabled: true },
  { value: 'good', label: 'Good' },
  { value: 'usable', label: 'Usable' },
  { value: 'wrong', label: 'Wrong' },
]
const mostTexts = 10

/** What is true of an item, in a curator's own verdicts, reasons and words. */
export function GoldEditor({ title, candidates, reasons, known, saves, busy, onSave, onCancel }: Props) {
  const [judged, setJudged] = useState<Record<string, VerdictInput>>(() =>
    Object.fromEntries(
      known.verdicts.map(verdict => [
        verdict.candidateId,
        // A reason that the guideline no longer has can't be given again.
        { ...verdict, reasons: verdict.reasons.filter(code => reasons.some(reason => reason.code === code)) },
      ]),
    ),
  )
  const [texts, setTexts] = useState<string[]>(known.texts)
  const [explanation, setExplanation] = useState(known.explanation)
  const given = candidates.flatMap(({ candidateId }) => judged[candidateId] ?? [])
  const why =
    given.length < candidates.length
      ? 'Judge each suggestion first.'
      : given.some(one => one.verdict === 'wrong' && one.reasons.length === 0)
        ? 'Say why it is wrong: one reason or more.'
        : null
  const judge = (candidateId: string, change: Partial<VerdictInput>) =>
    setJudged(now => ({
      ...now,
      [candidateId]: { candidateId, verdict: 'good', reasons: [], ...now[candidateId], ...change },
    }))
  function save(event: FormEvent, name: string) {
    event.preventDefault()
    const words = texts.map(text => text.trim()).filter(text => text !== '')
    if (!why && busy === null)
      onSave(name, { verdicts: given, texts: words.map(text => ({ text })), explanation })
  }
  return (
    <form
      className={styles.edit}
      aria-label={`What is true of ${title}`}
      onSubmit={event => save(event, saves[0]?.name ?? '')}
    >
      {candidates.map(({ candidateId, text }, at) => {
        const one = judged[candidateId]
        return (
          <fieldset key={candidateId} className={styles.judged}>
            <legend>Suggestion {at + 1}</legend>
            <q dir="auto">{text}</q>
            <SelectField
              label={`Verdict on suggestion ${at + 1}`}
              labelHidden
              value={one?.verdict ?? ''}
              options={verdicts}
              onChange={event => {
                const verdict = event.target.value as VerdictInput['verdict']
                judge(candidateId, verdict === 'good' ? { verdict, reasons: [] } : { verdict })
              }}
            />
            {one && one.verdict !== 'good' ? (
              <div className={styles.acts}>
                {reasons.map(({ code, words }) => (
                  <Checkbox
                    key={code}
                    label={words}
                    checked={one.reasons.includes(code)}
                    onChange={on =>
                      judge(candidateId, {
                        reasons: on ? [...one.reasons, code] : one.reasons.filter(other => other !== code),
                      })
                    }
                  />
                ))}
              </div>
            ) : null}
          </fieldset>
        )
      })}
      {texts.map((text, at) => (
        <TextArea
          // biome-ignore lint/suspicious/noArrayIndexKey: texts have no identity beyond their place.
          key={at}
          label={at === 0 ? 'Acceptable answer' : `Acceptable answer ${at + 1}`}
          hint={at === 0 ? 'Whoever writes just this is right. Left empty, it is not kept.' : undefined}
          rows={2}
          maxLength={4000}
          dir="auto"
          value={text}
          onChange={event => setTexts(texts.map((other, i) => (i === at ? event.target.value : other)))}
        />
      ))}
      {texts.length < mostTexts ? (
        <div className={styles.acts}>
          <Button size="small" kind="quiet" onClick={() => setTexts([...texts, ''])}>
            {texts.length === 0 ? 'Add an acceptable answer' : 'Add another acceptable answer'}
          </Button>
        </div>
      ) : null}
      <TextArea
        label="Explanation"
        hint="Told after a practice answer, and a day later to who missed it."
        rows={3}
        maxLength={4000}
        dir="auto"
        value={explanation}
        onChange={event => setExplanation(event.target.value)}
      />
      <div className={styles.acts}>
        {saves.map(({ name, label }, at) => (
          <Button
            key={name}
            size="small"
            kind={at === 0 ? 'primary' : undefined}
            type={at === 0 ? 'submit' : 'button'}
            busy={busy === name}
            disabledReason={why}
            onClick={at === 0 ? undefined : event => save(event, name)}
          >
            {label}
          </Button>
        ))}
        <Button size="small" kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
