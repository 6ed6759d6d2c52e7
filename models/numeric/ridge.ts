import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import { calendarOf, clockMs } from '@/domain/series'

/** What the model sees of a period. `event` names a special day, as a holiday. */
export interface PeriodInput {
  series: string
  time: string
  event?: string | undefined
}

/** A period whose number is known. */
export interface Example extends PeriodInput {
  value: number
}

/** How far the truth lay from the forecast in a group of held-out periods, on the scale of log1p. */
export interface Spread {
  /** Of 95 in 100 the truth lay between these two above the forecast. */
  low: number
  high: number
  /** The share whose truth lay within a tenth of the forecast: 0–1. */
  within: number
  n: number
}

/** One series as it was learned. */
export interface FittedSeries {
  unit: string | null
  /** First and last time that it learned from. */
  from: string
  to: string
  rows: number
  /** Of a period without any feature, on the scale of log1p. */
  intercept: number
  /** By feature, as `weekday:6` or `event:Christmas`. */
  weights: Record<string, number>
  hourly: boolean
  /** Spreads by day type, and of all; absent where too few periods were held out to say. */
  spreads: { all?: Spread; weekday?: Spread; weekend?: Spread }
}

const yearMs = 365.25 * 24 * 3_600_000
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

/** The features of a period that are not 0: one of each calendar field, the event, and the trend in tens of years. */
export function featuresOf(
  { time, event }: PeriodInput,
  hourly: boolean,
  origin: string,
): Map<string, number> {
  const { weekday, month, hour } = calendarOf(time)
  const found = new Map<string, number>([
    [`weekday:${weekday}`, 1],
    [`month:${month}`, 1],
    ['trend', (clockMs(time) - clockMs(origin)) / yearMs / 10],
  ])
  if (hourly) found.set(`hour:${weekday < 5 ? 'weekday' : 'weekend'}:${hour}`, 1)
  if (event) found.set(`event:${event}`, 1)
  return found
}

/** Monday to Friday, or not: a special day counts as none of them. */
export function dayTypeOf({ time, event }: PeriodInput): 'weekday' | 'weekend' | null {
  return event ? null : calendarOf(time).weekday < 5 ? 'weekday' : 'weekend'
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

/** What a feature adds on the scale of log1p; features that it never saw add nothing. */
export function partsOf(fitted: FittedSeries, input: PeriodInput): { name: string; adds: number }[] {
  return [...featuresOf(input, fitted.hourly, fitted.from)].flatMap(([name, value]) => {
    const weight = fitted.weights[name]
    return weight === undefined ? [] : [{ name, adds: weight * value }]
  })
}

/** The forecast on the scale of log1p. */
export function logForecast(fitted: FittedSeries, input: PeriodInput): number {
  return fitted.intercept + partsOf(fitted, input).reduce((sum, part) => sum + part.adds, 0)
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

export interface Forecast {
  value: number
  /** 95 % of truths are expected between the two; null where that was not measured. */
  low: number | null
  high: number | null
  /** The share of held-out periods of this kind whose truth lay within a tenth of the forecast; null where not measured. */
  confidence: number | null
  /** Of how many held-out periods. */
  n: number
}

/** Forecasts a period of a series. */
export function forecast(fitted: FittedSeries, input: PeriodInput): Forecast {
  const log = logForecast(fitted, input)
  const type = dayTypeOf(input)
  const spread = (type && fitted.spreads[type]) ?? fitted.spreads.all ?? null
  const number = (value: number) => Math.max(0, Math.expm1(value))
  return {
    value: number(log),
    low: spread && number(log + spread.low),
    high: spread && number(log + spread.high),
    // Special days are too rare to be held out by themselves, and other days say nothing of them.
    confidence: type === null ? null : (spread?.within ?? null),
    n: spread?.n ?? 0,
  }
}
