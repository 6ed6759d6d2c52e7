import { z } from 'zod'
import { numberMetrics } from '@/domain/metrics/number-metrics'
import { calendarOf, clockMs, nextTimes, timeWords, wallTimePattern } from '@/domain/series'
import type { TaskType } from '../task-type'
import { numericFacts } from './facts'
import { numberTable } from './number-table'

/** One period of a series: which series, when on its own clock, and what is special about it. */
export const numericPayloadSchema = z.object({
  series: z.string().trim().min(1).max(100),
  /** As the series' clock shows it: `2026-03-29` or `2026-03-29T14:00`. */
  time: z
    .string()
    .regex(wallTimePattern, 'must be a time such as 2026-03-29 or 2026-03-29T14:00')
    .refine(time => !Number.isNaN(clockMs(time)), 'is no day of the calendar'),
  /** What the number counts, as “thousand rides”. */
  unit: z.string().trim().min(1).max(40).optional(),
  /** What makes the day special, as “Christmas”. */
  event: z.string().trim().min(1).max(60).optional(),
})
export type NumericPayload = z.infer<typeof numericPayloadSchema>

const amount = z.number().min(-1e15).max(1e15)

/** A number, and for a forecast the interval that is expected to hold 95 % of truths. */
export const numericValueSchema = z
  .object({ value: amount, low: amount.optional(), high: amount.optional() })
  .refine(({ value, low = value, high = value }) => low <= value && value <= high, {
    message: 'the interval must hold the number',
  })
export type NumericValue = z.infer<typeof numericValueSchema>

const { mae, rmse, mape, version } = numberMetrics<NumericPayload, NumericValue>(value => value.value)

/**
 * One number for each period of a series, forecast before it is known. Two numbers are the same when they are equal, whatever their
 * intervals; the distance of two is the share of the larger one that lies between them, 1 where they have opposite
 * signs.
 */
export const numeric: TaskType<NumericPayload, NumericValue> = {
  ...numericFacts,
  payloadSchema: numericPayloadSchema,
  valueSchema: numericValueSchema,
  textOf: value => String(value.value),
  valueOfText: text => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    return Number.isFinite(value) ? { value } : null
  },
  mapTexts: (payload, change) => ({ ...payload, series: change(payload.series) }),
  // A number holds no words about anybody.
  mapValueTexts: value => value,
  inputText: payload => payload.series,
  distinctInputs: true,
  titleOf: payload => `${payload.series}, ${timeWords(payload.time)}`,
  nameOf: payload => `${payload.series}@${payload.time}`,
  groupOf: payload => `${payload.series} ${weekOf(payload.time)}`,
  table: numberTable,
  sameValue: (a, b) => a.value === b.value,
  editDistance: (a, b) => {
    if (a.value === b.value) return 0
    const largest = Math.max(Math.abs(a.value), Math.abs(b.value))
    return Math.min(1, Math.abs(a.value - b.value) / largest)
  },
  numberOf: value => value.value,
  valueOfNumber: value => ({ value }),
  nextOf: (payload, period, count) =>
    nextTimes(payload.time, period, count).map(time => ({
      series: payload.series,
      time,
      ...(payload.unit ? { unit: payload.unit } : {}),
    })),
  metrics: {
    version,
    all: [mae, rmse, mape],
    right: { metric: mape.id, from: 0.1, words: 'the forecast is within a tenth of the truth.' },
  },
  flatColumns: payload => ({
    series: payload.series,
    time: payload.time,
    unit: payload.unit ?? null,
    event: payload.event ?? null,
  }),
  slicesOf: ({ time, event }) => {
    const { weekday, month } = calendarOf(time)
    return { day: event ? 'special' : weekday < 5 ? 'weekday' : 'weekend', month }
  },
  guardrails: { version: 'numeric-1', rules: [] },
}

/** The week of a time by its Monday: numbers of a week go together. */
function weekOf(time: string): string {
  const monday = clockMs(time.slice(0, 10)) - calendarOf(time).weekday * 86_400_000
  return new Date(monday).toISOString().slice(0, 10)
}
