import { calendarOf, clockMs } from './series'

/** What the model sees of a period. `event` names a special day, as a holiday. */
export interface PeriodInput {
  series: string
  time: string
  event?: string | undefined
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

/** A forecast as it is proposed, its numbers with as many digits as mean something. */
export interface ProposedForecast {
  value: { value: number; low?: number; high?: number }
  /** 0 to 1; 0 where nobody knows how good it is, so that it stands at the end of every threshold. */
  confidence: number
}

/** What a series as it was learned proposes for a period. */
export function proposeForecast(fitted: FittedSeries, input: PeriodInput): ProposedForecast {
  return proposed(forecast(fitted, input))
}

export function proposed({ value, low, high, confidence }: Omit<Forecast, 'n'>): ProposedForecast {
  const rounded = (number: number) => Number(number.toPrecision(4))
  return {
    value: {
      value: rounded(value),
      ...(low === null || high === null ? {} : { low: rounded(low), high: rounded(high) }),
    },
    confidence: confidence ?? 0,
  }
}
