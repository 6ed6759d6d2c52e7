'use client'
import { type FormEvent, useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { TextField } from '@/components/ui/text-field'
import type { ChangeSettingsAnswer, Settings } from '@/contract/v1/settings'
import { rollbackMetricWords } from '@/domain/serving-words'
import styles from '../project.module.css'

type Serving = Settings['serving']
type Metric = Serving['rollbackRules'][number]['metric']
const metrics = Object.keys(rollbackMetricWords) as Metric[]
const percent = (share: number) => String(Math.round(share * 1e6) / 1e4)
const shareOf = (text: string) => (text.trim() === '' ? 0 : Number(text.replace(',', '.')) / 100)

/** What is left out, what is drawn by lot, and when a version leaves by itself. */
export function ServingForm({
  project,
  serving,
  mostExplored,
}: {
  project: string
  serving: Serving
  /** The largest share that the harm class allows, 0–1. */
  mostExplored: number
}) {
  const [holdback, setHoldback] = useState(percent(serving.holdbackShare))
  const [exploration, setExploration] = useState(percent(serving.explorationShare))
  const ruleOf = (metric: Metric) => serving.rollbackRules.find(rule => rule.metric === metric)
  const [bounds, setBounds] = useState(
    Object.fromEntries(
      metrics.map(metric => [metric, ruleOf(metric) ? percent(ruleOf(metric)?.bound ?? 0) : '']),
    ) as Record<Metric, string>,
  )
  const first = serving.rollbackRules[0]
  const [windowHours, setWindowHours] = useState(String(first?.windowHours ?? 24))
  const [leastN, setLeastN] = useState(String(first?.leastN ?? 100))
  const { run, tell, busy, refusal, errorOf } = useChange(project)

  async function save(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    const answer = await run<ChangeSettingsAnswer>('save', 'PATCH', `/projects/${project}/settings`, {
      serving: {
        holdbackShare: shareOf(holdback),
        explorationShare: shareOf(exploration),
        rollbackRules: metrics
          .filter(metric => bounds[metric].trim() !== '')
          .map(metric => ({
            metric,
            bound: shareOf(bounds[metric]),
            windowHours: Number(windowHours || Number.NaN),
            leastN: Number(leastN || Number.NaN),
          })),
      },
    })
    if (answer)
      tell(
        answer.actionId ? 'Saved. It counts from the next suggestion on.' : 'Nothing differed.',
        answer.actionId,
        'Undone. The settings are as before.',
      )
  }

  const inRules = refusal?.field?.startsWith('serving.rollbackRules')
  return (
    <form className={styles.form} onSubmit={save} noValidate>
      <TextField
        label="Left out to measure, %"
        hint="Of suggestions that would be shown, 0 to 5: nothing is shown, the person is told why, and their own words become unbiased test data."
        inputMode="decimal"
        value={holdback}
        error={errorOf('serving.holdbackShare')}
        onChange={event => setHoldback(event.target.value)}
      />
      <TextField
        label="Order drawn by lot, %"
        hint={
          mostExplored === 0
            ? 'The harm class of this task allows none.'
            : `Of suggestions, 0 to ${percent(mostExplored)}: then another ranking can be judged from what was logged.`
        }
        inputMode="decimal"
        value={exploration}
        error={errorOf('serving.explorationShare')}
        onChange={event => setExploration(event.target.value)}
      />
      <fieldset className={styles.choices}>
        <legend>Take a version back by itself when</legend>
        {metrics.map(metric => (
          <TextField
            key={metric}
            label={`${rollbackMetricWords[metric]} exceeds, %`}
            inputMode="decimal"
            value={bounds[metric]}
            onChange={event => setBounds({ ...bounds, [metric]: event.target.value })}
          />
        ))}
      </fieldset>
      <p className={styles.lead}>
        Empty watches nothing. The trial is watched while one runs, else the live version. It is looked at
        twice a minute by a test that stays honest however often one looks; the system then takes the version
        back, tells everybody concerned, and you can undo that.
      </p>
      <TextField
        label="Counted in windows of so many hours"
        inputMode="numeric"
        value={windowHours}
        onChange={event => setWindowHours(event.target.value)}
      />
      <TextField
        label="Nothing is decided on fewer than"
        inputMode="numeric"
        value={leastN}
        onChange={event => setLeastN(event.target.value)}
      />
      {refusal && (inRules || !refusal.field?.startsWith('serving.')) ? (
        <ErrorNote
          title={inRules ? `Bounds: ${refusal.fieldWords ?? refusal.detail}` : refusal.detail}
          code={refusal.code}
        />
      ) : null}
      <div className={styles.actions}>
        <Button type="submit" busy={busy === 'save'}>
          Save serving
        </Button>
      </div>
    </form>
  )
}
