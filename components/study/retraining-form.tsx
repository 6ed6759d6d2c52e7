'use client'
import { type FormEvent, useState } from 'react'
import type { RetrainingPlan, SetRetrainingAnswer } from '@/contract/v1/retraining'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { Checkbox } from '../ui/checkbox'
import { CopyField } from '../ui/copy-field'
import { ErrorNote } from '../ui/error-note'
import { SelectField } from '../ui/select-field'
import { TextField } from '../ui/text-field'
import type { RetrainingProps } from './retraining'
import styles from './retraining.module.css'

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
type Wish = RetrainingPlan['wish']

/** Sets when and how a model learns again. */
export function RetrainingForm(props: RetrainingProps & { onDone: () => void }) {
  const { slug, model, plan, datasets, gates, timeZone, mayPromote, onDone } = props
  const wish = plan?.wish
  const [dataset, setDataset] = useState(plan?.dataset.slug ?? datasets[0]?.slug ?? '')
  const [when, setWhen] = useState<Wish['when']['kind']>(wish?.when.kind ?? 'demand')
  const [weekday, setWeekday] = useState(
    wish?.when.kind === 'schedule' && wish.when.weekday !== null ? String(wish.when.weekday) : '',
  )
  const [time, setTime] = useState(wish?.when.kind === 'schedule' ? wish.when.time : '03:30')
  const [decisions, setDecisions] = useState(
    wish?.when.kind === 'new-truth' ? String(wish.when.decisions) : '500',
  )
  const [url, setUrl] = useState(wish?.how.kind === 'webhook' ? wish.how.url : '')
  const [elsewhere, setElsewhere] = useState(!model.builtIn || wish?.how.kind === 'webhook')
  const [gate, setGate] = useState(wish?.gate ?? '')
  const [after, setAfter] = useState<string>(
    wish?.after.kind === 'canary' ? `canary ${wish.after.share}` : (wish?.after.kind ?? 'wait'),
  )
  const [influenced, setInfluenced] = useState(String(Math.round((wish?.mostInfluenced ?? 0.9) * 100)))
  const [enabled, setEnabled] = useState(plan?.enabled ?? true)
  const { run, tell, busy, refusal, errorOf } = useChange(slug)
  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    const [kind, share] = after.split(' ')
    const answer = await run<SetRetrainingAnswer>(
      'save',
      'PUT',
      `/projects/${slug}/models/${model.id}/retraining`,
      {
        dataset,
        enabled,
        wish: {
          when:
            when === 'schedule'
              ? { kind: when, weekday: weekday === '' ? null : Number(weekday), time }
              : when === 'new-truth'
                ? { kind: when, decisions: Number(decisions) }
                : { kind: when },
          how: elsewhere ? { kind: 'webhook', url: url.trim() } : { kind: 'built-in' },
          gate: gate || null,
          after: kind === 'canary' ? { kind, share: Number(share) } : { kind },
          mostInfluenced: Number(influenced) / 100,
        },
      },
    )
    if (!answer) return
    tell('The plan is set.', answer.actionId, 'Undone. The plan is as before.')
    onDone()
  }
  if (datasets.length === 0)
    return (
      <div className={styles.form}>
        <p>There is no dataset to freeze. Make one first, under Datasets.</p>
        <div className={styles.actions}>
          <Button size="small" onClick={onDone}>
            Close
          </Button>
        </div>
      </div>
    )
  return (
    <form className={styles.form} onSubmit={save} noValidate>
      <SelectField
        label="Freeze a version of"
        value={dataset}
        onChange={event => setDataset(event.target.value)}
        options={datasets.map(one => ({ value: one.slug, label: one.name }))}
      />
      <SelectField
        label="When"
        value={when}
        onChange={event => setWhen(event.target.value as Wish['when']['kind'])}
        options={[
          { value: 'demand', label: 'somebody asks' },
          { value: 'schedule', label: 'on schedule' },
          { value: 'new-truth', label: 'enough was decided anew' },
        ]}
      />
      {when === 'schedule' ? (
        <>
          <SelectField
            label="Day"
            value={weekday}
            onChange={event => setWeekday(event.target.value)}
            options={[
              { value: '', label: 'every day' },
              ...days.map((label, at) => ({ value: String(at), label })),
            ]}
          />
          <TextField
            label="Time"
            hint={`In ${timeZone}.`}
            type="time"
            value={time}
            error={errorOf('wish.when.time')}
            onChange={event => setTime(event.target.value)}
          />
        </>
      ) : null}
      {when === 'new-truth' ? (
        <TextField
          label="Decisions since the last run"
          inputMode="numeric"
          value={decisions}
          error={errorOf('wish.when.decisions')}
          onChange={event => setDecisions(event.target.value)}
        />
      ) : null}
      {model.builtIn ? (
        <Checkbox label="Train elsewhere, by a webhook" checked={elsewhere} onChange={setElsewhere} />
      ) : null}
      {elsewhere ? (
        <TextField
          label="Webhook"
          hint="Called with the frozen version; answers later with the version that it registered."
          type="url"
          value={url}
          error={errorOf('wish.how.url')}
          onChange={event => setUrl(event.target.value)}
        />
      ) : null}
      <SelectField
        label="Judged by"
        value={gate}
        onChange={event => setGate(event.target.value)}
        options={[
          { value: '', label: 'nobody' },
          ...gates.map(one => ({ value: one.slug, label: one.name })),
        ]}
      />
      <SelectField
        label="A pass"
        value={after}
        onChange={event => setAfter(event.target.value)}
        options={[
          { value: 'wait', label: 'waits for a person' },
          { value: 'shadow', label: 'runs unseen' },
          ...(mayPromote
            ? [
                { value: 'canary 0.05', label: 'goes on trial with 5\u00a0%' },
                { value: 'canary 0.1', label: 'goes on trial with 10\u00a0%' },
                { value: 'live', label: 'goes live' },
              ]
            : []),
        ]}
      />
      <TextField
        label="Decided with a suggestion in sight, %"
        hint="At most, of training rows. A model must not train on its own answers."
        inputMode="numeric"
        value={influenced}
        error={errorOf('wish.mostInfluenced')}
        onChange={event => setInfluenced(event.target.value)}
      />
      <Checkbox label="Switched on" checked={enabled} onChange={setEnabled} />
      {plan?.signingSecret ? <CopyField label="Signs the calls" value={plan.signingSecret} /> : null}
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <div className={styles.actions}>
        <Button type="submit" kind="primary" size="small" busy={busy === 'save'}>
          Save the plan
        </Button>
        <Button kind="quiet" size="small" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
