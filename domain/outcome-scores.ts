import { groupedMean, type MeanEstimate, type NumericErrors, numericErrors } from './metrics-numeric'

/** One number that somebody gave, or kept, of something whose truth is known now. */
export interface ScoredRow {
  /** What goes together, as the days of a week. */
  group: string
  person: number
  /** What the model had said; null where that was never asked. */
  forecast: number | null
  truth: number
  /** The forecast was in view; else it was held back. */
  shown: boolean
  slices: Record<string, string>
}

export interface Score {
  slice: { name: string; value: string } | null
  n: number
  model: NumericErrors | null
  person: NumericErrors | null
  /** Absolute error of the person less that of the model: below 0 the person was nearer. */
  difference: MeanEstimate | null
  nearer: { person: number; model: number; same: number }
}

/** Model and person on the same rows, those on which the forecast was shown: over all, then by slice. */
export function scoreOutcomes(rows: readonly ScoredRow[], next: () => number): Score[] {
  const both = rows.filter(row => row.shown && row.forecast !== null) as (ScoredRow & { forecast: number })[]
  const slices = new Map<string, { name: string; value: string }>()
  for (const row of both)
    for (const [name, value] of Object.entries(row.slices)) slices.set(`${name}=${value}`, { name, value })
  const sorted = [...slices].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, slice]) => slice)
  return [
    scoreOf(null, both, next),
    ...sorted.map(slice =>
      scoreOf(
        slice,
        both.filter(row => row.slices[slice.name] === slice.value),
        next,
      ),
    ),
  ]
}

function scoreOf(
  slice: Score['slice'],
  rows: readonly (ScoredRow & { forecast: number })[],
  next: () => number,
): Score {
  const lead = (row: ScoredRow & { forecast: number }) =>
    Math.abs(row.person - row.truth) - Math.abs(row.forecast - row.truth)
  return {
    slice,
    n: rows.length,
    model: numericErrors(rows.map(row => ({ predicted: row.forecast, truth: row.truth }))),
    person: numericErrors(rows.map(row => ({ predicted: row.person, truth: row.truth }))),
    difference: groupedMean(
      rows.map(row => ({ group: row.group, value: lead(row) })),
      next,
    ),
    nearer: {
      person: rows.filter(row => lead(row) < 0).length,
      model: rows.filter(row => lead(row) > 0).length,
      same: rows.filter(row => lead(row) === 0).length,
    },
  }
}

export interface AnchoringEstimate {
  withForecast: MeanEstimate | null
  heldBack: MeanEstimate | null
  pull: { value: number; low: number; high: number } | null
  errorWith: MeanEstimate | null
  errorHeldBack: MeanEstimate | null
}

/**
 * How far people's numbers lie from the forecast when they see it and when it is held back, as a share of the forecast,
 * and how far from the truth. The pull is the difference of the two means; its interval adds the squared distances to
 * the limits of both, as Newcombe (1998) does for shares: the two arms hold different rows.
 */
export function estimateAnchoring(rows: readonly ScoredRow[], next: () => number): AnchoringEstimate {
  const arm = (shown: boolean, from: (row: ScoredRow) => number | null) =>
    groupedMean(
      rows.flatMap(row => {
        const base = row.shown === shown ? from(row) : null
        return base === null || base === 0
          ? []
          : { group: row.group, value: Math.abs(row.person - base) / Math.abs(base) }
      }),
      next,
    )
  const withForecast = arm(true, row => row.forecast)
  const heldBack = arm(false, row => row.forecast)
  return {
    withForecast,
    heldBack,
    pull: withForecast && heldBack ? lessThan(heldBack, withForecast) : null,
    errorWith: arm(true, row => row.truth),
    errorHeldBack: arm(false, row => row.truth),
  }
}

function lessThan(a: MeanEstimate, b: MeanEstimate) {
  const value = a.value - b.value
  return {
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
  }
}
