'use client'
import { type FormEvent, useEffect, useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { SelectField } from '@/components/ui/select-field'
import { TextArea } from '@/components/ui/text-area'
import { TextField } from '@/components/ui/text-field'
import type { QueuePreview, QueueRule, QueueView } from '@/contract/v1/review'
import { ApiError, createClient } from '@/sdk/client'
import styles from './queues.module.css'
import { ruleWords, strategyNames } from './rule-words'

const client = createClient()
type Strategy = QueueRule['strategy']

/** What the fields say, or null where a share is no share. */
function ruleOf(strategy: Strategy, below: string, rate: string): QueueRule | null {
  const share = Number(strategy === 'random' ? rate : below) / 100
  if (strategy === 'corrected') return { strategy }
  if (!(share > 0 && share <= 1)) return null
  return strategy === 'random' ? { strategy, rate: share } : { strategy, below: share }
}

/** A new queue, with what its rule would select now beside it. */
export function NewQueue({ project, onDone }: { project: string; onDone: () => void }) {
  const [name, setName] = useState('')
  const [strategy, setStrategy] = useState<Strategy>('low-confidence')
  const [below, setBelow] = useState('60')
  const [rate, setRate] = useState('10')
  const [overlap, setOverlap] = useState('1')
  const [instructions, setInstructions] = useState('')
  const { run, tell, busy, refusal, errorOf } = useChange(project)
  const rule = ruleOf(strategy, below, rate)
  const people = Number(overlap)
  const badOverlap = !Number.isInteger(people) || people < 1 || people > 9

  async function make(event: FormEvent) {
    event.preventDefault()
    if (busy || !rule || badOverlap || !name.trim()) return
    const made = await run<QueueView>('make', 'POST', `/projects/${project}/queues`, {
      name: name.trim(),
      rule,
      instructions,
      overlap: people,
    })
    if (!made) return
    tell(
      made.jobId
        ? `“${made.name}” is made and being filled.`
        : `“${made.name}” is made, with ${made.items === 1 ? '1 item' : `${made.items} items`}.`,
      null,
      '',
    )
    onDone()
  }

  return (
    <form className={styles.form} onSubmit={make} noValidate aria-label="New queue">
      <div className={styles.fields}>
        <TextField
          label="Name"
          value={name}
          maxLength={80}
          autoComplete="off"
          error={errorOf('name')}
          onChange={event => setName(event.target.value)}
        />
        <div className={styles.line}>
          <SelectField
            label="Select by"
            value={strategy}
            options={Object.entries(strategyNames).map(([value, label]) => ({ value, label }))}
            onChange={event => setStrategy(event.target.value as Strategy)}
          />
          {strategy === 'low-confidence' ? (
            <TextField
              label="Less sure than, %"
              inputMode="decimal"
              value={below}
              error={rule ? null : 'More than 0, up to 100.'}
              onChange={event => setBelow(event.target.value)}
            />
          ) : null}
          {strategy === 'random' ? (
            <TextField
              label="Chance of each item, %"
              inputMode="decimal"
              value={rate}
              error={rule ? null : 'More than 0, up to 100.'}
              onChange={event => setRate(event.target.value)}
            />
          ) : null}
          <TextField
            label="People for each item"
            inputMode="numeric"
            value={overlap}
            error={badOverlap ? 'From 1 to 9.' : null}
            onChange={event => setOverlap(event.target.value)}
          />
        </div>
        <TextArea
          label="Instructions"
          note="Optional"
          hint="What annotators are asked; the first line is always in sight."
          rows={3}
          maxLength={4000}
          value={instructions}
          onChange={event => setInstructions(event.target.value)}
        />
        {refusal && refusal.field !== 'name' ? (
          <ErrorNote title={refusal.detail} code={refusal.code} />
        ) : null}
        <div className={styles.line}>
          <Button
            type="submit"
            kind="primary"
            busy={busy === 'make'}
            disabledReason={
              !name.trim()
                ? 'Give it a name first.'
                : !rule || badOverlap
                  ? 'Correct the numbers first.'
                  : null
            }
          >
            Make the queue
          </Button>
          <Button kind="quiet" onClick={onDone}>
            Cancel
          </Button>
        </div>
      </div>
      <Preview project={project} rule={rule} />
    </form>
  )
}

const pauseMs = 350

function Preview({ project, rule }: { project: string; rule: QueueRule | null }) {
  const [found, setFound] = useState<{ rule: string; preview: QueuePreview } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [round, setRound] = useState(0)
  const key = JSON.stringify(rule)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
  useEffect(() => {
    if (key === 'null') return
    const gone = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const preview = await client.request<QueuePreview>(
          'POST',
          `/projects/${project}/queues/preview`,
          { rule: JSON.parse(key) },
          { signal: gone.signal },
        )
        setFound({ rule: key, preview })
        setProblem(null)
      } catch (error) {
        if (gone.signal.aborted) return
        setProblem(error instanceof ApiError ? error.detail : 'The preview failed.')
      }
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [key, project, round])
  const old = found !== null && found.rule !== key
  return (
    <section className={styles.preview} aria-labelledby="queue-preview" aria-busy={old}>
      <h2 id="queue-preview">What it would select now</h2>
      {rule ? <p className={styles.rule}>{ruleWords(rule)}.</p> : null}
      {problem ? (
        <ErrorNote title={problem} onRetry={() => setRound(count => count + 1)} />
      ) : (
        <div role="status">
          <p className={styles.figure}>
            {found ? (
              <>
                <strong>{found.preview.selected}</strong> of {found.preview.poolSize} items
              </>
            ) : (
              'Counting'
            )}
          </p>
        </div>
      )}
      <ul className={styles.sample} aria-label="Some of them">
        {found?.preview.sample.map(item => (
          <li key={item.itemId}>
            <span dir="auto">{item.title || 'Without a title'}</span>
            {item.score === null ? null : <span>{Math.round(item.score * 100)} % sure</span>}
          </li>
        ))}
      </ul>
      {rule?.strategy === 'random' ? (
        <p className={styles.rule}>A sample of the kind; the queue draws its own, and keeps the seed.</p>
      ) : null}
    </section>
  )
}
