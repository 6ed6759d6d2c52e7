import { measureOf, metricsOf, type ReportRow, slicesOf } from './evaluation-report'
import type { MetricEstimate, MetricFacts, TaskMetrics } from './metrics/metric'
import { type Measure, resample, unitOf } from './metrics/resample'

/** A paired difference: the second value less the first. */
export interface MetricChange extends MetricEstimate {
  /** Whether the second is better; null where the interval holds 0. */
  better: boolean | null
}

export interface EvaluationChange {
  rows: number
  overall: MetricChange[]
  slices: { slice: string; value: string | null; n: number; change: MetricChange }[]
  flips: { newlyWrong: number; newlyRight: number; bothRight: number; bothWrong: number }
  won: number
  lost: number
}

export interface RowPair {
  first: ReportRow
  second: ReportRow
}

/**
 * What changed from one version to another on the same rows: every metric with the 95 % interval of its paired
 * difference (units resampled jointly, both recomputed: Koehn 2004), slices by the first metric, flips.
 */
export function* compareRows(
  task: TaskMetrics,
  pairs: readonly RowPair[],
  options: { draws: number; seed: number },
): Generator<void, EvaluationChange> {
  const metrics = metricsOf(task)
  const overall = yield* changesOf(task, metrics, pairs, options)
  const slices: EvaluationChange['slices'] = []
  const main = metrics.slice(0, 1)
  // A slice that was saved between the two is known of the later one only.
  const byRow = new Map(
    pairs.map(pair => [{ ...pair.first, slices: { ...pair.second.slices, ...pair.first.slices } }, pair]),
  )
  for (const { slice, value, of } of slicesOf([...byRow.keys()])) {
    const some = of.map(row => byRow.get(row) as RowPair)
    const [change] = yield* changesOf(task, main, some, options)
    if (change) slices.push({ slice, value, n: some.length, change })
  }
  const count = (test: (pair: RowPair) => boolean) => pairs.filter(test).length
  const [first] = metrics
  const scores = first ? scoresOf(task, first, pairs) : []
  return {
    rows: pairs.length,
    overall,
    slices,
    flips: {
      newlyWrong: count(({ first: a, second: b }) => a.right === true && b.right === false),
      newlyRight: count(({ first: a, second: b }) => a.right === false && b.right === true),
      bothRight: count(({ first: a, second: b }) => a.right === true && b.right === true),
      bothWrong: count(({ first: a, second: b }) => a.right === false && b.right === false),
    },
    won: scores.filter(([a, b]) => b > a).length,
    lost: scores.filter(([a, b]) => b < a).length,
  }
}

/** Both scores of each row that has both, higher is better. */
function scoresOf(task: TaskMetrics, metric: MetricFacts, pairs: readonly RowPair[]): [number, number][] {
  const [a, b] = [pairs.map(pair => pair.first), pairs.map(pair => pair.second)].map(rows =>
    measureOf(task, metric.id, rows),
  ) as [Measure, Measure]
  const sign = metric.higherIsBetter ? 1 : -1
  const of = ({ parts, value }: Measure, at: number) => {
    const own = parts[at]
    return own ? value(own) : null
  }
  return pairs.flatMap((_, at): [number, number][] => {
    const [one, other] = [of(a, at), of(b, at)]
    return one === null || other === null ? [] : [[one * sign, other * sign]]
  })
}

function* changesOf(
  task: TaskMetrics,
  metrics: readonly MetricFacts[],
  pairs: readonly RowPair[],
  options: { draws: number; seed: number },
): Generator<void, MetricChange[]> {
  const [firsts, seconds] = [pairs.map(pair => pair.first), pairs.map(pair => pair.second)]
  const measures = metrics.map(({ id }): Measure => {
    const [a, b] = [measureOf(task, id, firsts), measureOf(task, id, seconds)]
    return {
      id,
      parts: a.parts.map((own, at) => {
        const other = b.parts[at]
        return own && other ? [...own, ...other] : null
      }),
      value: sums => {
        const half = sums.length / 2
        const [one, other] = [a.value(sums.slice(0, half)), b.value(sums.slice(half))]
        return one === null || other === null ? null : other - one
      },
    }
  })
  const estimates = yield* resample(firsts.map(unitOf), measures, options)
  return estimates.map((estimate, at): MetricChange => {
    const { low, high } = estimate
    const holdsZero = low === null || high === null || (low <= 0 && high >= 0)
    return {
      ...estimate,
      better: holdsZero ? null : (low as number) > 0 === (metrics[at]?.higherIsBetter ?? true),
    }
  })
}
