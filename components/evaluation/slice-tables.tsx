import Link from 'next/link'
import type { Comparison, Evaluation } from '@/contract/v1/evaluations'
import { perturbationWords } from '@/domain/perturb'
import { ChangeLine } from '../charts/change-line'
import { IntervalBars } from '../charts/interval-bars'
import { endsOf } from '../charts/scale'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './evaluation.module.css'
import { intervalWords, metricChange, metricValue, sliceName } from './evaluation-words'
import { Verdict } from './verdict'

interface SliceTableProps {
  evaluation: Evaluation
  /** Where the rows of a slice are listed; null for who may not read them. */
  hrefOf: ((slice: { slice: string; value: string | null }) => string) | null
  chosen: { slice: string; value: string | null } | null
}

/** Slices of one evaluation, by its first metric. Each leads to its rows. */
export function SliceTable({ evaluation, hrefOf, chosen }: SliceTableProps) {
  const { report } = evaluation
  const metric = report?.metrics[0]
  if (!report || !metric || report.slices.length === 0) return null
  return (
    <Table caption={`By slice: ${metric.label}`}>
      <thead>
        <tr>
          <Th>By slice</Th>
          <Th className={styles.bars}>
            <span className="visually-hidden">Interval</span>
          </Th>
          <Th tight numeric>
            {metric.label}
          </Th>
          <Th tight numeric>
            95&nbsp;% interval
          </Th>
          <Th tight numeric>
            Rows
          </Th>
        </tr>
      </thead>
      <tbody>
        {report.slices.map(slice => {
          const estimate = slice.metrics[0]
          return (
            <Tr key={sliceName(slice)}>
              <Td>
                {hrefOf ? (
                  <Link
                    data-slice
                    className={styles.sliceLink}
                    href={hrefOf(slice)}
                    aria-current={chosen && sliceName(chosen) === sliceName(slice) ? 'true' : undefined}
                  >
                    {sliceName(slice)}
                  </Link>
                ) : (
                  sliceName(slice)
                )}
              </Td>
              <Td className={styles.bars}>
                {estimate ? <IntervalBars rows={[{ ...estimate, few: !estimate.enough }]} /> : null}
              </Td>
              <Td tight numeric>
                {metricValue(metric, estimate?.value ?? null)}
              </Td>
              <Td tight numeric>
                {intervalWords(metric, estimate)}
              </Td>
              <Td tight numeric>
                {slice.n}
              </Td>
            </Tr>
          )
        })}
      </tbody>
    </Table>
  )
}

/** What was done to inputs, and what it cost in the first metric. */
export function PerturbationTable({ evaluation }: { evaluation: Evaluation }) {
  const { report } = evaluation
  const metric = report?.metrics[0]
  if (!report || !metric || report.perturbations.length === 0) return null
  const [plain] = report.overall
  return (
    <Table caption={`Under changed inputs: ${metric.label}`}>
      <thead>
        <tr>
          <Th>Changed inputs</Th>
          <Th className={styles.bars}>
            <span className="visually-hidden">Interval, unchanged first</span>
          </Th>
          <Th tight numeric>
            {metric.label}
          </Th>
          <Th tight numeric>
            95&nbsp;% interval
          </Th>
          <Th tight numeric>
            Rows
          </Th>
        </tr>
      </thead>
      <tbody>
        {report.perturbations.map(({ id, n, metrics }) => {
          const estimate = metrics[0]
          return (
            <Tr key={id}>
              <Td className={styles.measure}>
                {perturbationWords[id].label}
                <span className={styles.how}>{perturbationWords[id].describes}</span>
              </Td>
              <Td className={styles.bars}>
                {plain && estimate ? (
                  <IntervalBars
                    rows={[
                      { ...plain, few: !plain.enough },
                      { ...estimate, few: !estimate.enough },
                    ]}
                  />
                ) : null}
              </Td>
              <Td tight numeric>
                {metricValue(metric, estimate?.value ?? null)}
              </Td>
              <Td tight numeric>
                {intervalWords(metric, estimate)}
              </Td>
              <Td tight numeric>
                {n}
              </Td>
            </Tr>
          )
        })}
      </tbody>
    </Table>
  )
}

/** What changed in each slice between two versions, on one axis. */
export function SliceChanges({ comparison }: { comparison: Comparison }) {
  const change = comparison.changes.at(-1)
  const [metric] = comparison.metrics
  if (!change || !metric || change.slices.length === 0) return null
  const range = endsOf(
    change.slices.flatMap(one =>
      [one.change.low, one.change.high, one.change.value].filter(value => value !== null),
    ),
    { zero: true },
  )
  return (
    <Table caption={`By slice, change in ${metric.label}`}>
      <thead>
        <tr>
          <Th>By slice, change in {metric.label}</Th>
          <Th className={styles.bars}>{metric.higherIsBetter ? 'worse, better' : 'better, worse'}</Th>
          <Th tight numeric>
            Rows
          </Th>
          <Th tight numeric>
            95&nbsp;% interval
          </Th>
          <Th>Verdict</Th>
        </tr>
      </thead>
      <tbody>
        {change.slices.map(slice => (
          <Tr key={sliceName(slice)}>
            <Td>{sliceName(slice)}</Td>
            <Td className={styles.bars}>
              <ChangeLine {...slice.change} few={!slice.change.enough} range={range} />
            </Td>
            <Td tight numeric>
              {slice.n}
            </Td>
            <Td tight numeric>
              {slice.change.low === null || slice.change.high === null
                ? '–'
                : `${metricChange(metric, slice.change.low)} to ${metricChange(metric, slice.change.high)}`}
            </Td>
            <Td>
              <Verdict
                enough={slice.change.enough}
                better={slice.change.better}
                words={metricChange(metric, slice.change.value)}
              />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
