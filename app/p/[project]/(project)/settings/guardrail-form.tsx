'use client'
import { type FormEvent, useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import { ErrorNote } from '@/components/ui/error-note'
import { TextArea } from '@/components/ui/text-area'
import { TextField } from '@/components/ui/text-field'
import type { GuardrailPreview } from '@/contract/v1/monitors'
import type { ChangeSettingsAnswer, Settings } from '@/contract/v1/settings'
import styles from '../project.module.css'

/** What each field takes, in the place of the schema's own words. */
const fieldWords = {
  confidenceThreshold: 'A number from 0 to 1, as 0.55.',
  maxLength: 'A whole number from 1 to 5000.',
  languages: 'Two letters each, as en, pt; one at least.',
  blockedPatterns: 'Up to 500 lines of 100 characters each.',
}

const listOf = (text: string, separator: RegExp) =>
  text
    .split(separator)
    .map(part => part.trim())
    .filter(Boolean)

const count = (n: number) => n.toLocaleString('en-GB')

function previewWords({ looked, wouldHoldBack, wouldShow, byRule }: GuardrailPreview): string {
  if (looked === 0) return 'No past exposure has a stored prediction to look at.'
  const held = `Would have held back ${count(wouldHoldBack.n)} of ${count(looked)}${
    wouldHoldBack.n > 0
      ? `, among them ${count(wouldHoldBack.accepted)} accepted and ${count(wouldHoldBack.corrected)} corrected`
      : ''
  }.`
  const rules =
    byRule.length > 0 ? ` By ${byRule.map(({ rule, n }) => `${rule} ${count(n)}`).join(', ')}.` : ''
  return `${held}${rules} Would have shown ${count(wouldShow)} that were held back.`
}

export function GuardrailForm({
  project,
  guardrails,
  limits,
  readsText,
}: {
  project: string
  guardrails: Settings['guardrails']
  /** Limits of the task's own. */
  limits: Settings['limits']
  /** Whether topics and languages of the input are judged at all. */
  readsText: boolean
}) {
  const [threshold, setThreshold] = useState(String(guardrails.confidenceThreshold))
  const [sensitive, setSensitive] = useState(guardrails.blockSensitiveTopics)
  const [maxLength, setMaxLength] = useState(String(guardrails.maxLength))
  const [languages, setLanguages] = useState(guardrails.languages.join(', '))
  const [blocked, setBlocked] = useState(guardrails.blockedPatterns.join('\n'))
  const [preview, setPreview] = useState<GuardrailPreview | null>(null)
  const [ownLimits, setOwnLimits] = useState<Record<string, string>>(() =>
    Object.fromEntries(limits.map(({ id, value }) => [id, String(guardrails.limits[id] ?? value)])),
  )
  const { run, tell, busy, refusal } = useChange(project)
  const errorOf = (field: keyof typeof fieldWords) =>
    refusal?.field?.replace(/^guardrails\./, '').startsWith(field) ? fieldWords[field] : null
  const limitRefused = (id: string) => refusal?.field?.endsWith(`limits.${id}`) ?? false
  const placed =
    Object.keys(fieldWords).some(field => errorOf(field as keyof typeof fieldWords)) ||
    limits.some(limit => limitRefused(limit.id))

  const typed = () => ({
    confidenceThreshold: Number(threshold.replace(',', '.') || Number.NaN),
    blockSensitiveTopics: sensitive,
    maxLength: Number(maxLength || Number.NaN),
    languages: listOf(languages, /[\s,]+/),
    blockedPatterns: listOf(blocked, /\n/),
    ...(limits.length > 0
      ? {
          limits: Object.fromEntries(
            limits.map(({ id }) => [id, Number(ownLimits[id]?.replace(',', '.') || Number.NaN)]),
          ),
        }
      : {}),
  })

  async function look() {
    setPreview(
      await run<GuardrailPreview>(
        'preview',
        'POST',
        `/projects/${project}/settings/guardrails/preview`,
        typed(),
      ),
    )
  }

  async function save(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    const answer = await run<ChangeSettingsAnswer>('save', 'PATCH', `/projects/${project}/settings`, {
      guardrails: typed(),
    })
    if (answer)
      tell(
        answer.actionId ? 'Guardrails saved.' : 'Nothing differed.',
        answer.actionId,
        'Undone. The guardrails are as before.',
      )
  }

  return (
    <form className={styles.form} onSubmit={save} noValidate>
      <div className={styles.line}>
        <TextField
          label="Least confidence"
          note="0 to 1"
          inputMode="decimal"
          value={threshold}
          error={errorOf('confidenceThreshold')}
          onChange={event => setThreshold(event.target.value)}
        />
        <TextField
          label="Longest suggestion"
          note="Characters"
          inputMode="numeric"
          value={maxLength}
          error={errorOf('maxLength')}
          onChange={event => setMaxLength(event.target.value)}
        />
        {readsText ? (
          <TextField
            label="Languages"
            note="As en, pt"
            spellCheck={false}
            value={languages}
            error={errorOf('languages')}
            onChange={event => setLanguages(event.target.value)}
          />
        ) : null}
      </div>
      <p className={styles.lead}>
        How often a suggestion at each confidence was found usable stands on the model’s card, under Models.
      </p>
      {readsText ? (
        <Checkbox
          label="Leave grief, illness, law and anger to the person"
          hint="A suggestion there does more harm than silence."
          checked={sensitive}
          onChange={setSensitive}
        />
      ) : null}
      <TextArea
        label="Blocked words"
        hint="One word or phrase a line; * stands for any run of letters. No suggestion with one of them is shown."
        rows={4}
        spellCheck={false}
        value={blocked}
        error={errorOf('blockedPatterns')}
        onChange={event => setBlocked(event.target.value)}
      />
      {limits.map(({ id, label, hint, from, to }) => (
        <TextField
          key={id}
          label={label}
          note={`${from} to ${to}`}
          hint={hint}
          inputMode="decimal"
          value={ownLimits[id] ?? ''}
          error={limitRefused(id) ? `A number from ${from} to ${to}.` : null}
          onChange={event => setOwnLimits({ ...ownLimits, [id]: event.target.value })}
        />
      ))}
      {refusal && !placed ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <p className={styles.lead} aria-live="polite">
        {preview
          ? previewWords(preview)
          : 'A preview says what these would have done to the latest exposures.'}
      </p>
      <div className={styles.actions}>
        <Button kind="quiet" busy={busy === 'preview'} onClick={look}>
          Preview on past items
        </Button>
        <Button type="submit" busy={busy === 'save'}>
          Save guardrails
        </Button>
      </div>
    </form>
  )
}
