import { EyeOff, FlaskConical } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ArmFigures, ServingStatus } from '@/contract/v1/serving'
import { percent } from '@/domain/percent'
import { rollbackMetricWords } from '@/domain/serving-words'
import { RelativeTime } from '../ui/relative-time'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './serving-panel.module.css'

type Estimate = ArmFigures['accepted']
const share = (one: Estimate) =>
  one === null
    ? '–'
    : one.n < 30
      ? `too few to tell (${one.n})`
      : `${percent(one.value)} (${percent(one.low)} to ${percent(one.high)})`
const many = (n: number) => n.toLocaleString('en')

/** Who answers now, how a trial goes beside it, what runs unseen, and by which bounds a version leaves by itself. */
export function ServingPanel({ status, actions }: { status: ServingStatus; actions?: ReactNode }) {
  const { live, canary, shadows, holdback, exploration, watch } = status
  return (
    <section className={styles.panel} aria-labelledby="serving">
      <div className={styles.head}>
        <h2 id="serving">Serving now</h2>
        {live?.since ? (
          <span className={styles.quiet}>
            since <RelativeTime at={live.since} />
          </span>
        ) : null}
        <div className={styles.actions}>{actions}</div>
      </div>
      <p>
        {live ? `${live.name} answers ${canary ? 'everyone else' : 'everyone'}.` : 'Nothing is live.'}{' '}
        {canary ? `${canary.name} answers ${percent(canary.share)} of people on trial.` : ''}{' '}
        {holdback.share > 0 ? `${percent(holdback.share)} of suggestions are left out to measure.` : ''}{' '}
        {exploration.share > 0 ? `${percent(exploration.share)} stand in an order drawn by lot.` : ''}
      </p>
      {canary ? <Trial canary={canary} liveName={live?.name ?? 'Without suggestions'} /> : null}
      {holdback.ratio?.mismatch ? (
        <p className={styles.alarm}>
          {many(holdback.found[0] ?? 0)} left out of{' '}
          {many((holdback.found[0] ?? 0) + (holdback.found[1] ?? 0))} is not {percent(holdback.share)} (p{' '}
          {holdback.ratio.p.toExponential(1)}). Something loses exposures of one arm: don’t compare them.
        </p>
      ) : null}
      {shadows.length > 0 ? (
        <ul className={styles.list}>
          {shadows.map(one => (
            <li key={one.id}>
              <EyeOff aria-hidden />
              <span>
                {one.name} runs unseen: asked {many(one.asked)} times, would show {share(one.wouldShow)},
                begins as what was shown {share(one.sameFirst)}
                {one.latencyP90Ms === null ? '' : `, p90 ${many(Math.round(one.latencyP90Ms))} ms`}
                {one.failed > 0 ? `, failed ${many(one.failed)} times` : ''}
                {one.dropped > 0 ? `, not asked ${many(one.dropped)} times under load` : ''}.
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      {watch.length > 0 ? (
        <ul className={styles.list}>
          {watch.map(rule => (
            <li key={rule.metric}>
              <span>
                Leaves by itself when {rollbackMetricWords[rule.metric as keyof typeof rollbackMetricWords]}{' '}
                exceeds {percent(rule.bound)}: now{' '}
                {rule.ratio === null || rule.value === null
                  ? `${many(rule.n)} of ${many(rule.leastN)} exposures`
                  : `${percent(rule.value)} of ${many(rule.n)}, evidence ${rule.ratio < 0.01 ? 'under 0.01' : rule.ratio.toFixed(2)} of ${Math.round(rule.alarmAt)}`}
                .
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      {status.lastChange ? (
        <p className={styles.quiet}>
          Last change: {status.lastChange.words}
          {status.lastChange.by ? ` by ${status.lastChange.by}` : ''},{' '}
          <RelativeTime at={status.lastChange.at} />
        </p>
      ) : null}
    </section>
  )
}

function Trial({ canary, liveName }: { canary: NonNullable<ServingStatus['canary']>; liveName: string }) {
  const { arms, ratio } = canary
  const rows: [string, (arm: ArmFigures) => string][] = [
    ['People', arm => many(arm.people)],
    ['Suggestions shown', arm => many(arm.shown)],
    ['Accepted, of those decided', arm => share(arm.accepted)],
    ['Corrected', arm => share(arm.corrected)],
    ['Not used', arm => share(arm.rejected)],
    ['Undone', arm => share(arm.undone)],
    ['Held back by guardrails', arm => share(arm.withheld)],
    ['Failed', arm => share(arm.failed)],
    ['p90 latency', arm => (arm.latencyP90Ms === null ? '–' : `${many(Math.round(arm.latencyP90Ms))} ms`)],
  ]
  return (
    <div className={styles.trial}>
      <h3>
        <FlaskConical aria-hidden /> Trial since <RelativeTime at={canary.since} />
      </h3>
      <Table caption={`${canary.name} on trial beside ${liveName}`}>
        <thead>
          <tr>
            <Th>Measure, 95&nbsp;% interval</Th>
            <Th numeric>{canary.name}</Th>
            <Th numeric>{liveName}</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, of]) => (
            <Tr key={label}>
              <Td>{label}</Td>
              <Td numeric>{of(arms.canary)}</Td>
              <Td numeric>{of(arms.live)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      <p className={ratio?.mismatch ? styles.alarm : styles.quiet}>
        {ratio === null
          ? 'Nobody was answered since it began.'
          : ratio.mismatch
            ? `${many(ratio.found[0] ?? 0)} to ${many(ratio.found[1] ?? 0)} people is not the planned ${percent(canary.share)} (p ${ratio.p.toExponential(1)}). Something loses people of one arm: don’t compare them.`
            : `${many(ratio.found[0] ?? 0)} to ${many(ratio.found[1] ?? 0)} people fits the planned ${percent(canary.share)} (p ${ratio.p.toFixed(2)}).`}
      </p>
    </div>
  )
}
