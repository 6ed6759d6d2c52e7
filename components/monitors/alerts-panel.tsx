'use client'
import { BellOff, Check, TriangleAlert } from 'lucide-react'
import { useRef, useState } from 'react'
import type { Alert, ChangeAlertAnswer, ChangeAlertBody } from '@/contract/v1/monitors'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { useKeys } from '../ui/use-keys'
import styles from './alerts-panel.module.css'

const snoozeHours = 24

const dayOf = (instant: string) =>
  new Date(instant).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

function ownerWords({ owner, state, resolvedAt, since }: Alert): string {
  if (state === 'resolved') return `Over since ${dayOf(resolvedAt ?? since)}`
  return `Since ${dayOf(since)}, ${owner ? (owner.me ? 'you' : owner.name) : 'nobody yet'}`
}

/** What fires, with its owner and what to do; J and K move, T takes, N silences for a day. */
export function AlertsPanel({
  slug,
  alerts,
  mayManage,
  itemHrefs,
}: {
  slug: string
  alerts: readonly Alert[]
  mayManage: boolean
  /** Where an alert's items are listed, by its id. */
  itemHrefs: Readonly<Record<string, string>>
}) {
  const { run, tell, busy, refusal } = useChange(slug)
  const [current, setCurrent] = useState(0)
  const list = useRef<HTMLOListElement>(null)
  const open = alerts[Math.min(current, alerts.length - 1)]

  const change = async (alert: Alert, body: ChangeAlertBody, done: string) => {
    const answer = await run<ChangeAlertAnswer>(
      alert.id,
      'PATCH',
      `/projects/${slug}/alerts/${alert.id}`,
      body,
    )
    if (answer) tell(done, answer.actionId, 'Undone. The alert is as before.')
  }
  const take = (alert: Alert) =>
    change(alert, { take: !alert.owner?.me }, alert.owner?.me ? 'It is nobody’s now.' : 'It is yours.')
  const snooze = (alert: Alert) =>
    change(
      alert,
      { snoozeHours: alert.snoozed ? 0 : snoozeHours },
      alert.snoozed ? 'It tells again.' : 'Silent for a day.',
    )
  const acknowledge = (alert: Alert) =>
    change(
      alert,
      { acknowledged: alert.acknowledgedAt === null },
      alert.acknowledgedAt === null ? 'Marked as seen.' : 'No longer marked as seen.',
    )

  const go = (step: number) => {
    const next = Math.max(0, Math.min(alerts.length - 1, current + step))
    setCurrent(next)
    list.current?.querySelectorAll<HTMLElement>('[data-alert]')[next]?.focus()
  }
  const firing = open?.state === 'firing' && mayManage
  useKeys('Monitor', [
    { chord: 'j', label: 'next alert', run: () => go(1), enabled: alerts.length > 0 },
    { chord: 'k', label: 'alert before', run: () => go(-1), enabled: alerts.length > 0 },
    { chord: 't', label: 'take it', run: () => open && void take(open), enabled: firing },
    { chord: 'n', label: 'snooze', run: () => open && void snooze(open), enabled: firing },
  ])

  if (alerts.length === 0)
    return (
      <p className={styles.none}>Nothing fires. A rule needs its effect, q below .05, and 2 of 3 days.</p>
    )
  return (
    <>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <ol ref={list} className={styles.list}>
        {alerts.map((alert, at) => (
          <li key={alert.id} id={`alert-${alert.id}`}>
            <article
              className={styles.alert}
              data-state={alert.snoozed ? 'snoozed' : alert.state}
              data-alert
              // biome-ignore lint/a11y/noNoninteractiveTabindex: J and K move through the alerts.
              tabIndex={0}
              aria-labelledby={`title-${alert.id}`}
              onFocus={() => setCurrent(at)}
            >
              {alert.state === 'firing' ? <TriangleAlert aria-hidden /> : <Check aria-hidden />}
              <div className={styles.body}>
                <h3 id={`title-${alert.id}`}>{alert.title}</h3>
                <p>
                  {alert.state === 'firing' ? (alert.snoozed ? 'Silent. ' : 'Firing. ') : 'Over. '}
                  {alert.figures}.{alert.simulated ? ' Simulated.' : ''}
                </p>
                {alert.state === 'firing' ? (
                  <details className={styles.runbook}>
                    <summary>What to do</summary>
                    <ol>
                      {alert.runbook.map(step => (
                        <li key={step}>{step}</li>
                      ))}
                    </ol>
                  </details>
                ) : null}
                <div className={styles.foot}>
                  {itemHrefs[alert.id] ? <a href={itemHrefs[alert.id]}>Its items</a> : null}
                  {alert.state === 'firing' && mayManage ? (
                    <>
                      <Button
                        size="small"
                        busy={busy === alert.id}
                        aria-label={`${alert.owner?.me ? 'Leave' : 'Take'}: ${alert.title}`}
                        onClick={() => take(alert)}
                      >
                        {alert.owner?.me ? 'Leave it' : 'Take it'}
                      </Button>
                      {alert.owner === null ? (
                        <Button
                          size="small"
                          kind="quiet"
                          aria-label={`${alert.acknowledgedAt ? 'Not seen' : 'Seen'}: ${alert.title}`}
                          onClick={() => acknowledge(alert)}
                        >
                          {alert.acknowledgedAt ? 'Not seen' : 'Seen'}
                        </Button>
                      ) : null}
                      <Button
                        size="small"
                        kind="quiet"
                        icon={<BellOff />}
                        aria-label={`${alert.snoozed ? 'Wake' : 'Snooze'}: ${alert.title}`}
                        onClick={() => snooze(alert)}
                      >
                        {alert.snoozed ? 'Wake' : 'Snooze'}
                      </Button>
                    </>
                  ) : null}
                  <span className={styles.owner}>{ownerWords(alert)}</span>
                </div>
              </div>
            </article>
          </li>
        ))}
      </ol>
    </>
  )
}
