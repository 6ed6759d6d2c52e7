import type { SliceReport } from './evaluation'
import { inSlice } from './evaluation-report'
import { enough, type ShareEstimate } from './interval'
import type { MetricEstimate, MetricFacts } from './metrics/metric'

type SliceValues = Readonly<Record<string, string | number | boolean | null | undefined>>

/** How often a model version was right on inputs like one at hand, as far as that was measured. */
export interface MeasuredQuality {
  /** What these inputs have in common; null for every input that was measured. */
  slice: { name: string; value: string | null } | null
  /** What was counted, as a sentence. */
  means: string
  /** 0–1, with its 95 % interval and how many inputs were checked. */
  share: ShareEstimate
  /** The rows it was measured on, and what their owner says of them; null of what a card says. */
  rows: { name: string; description: string } | null
  /** The day on which it was measured, as YYYY-MM-DD; null where nobody said. */
  on: string | null
}

/** What is stored of how a version does. */
export interface QualityFacts {
  /** Of its latest finished evaluation. */
  evaluation: {
    metrics: readonly MetricFacts[]
    overall: readonly MetricEstimate[]
    slices: readonly SliceReport[]
    rows: { name: string; description: string }
    on: string
  } | null
  /** Of its card. */
  card: {
    quality: readonly {
      measure: string
      result: ShareEstimate
      slice?: { name: string; value: string } | undefined
    }[]
    on: string | null
  }
}

/**
 * The measurement that speaks for an input with these attributes: of its latest evaluation the smallest slice that it is
 * in, else what its card says of such a slice, else all that was evaluated. Fewer than 30 say nothing. Null where nothing
 * is known.
 */
export function qualityOf(
  { evaluation, card }: QualityFacts,
  attributes: SliceValues,
): MeasuredQuality | null {
  const right = evaluation?.metrics.find(metric => metric.id === 'right')
  const means = right?.describes ?? ''
  const on = evaluation?.on ?? null
  const rows = evaluation?.rows ?? null
  const measured = (evaluation?.slices ?? [])
    .filter(({ slice, value }) => slice in attributes && inSlice(attributes[slice] ?? null, value))
    .flatMap(({ slice, value, metrics }) => {
      const share = shareOf(metrics)
      return share ? { slice: { name: slice, value }, means, share, rows, on } : []
    })
    .sort((a, b) => a.share.n - b.share.n)
  const told = card.quality.find(
    ({ slice, result }) => slice && String(attributes[slice.name]) === slice.value && result.n >= enough,
  )
  const overall = shareOf(evaluation?.overall ?? [])
  return (
    measured[0] ??
    (told?.slice && {
      slice: told.slice,
      means: `${told.measure}.`,
      share: told.result,
      rows: null,
      on: card.on,
    }) ??
    (overall && { slice: null, means, share: overall, rows, on })
  )
}

function shareOf(metrics: readonly MetricEstimate[]): ShareEstimate | null {
  const one = metrics.find(metric => metric.id === 'right')
  if (!one?.enough || one.value === null || one.low === null || one.high === null) return null
  return { value: one.value, low: one.low, high: one.high, n: one.n }
}
