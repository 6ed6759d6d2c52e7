import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import {
  dayTypeOf,
  type FittedSeries,
  featuresOf,
  logForecast,
  type PeriodInput,
  type Spread,
} from '@/domain/calendar-forecast'
import { calendarOf, clockMs } from '@/domain/series'

/** A period whose number is known. */
export interface Example extends PeriodInput {
  value: number
}

/** Strength of the penalty. Features are 0 or 1 but for the trend, which counts tens of years. */
export const ridgePenalty = 1
/** A forecast counts as near from this share of it on. */
export const nearShare = 0.1
const fewestForSpread = 40
const fewestForGroup = 60

/**
 * Ridge regression with an intercept that is not penalised: minimises |y − a − Xw|² + λ|w|², by way of centred columns
 * and (XᵀX + λI)w = Xᵀy. Hoerl and Kennard, Technometrics 12 (1970).
 *
 * @param rows one array of `width` numbers a row
 */
export function fitRidge(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  lambda: number,
): { intercept: number; weights: number[] } {
  const n = rows.length
  const width = rows[0]?.length ?? 0
  const means = Array.from({ length: width }, (_, j) => rows.reduce((sum, row) => sum + (row[j] ?? 0), 0) / n)
  const targetMean = targets.reduce((sum, y) => sum + y, 0) / n
  const x = new Matrix(rows.map(row => row.map((value, j) => value - (means[j] ?? 0))))
  const y = Matrix.columnVector(targets.map(value => value - targetMean))
  const xt = x.transpose()
  const gram = Matrix.add(xt.mmul(x), Matrix.eye(width, width).mul(lambda))
  const weights = new CholeskyDecomposition(gram).solve(xt.mmul(y)).to1DArray()
  return { intercept: targetMean - weights.reduce((sum, w, j) => sum + w * (means[j] ?? 0), 0), weights }
}

/** Fits one series; examples in any order, of values from 0 up. Its spreads are still to be measured. */
export function fitSeries(examples: readonly Example[], unit: string | null): FittedSeries {
  const sorted = [...examples].sort((a, b) => clockMs(a.time) - clockMs(b.time))
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last) throw new Error('a series without examples')
  const hourly = sorted.some(example => calendarOf(example.time).hour !== 0)
  const features = sorted.map(example => featuresOf(example, hourly, first.time))
  const names = [...new Set(features.flatMap(row => [...row.keys()]))].sort()
  const { intercept, weights } = fitRidge(
    features.map(row => names.map(name => row.get(name) ?? 0)),
    sorted.map(example => Math.log1p(Math.max(0, example.value))),
    ridgePenalty,
  )
  return {
    unit,
    from: first.time,
    to: last.time,
    rows: sorted.length,
    intercept,
    weights: Object.fromEntries(names.map((name, j) => [name, Math.round((weights[j] ?? 0) * 1e6) / 1e6])),
    hourly,
    spreads: {},
  }
}

/**
 * How far the truth lay from forecasts of periods that the fit has not seen. The two ends are the ranks ⌊0.025(n + 1)⌋
 * and ⌈0.975(n + 1)⌉ of the residuals (split conformal prediction; Lei et al., JASA 113, 2018), and the outermost ones
 * where there are too few for those.
 */
export function spreadsOf(fitted: FittedSeries, heldOut: readonly Example[]): FittedSeries['spreads'] {
  const groups = {
    all: heldOut,
    weekday: heldOut.filter(example => dayTypeOf(example) === 'weekday'),
    weekend: heldOut.filter(example => dayTypeOf(example) === 'weekend'),
  }
  return Object.fromEntries(
    Object.entries(groups).flatMap(([name, rows]) =>
      rows.length < (name === 'all' ? fewestForSpread : fewestForGroup)
        ? []
        : [[name, spreadOf(fitted, rows)]],
    ),
  )
}

function spreadOf(fitted: FittedSeries, rows: readonly Example[]): Spread {
  const n = rows.length
  const residuals = rows
    .map(row => Math.log1p(Math.max(0, row.value)) - logForecast(fitted, row))
    .sort((a, b) => a - b)
  const at = (rank: number) => residuals[Math.min(n, Math.max(1, rank)) - 1] as number
  const near = rows.filter(row => isNear(Math.expm1(logForecast(fitted, row)), row.value)).length
  return {
    low: at(Math.floor(0.025 * (n + 1))),
    high: at(Math.ceil(0.975 * (n + 1))),
    within: near / n,
    n,
  }
}

/** Whether a truth lies within a tenth of its forecast. */
export const isNear = (forecast: number, truth: number) =>
  Math.abs(truth - forecast) <= nearShare * Math.abs(forecast)
