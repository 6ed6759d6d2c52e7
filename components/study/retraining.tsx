'use client'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import type { RetrainingPlan, StartedRun } from '@/contract/v1/retraining'
import { percent } from '@/domain/percent'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { RelativeTime } from '../ui/relative-time'
import styles from './retraining.module.css'

// Few open it.
const RetrainingForm = dynamic(() => import('./retraining-form').then(one => one.RetrainingForm))

const lookEveryMs = 3_000

export interface RetrainingProps {
  slug: string
  model: { id: string; name: string; builtIn: boolean }
  plan: RetrainingPlan | null
  datasets: { slug: string; name: string }[]
  gates: { slug: string; name: string }[]
  timeZone: string
  mayPromote: boolean
}

const stateWords: Record<RetrainingPlan['runs'][number]['state'], string> = {
  running: 'under way',
  waiting: 'waits for you',
  done: 'done',
  stopped: 'stopped',
  failed: 'failed',
  cancelled: 'cancelled',
}
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function planWords({ wish, dataset, enabled }: RetrainingPlan, timeZone: string): string {
  const { when, how, gate, after } = wish
  const at =
    when.kind === 'demand'
      ? 'When somebody asks'
      : when.kind === 'schedule'
        ? `${when.weekday === null ? 'Every day' : `Every ${days[when.weekday]}`} at ${when.time}, ${timeZone}`
        : `After each ${when.decisions.toLocaleString('en')} decisions`
  const made = how.kind === 'built-in' ? 'trained here' : 'trained by a webhook'
  const judged = gate ? `judged by ${gate}` : 'judged by nobody'
  const then =
    after.kind === 'wait'
      ? 'then it waits for a person'
      : after.kind === 'canary'
        ? `a pass goes on trial with ${percent(after.share)}`
        : after.kind === 'live'
          ? 'a pass goes live'
          : 'a pass runs unseen'
  return `${at}: a version of ${dataset.name} is frozen, ${made}, evaluated, ${judged}, ${then}.${enabled ? '' : ' Switched off.'}`
}

/** When and how a model learns again, and how its runs went, step by step. */
export function Retraining(props: RetrainingProps) {
  const { slug, model, plan, timeZone } = props
  const [editing, setEditing] = useState(false)
  const { run, tell, busy, refusal } = useChange(slug)
  const router = useRouter()
  const running = plan?.runs.find(one => one.state === 'running')
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => router.refresh(), lookEveryMs)
    return () => clearInterval(timer)
  }, [running, router])
  const start = async () => {
    const answer = await run<StartedRun>('start', 'POST', `/projects/${slug}/models/${model.id}/retrain`, {})
    if (answer) tell('Begun: first a version is frozen.', null, '')
  }
  const cancel = async () => {
    if (
      await run<StartedRun>('cancel', 'POST', `/projects/${slug}/retraining-runs/${running?.id}/cancel`, {})
    )
      tell('Cancelled. What its steps have made stays.', null, '')
  }
  return (
    <section className={styles.retraining} aria-label={`Retraining of ${model.name}`}>
      <h3>Retraining</h3>
      <p className={styles.quiet}>
        {plan ? planWords(plan, timeZone) : 'No plan: it learns again only by hand.'}
        {plan?.nextAt ? (
          <>
            {' '}
            Next <RelativeTime at={plan.nextAt} show="full" />.
          </>
        ) : null}
      </p>
      {editing ? (
        <RetrainingForm {...props} onDone={() => setEditing(false)} />
      ) : (
        <div className={styles.actions}>
          {plan && !running ? (
            <Button size="small" busy={busy === 'start'} onClick={() => void start()}>
              Run it now
            </Button>
          ) : null}
          {running ? (
            <Button size="small" busy={busy === 'cancel'} onClick={() => void cancel()}>
              Cancel the run
            </Button>
          ) : null}
          <Button kind="quiet" size="small" onClick={() => setEditing(true)}>
            {plan ? 'Change the plan' : 'Make a plan'}
          </Button>
        </div>
      )}
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      {plan && plan.runs.length > 0 ? (
        <ul className={styles.runs}>
          {plan.runs.map(one => (
            <li key={one.id}>
              <details open={one.state === 'running' || one.state === 'waiting' || undefined}>
                <summary>
                  <RelativeTime at={one.createdAt} /> <strong>{stateWords[one.state]}</strong>
                  {one.reason ? `: ${one.reason}` : ''}
                </summary>
                <ol>
                  {one.log.map(step => (
                    <li key={`${step.at}${step.words}`}>{step.words}</li>
                  ))}
                </ol>
              </details>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  )
}
