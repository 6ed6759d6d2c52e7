import type { Evaluation } from '@/contract/v1/evaluations'
import type { MetricChange } from '@/domain/compare-evaluations'
import type { MetricEstimate, MetricFacts } from '@/domain/metrics/metric'
import { IntervalBars } from '../charts/interval-bars'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './evaluation.module.css'
import { intervalWords, metricChange, metricValue, milliseconds, shortName } from './evaluation-words'
import { Verdict } from './verdict'

interface Props {
  evaluations: readonly Evaluation[]
  /** Of the last evaluation against the first, where there are two. */
  changes?: readonly MetricChange[] | undefined
}

const find = (estimates: readonly MetricEstimate[] | undefined, id: string) =>
  estimates?.find(one => one.id === id)

/** Every metric of one evaluation or several, with intervals; between two also what changed. */
export function MetricTable({ evaluations, changes }: Props) {
  const metrics = evaluations[0]?.report?.metrics ?? []
  return (
    <Table caption="Overall, with 95&nbsp;% intervals">
      <thead>
        <tr>
          <Th>Overall</Th>
          <Th className={styles.bars}>
            <span className="visually-hidden">Interval</span>
          </Th>
          {evaluations.map(evaluation => (
            <Th key={evaluation.id} tight numeric>
              {evaluations.length === 1 ? 'Value' : shortName(evaluation, evaluations)}
            </Th>
          ))}
          {evaluations.length === 1 ? (
            <Th tight numeric>
              n
            </Th>
          ) : null}
          {changes ? <Th tight>Change</Th> : null}
        </tr>
      </thead>
      <tbody>
        {metrics.map(metric => (
          <MetricRow
            key={metric.id}
            {...{ metric, evaluations }}
            change={changes?.find(one => one.id === metric.id)}
          />
        ))}
        {evaluations.some(one => one.cost?.latency) ? (
          <LatencyRow {...{ evaluations }} changed={changes !== undefined} />
        ) : null}
      </tbody>
    </Table>
  )
}

function MetricRow({
  metric,
  evaluations,
  change,
}: {
  metric: MetricFacts
  evaluations: readonly Evaluation[]
  change: MetricChange | undefined
}) {
  const estimates = evaluations.map(one => find(one.report?.overall, metric.id))
  return (
    <Tr>
      <Td className={styles.measure}>
        {metric.label}
        <span className={styles.how}>
          {metric.higherIsBetter ? 'Higher is better' : 'Lower is better'}. {metric.describes}
        </span>
      </Td>
      <Td className={styles.bars}>
        <IntervalBars
          rows={estimates.map(one => ({
            value: one?.value ?? null,
            low: one?.low ?? null,
            high: one?.high ?? null,
            few: !one?.enough,
          }))}
        />
      </Td>
      {estimates.map((estimate, at) => (
        <Td key={evaluations[at]?.id} tight numeric>
          {metricValue(metric, estimate?.value ?? null)}
          <span className={styles.how}>{intervalWords(metric, estimate)}</span>
        </Td>
      ))}
      {evaluations.length === 1 ? (
        <Td tight numeric>
          {estimates[0]?.n ?? 0}
        </Td>
      ) : null}
      {change ? (
        <Td tight>
          <Verdict enough={change.enough} better={change.better} words={metricChange(metric, change.value)} />
        </Td>
      ) : null}
    </Tr>
  )
}

function LatencyRow({ evaluations, changed }: { evaluations: readonly Evaluation[]; changed: boolean }) {
  const latencies = evaluations.map(one => one.cost?.latency?.p90)
  return (
    <Tr>
      <Td className={styles.measure}>
        Latency p90
        <span className={styles.how}>
          Lower is better. As measured here, on a machine that did other things too.
        </span>
      </Td>
      <Td className={styles.bars}>
        <IntervalBars
          rows={latencies.map(one => ({
            value: one?.value ?? null,
            low: one?.low ?? null,
            high: one?.high ?? null,
            few: !one?.enough,
          }))}
        />
      </Td>
      {latencies.map((one, at) => (
        <Td key={evaluations[at]?.id} tight numeric>
          {milliseconds(one?.value)}
          <span className={styles.how}>
            {one?.enough
              ? `${milliseconds(one.low)} to ${milliseconds(one.high)}`
              : one
                ? 'too few to tell'
                : 'not measured'}
          </span>
        </Td>
      ))}
      {evaluations.length === 1 ? (
        <Td tight numeric>
          {latencies[0]?.n ?? 0}
        </Td>
      ) : null}
      {changed ? <Td /> : null}
    </Tr>
  )
}
