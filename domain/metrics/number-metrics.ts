import type { Metric } from './metric'
import { errorsOf } from './numbers'
import { meanOfParts } from './text-metrics'

/** Version of the code of this file and of what it computes with. */
export const numberMetricsVersion = 'number-1'

/**
 * The metrics of values that are numbers: mean absolute error, root of the mean squared error, mean share of the truth.
 * A row without a proposal does not count: its share is in `answered`, which stands beside them.
 */
export function numberMetrics<Payload, Value>(numberOf: (value: Value) => number, unit?: string) {
  const of = (
    facts: Pick<Metric, 'id' | 'label' | 'describes'>,
    pick: (errors: ReturnType<typeof errorsOf>) => number | null,
    value: Metric['value'] = meanOfParts,
    unitOf = unit,
  ): Metric<Payload, Value> => ({
    ...facts,
    kind: 'number',
    higherIsBetter: false,
    ...(unitOf ? { unit: unitOf } : {}),
    parts: (row, ranked) => {
      const [first, truth] = [ranked[0], row.truths[0]]
      if (!first || truth === undefined) return null
      const picked = pick(errorsOf(numberOf(first.value), numberOf(truth)))
      return picked === null ? null : [picked, 1]
    },
    value,
  })
  return {
    mae: of(
      {
        id: 'mae',
        label: 'Mean absolute error',
        describes: 'Mean distance of the first proposal from the truth.',
      },
      errors => errors.absolute,
    ),
    rmse: of(
      {
        id: 'rmse',
        label: 'RMSE',
        describes: 'Root of the mean squared distance from the truth: large misses weigh more.',
      },
      errors => errors.squared,
      sums => {
        const mean = meanOfParts(sums)
        return mean === null ? null : Math.sqrt(mean)
      },
    ),
    mape: of(
      {
        id: 'mape',
        label: 'MAPE',
        describes: 'Mean distance as a share of the truth; rows whose truth is zero don’t count.',
      },
      errors => errors.share,
      meanOfParts,
      'of the truth',
    ),
    version: numberMetricsVersion,
  }
}
