import { dayTypeOf, type FittedSeries, forecast } from '@/domain/calendar-forecast'
import type { ThresholdMeasure } from '@/domain/guardrails'
import { numericErrors, rSquared } from '@/domain/metrics-numeric'
import { clockMs } from '@/domain/series'
import type { ModelCard } from '../model'
import { wilson } from '../statistics'
import { type Example, fitSeries, isNear, spreadsOf } from './ridge'

/** Only so much of the past is learned from: what was usual long ago no longer is. */
const memoryYears = 4
const yearMs = 365.25 * 24 * 3_600_000
/** With fewer known periods nothing is learned of a series. */
export const fewestToLearn = 28
/** With fewer, nothing is held out to measure: too little would be left of either part. */
const fewestToMeasure = 120

/** How well a series was forecast where the fit has not looked. Every time of a part lies before those of the next. */
export interface SeriesMeasure {
  series: string
  trainTo: string
  calibrateFrom: string
  testFrom: string
  rows: { forecast: number; low: number; high: number; confidence: number; truth: number; type: string }[]
}

/** What came of learning. */
export interface Learned {
  series: Record<string, FittedSeries>
  measures: SeriesMeasure[]
  /** Series with too few known periods, by how many they have. */
  tooShort: Record<string, number>
}

const recent = (sorted: readonly Example[], before: number) =>
  sorted.filter(example => clockMs(example.time) >= before - memoryYears * yearMs)

/**
 * Learns every series that has enough known periods. Each is measured first: fitted on its older 70 %, its interval set
 * on the next 15 %, and judged on the newest 15 %. What serves is fitted on all, with the spread that the measuring fit
 * had on both newer parts: it sits closer to what it forecasts than that one did.
 */
export function learn(examples: readonly (Example & { unit?: string | undefined })[]): Learned {
  const bySeries = new Map<string, (Example & { unit?: string | undefined })[]>()
  for (const example of examples) {
    const of = bySeries.get(example.series)
    if (of) of.push(example)
    else bySeries.set(example.series, [example])
  }
  const learned: Learned = { series: {}, measures: [], tooShort: {} }
  for (const [name, all] of bySeries) {
    const sorted = all.sort((a, b) => clockMs(a.time) - clockMs(b.time))
    if (sorted.length < fewestToLearn) {
      learned.tooShort[name] = sorted.length
      continue
    }
    const unit = sorted.findLast(example => example.unit)?.unit ?? null
    const serving = fitSeries(recent(sorted, clockMs(sorted.at(-1)?.time ?? '')), unit)
    if (sorted.length >= fewestToMeasure) {
      const { measure, spreads } = measureSeries(name, sorted, unit)
      serving.spreads = spreads
      learned.measures.push(measure)
    }
    learned.series[name] = serving
  }
  return learned
}

function measureSeries(name: string, sorted: readonly Example[], unit: string | null) {
  const cut = (share: number) => Math.floor(share * sorted.length)
  const older = sorted.slice(0, cut(0.7))
  const calibration = sorted.slice(cut(0.7), cut(0.85))
  const test = sorted.slice(cut(0.85))
  const timeOf = (example: Example | undefined) => example?.time ?? ''
  const fitted = fitSeries(recent(older, clockMs(timeOf(calibration[0]))), unit)
  fitted.spreads = spreadsOf(fitted, calibration)
  const rows = test.flatMap(example => {
    const { value, low, high, confidence } = forecast(fitted, example)
    return low === null || high === null
      ? []
      : {
          forecast: value,
          low,
          high,
          confidence: confidence ?? 0,
          truth: example.value,
          type: dayTypeOf(example) ?? 'special',
        }
  })
  return {
    measure: {
      series: name,
      trainTo: timeOf(older.at(-1)),
      calibrateFrom: timeOf(calibration[0]),
      testFrom: timeOf(test[0]),
      rows,
    },
    spreads: spreadsOf(fitted, [...calibration, ...test]),
  }
}

const dayWords: Record<string, string> = {
  weekday: 'Monday to Friday',
  weekend: 'weekends',
  special: 'special days',
}

/** The parts of a card that are measured: how near, how often inside the interval, by kind of day, and at thresholds. */
export function cardOf(learned: Learned): Pick<ModelCard, 'quality' | 'thresholds'> & { notes: string[] } {
  const rows = learned.measures.flatMap(measure => measure.rows)
  const how = `The newest 15 % of each series, ${rows.length.toLocaleString('en')} periods that neither fit nor interval has seen.`
  type Row = (typeof rows)[number]
  const near = (row: Row) => isNear(row.forecast, row.truth)
  const inside = (row: Row) => row.truth >= row.low && row.truth <= row.high
  const share = (
    measure: string,
    of: readonly Row[],
    hit: (row: Row) => boolean,
    slice?: { name: string; value: string },
  ) => {
    const result = wilson(of.filter(hit).length, of.length)
    return result ? [{ measure, how, result, ...(slice ? { slice } : {}) }] : []
  }
  const thresholds = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8].map((threshold): ThresholdMeasure => {
    const shown = rows.filter(row => row.confidence >= threshold)
    return {
      threshold,
      precision: wilson(shown.filter(near).length, shown.length),
      coverage: wilson(shown.length, rows.length) ?? { value: 0, low: 0, high: 0, n: 0 },
    }
  })
  return {
    quality: [
      ...share('forecasts within a tenth of the truth', rows, near),
      ...share('truths inside the 95 % interval', rows, inside),
      ...Object.entries(dayWords).flatMap(([type, words]) => [
        ...share(
          `${words}: forecasts within a tenth of the truth`,
          rows.filter(row => row.type === type),
          near,
          {
            name: 'day',
            value: type,
          },
        ),
        ...share(
          `${words}: truths inside the 95 % interval`,
          rows.filter(row => row.type === type),
          inside,
          {
            name: 'day',
            value: type,
          },
        ),
      ]),
    ],
    thresholds: rows.length > 0 ? thresholds : [],
    notes: learned.measures.flatMap(measureWords),
  }
}

function measureWords({ series, trainTo, calibrateFrom, testFrom, rows }: SeriesMeasure): string[] {
  const scored = rows.map(row => ({ predicted: row.forecast, truth: row.truth }))
  const errors = numericErrors(scored)
  if (!errors) return []
  const r2 = rSquared(scored)
  const number = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 3 })
  return [
    `${series}: learned up to ${trainTo}, interval set from ${calibrateFrom}, judged from ${testFrom}. MAE ${number(errors.mae)}, RMSE ${number(errors.rmse)}, ${errors.mape === null ? 'MAPE none since a truth is 0' : `MAPE ${(errors.mape * 100).toFixed(1)} %`}, R² ${r2 === null ? 'none' : r2.toFixed(2)}, n ${errors.n}.`,
  ]
}
