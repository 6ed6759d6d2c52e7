import type { Evaluation } from '@/contract/v1/evaluations'
import type { MetricEstimate, MetricFacts } from '@/domain/metrics/metric'
import { percent } from '@/domain/percent'

export const splitWords: Record<Evaluation['split'], string> = {
  train: 'training rows',
  validation: 'validation rows',
  test: 'test rows',
  all: 'all rows',
}

/** A metric's value as people read it: shares in per cent, else three digits that count. */
export function metricValue(metric: Pick<MetricFacts, 'kind'>, value: number | null): string {
  if (value === null) return '–'
  if (metric.kind === 'share') return percent(value, 1)
  return Math.abs(value) >= 100
    ? value.toFixed(0)
    : Math.abs(value) >= 10
      ? value.toFixed(1)
      : value.toFixed(3)
}

/** With its sign; of shares in percentage points. */
export function metricChange(metric: Pick<MetricFacts, 'kind'>, value: number | null): string {
  if (value === null) return '–'
  const sign = value > 0 ? '+' : value < 0 ? '−' : '±'
  const size = Math.abs(value)
  return metric.kind === 'share' ? `${sign}${(size * 100).toFixed(1)}` : `${sign}${metricValue(metric, size)}`
}

export function intervalWords(
  metric: Pick<MetricFacts, 'kind'>,
  estimate: MetricEstimate | undefined,
): string {
  if (!estimate || estimate.value === null) return 'nothing to measure'
  if (!estimate.enough) return 'too few to tell'
  return estimate.low === null || estimate.high === null
    ? 'no interval'
    : `${metricValue(metric, estimate.low)} to ${metricValue(metric, estimate.high)}`
}

export const milliseconds = (value: number | null | undefined): string =>
  value === null || value === undefined
    ? '–'
    : value < 10
      ? `${value.toFixed(1)} ms`
      : value < 10_000
        ? `${Math.round(value)} ms`
        : `${(value / 1000).toFixed(1)} s`

/** A price of a thousand answers, from millionths of its currency. */
export function priceWords(cost: Evaluation['cost']): string {
  if (!cost || cost.costMicrosPer1000 === null) return 'not said'
  return `${(cost.costMicrosPer1000 / 1e6).toFixed(2)} ${cost.currency ?? ''}`.trim()
}

export const versionName = ({ model }: Pick<Evaluation, 'model'>): string => `${model.name} ${model.version}`

/** A version among others that are compared: without the model's name where all are of one. */
export const shortName = (
  one: Pick<Evaluation, 'model'>,
  among: readonly Pick<Evaluation, 'model'>[],
): string => (among.every(({ model }) => model.id === one.model.id) ? one.model.version : versionName(one))

export const sliceName = ({ slice, value }: { slice: string; value: string | null }): string =>
  `${slice}: ${value ?? 'not said'}`
