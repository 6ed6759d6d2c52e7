'use client'
import { FlaskConical } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { Evaluation } from '@/contract/v1/evaluations'
import type { Split } from '@/domain/dataset-split'
import { ApiError, createClient } from '@/sdk/client'
import { Button } from '../ui/button'
import { Checkbox } from '../ui/checkbox'
import { ErrorNote } from '../ui/error-note'
import { SelectField } from '../ui/select-field'
import styles from './evaluation.module.css'

const client = createClient()

interface Props {
  slug: string
  versionId: string
  /** Frozen dataset versions, as `slug@number`, with the rows of each split; the first is proposed. */
  datasets: { value: string; label: string; rows: Record<Split, number> }[]
  perturbations: { id: string; label: string }[]
  mayTrain: boolean
}

/** Measures a version on a frozen dataset version; the page of the evaluation shows how far it is. */
export function StartEvaluation({ slug, versionId, datasets, perturbations, mayTrain }: Props) {
  const router = useRouter()
  const [dataset, setDataset] = useState(datasets[0]?.value ?? '')
  const [wanted, setSplit] = useState<Split | 'all'>('test')
  const choices = choicesOf(datasets.find(one => one.value === dataset)?.rows)
  // A split without rows can't be measured on; another dataset may have them elsewhere.
  const split = choices.find(one => one.value === wanted && !one.disabled)?.value ?? firstWithRows(choices)
  const [folds, setFolds] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<{ detail: string; code: string } | null>(null)
  const start = async () => {
    setBusy(true)
    setRefused(null)
    const at = dataset.lastIndexOf('@')
    try {
      const made = await client.request<Evaluation>('POST', `/projects/${slug}/evaluations`, {
        modelVersionId: versionId,
        dataset: dataset.slice(0, at),
        datasetVersion: dataset.slice(at + 1),
        split,
        options: { perturbations: chosen, folds: folds === '' ? null : Number(folds) },
      })
      router.push(`/p/${slug}/models/evaluations/${made.id}`)
    } catch (error) {
      const known = error instanceof ApiError ? error : null
      setRefused({
        detail: known?.detail ?? 'The server can’t be reached. Nothing was started; try again.',
        code: known?.code ?? 'page_failed',
      })
      setBusy(false)
    }
  }
  return (
    <form
      className={styles.form}
      aria-label="Evaluate this version"
      onSubmit={event => {
        event.preventDefault()
        if (!busy) void start()
      }}
    >
      <SelectField
        label="On"
        value={dataset}
        options={datasets}
        onChange={event => setDataset(event.target.value)}
      />
      <SelectField
        label="Rows"
        value={split}
        onChange={event => setSplit(event.target.value as Split | 'all')}
        options={choices}
      />
      {mayTrain ? (
        <SelectField
          label="How"
          value={folds}
          onChange={event => setFolds(event.target.value)}
          options={[
            { value: '', label: 'as it is' },
            { value: '5', label: 'cross-validated, 5 folds' },
            { value: '10', label: 'cross-validated, 10 folds' },
          ]}
        />
      ) : null}
      {perturbations.length > 0 ? (
        <fieldset>
          <legend>Also under</legend>
          {perturbations.map(({ id, label }) => (
            <Checkbox
              key={id}
              label={label}
              checked={chosen.includes(id)}
              onChange={on => setChosen(on ? [...chosen, id] : chosen.filter(one => one !== id))}
            />
          ))}
        </fieldset>
      ) : null}
      <Button type="submit" icon={<FlaskConical />} busy={busy}>
        Evaluate
      </Button>
      {refused ? (
        <div className={styles.note}>
          <ErrorNote title="Nothing was started." code={refused.code}>
            {refused.detail}
          </ErrorNote>
        </div>
      ) : null}
    </form>
  )
}

const firstWithRows = (choices: ReturnType<typeof choicesOf>) =>
  choices.find(one => !one.disabled)?.value ?? 'all'

/** The splits with their rows; one without rows can't be chosen. */
function choicesOf(rows: Record<Split, number> = { train: 0, validation: 0, test: 0 }) {
  const all = rows.test + rows.validation + rows.train
  return [
    ...(['test', 'validation', 'train'] as const).map(one => [one, rows[one]] as const),
    ['all', all] as const,
  ].map(([value, count]) => ({
    value,
    label: `${value} (${count.toLocaleString('en')})`,
    disabled: count === 0,
  }))
}
