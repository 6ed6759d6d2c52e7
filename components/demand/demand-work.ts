import type { SuggestAnswer } from '@/contract/v1/suggest'
import type { Asked } from '../inbox/works'

/** What this person decided about the number of a period. */
export interface Decision {
  eventId: string
  exposureId: string
  type: 'accepted' | 'corrected' | 'written' | 'dismissed' | 'rejected'
  value: number | null
  /** Why it differs from the forecast, as one of `overrideReasons`. */
  reason: string | null
  /** Shared by decisions that were one act. */
  batchId: string | null
  /** ISO 8601. */
  decidedAt: string
}

/** A number that is being written, with its reason. */
export interface Draft {
  text: string
  reason: string
}

/** Everything about one period that is under the person's hands. */
export interface PeriodWork {
  asked: Asked
  answer: Pick<SuggestAnswer, 'exposureId' | 'shown' | 'reason' | 'candidates'> | null
  /** The answer was made by the model on this device. */
  onDevice: boolean
  problem: { code: string; detail: string } | null
  /** `shown` was recorded. */
  seen: boolean
  decision: Decision | null
  draft: Draft | null
  /** What the server did not take, in words for the person. */
  refusal: string | null
}

export const freshWork: PeriodWork = {
  asked: 'no',
  answer: null,
  onDevice: false,
  problem: null,
  seen: false,
  decision: null,
  draft: null,
  refusal: null,
}

/** One thing the person did, perhaps to many periods at once. */
export interface Act {
  batchId: string | null
  steps: {
    periodId: string
    exposureId: string
    eventId: string
    undoEventId: string | null
    before: Decision | null
    after: Decision | null
  }[]
}

export interface Forecast {
  id: string
  value: number
  low: number | null
  high: number | null
}

/** Why somebody knows better, as codes of the log with words for people. */
export const overrideReasons = {
  weather: 'Weather',
  event: 'An event nearby',
  holiday: 'A special day',
  disruption: 'A disruption or closure',
  promotion: 'An offer or campaign',
  trend: 'It has changed lately',
  data: 'The data is wrong',
  other: 'Something else',
} as const

export const reasonWords = (code: string | null): string | null =>
  code === null
    ? null
    : Object.hasOwn(overrideReasons, code)
      ? overrideReasons[code as keyof typeof overrideReasons]
      : code

/** The forecast of a period with its interval, or null where none is shown. */
export function forecastOf({ answer }: PeriodWork): Forecast | null {
  const [first] = answer?.shown ? answer.candidates : []
  const value = first?.value as { value?: unknown; low?: unknown; high?: unknown } | null | undefined
  if (!first || typeof value?.value !== 'number') return null
  const bound = (one: unknown) => (typeof one === 'number' ? one : null)
  return { id: first.id, value: value.value, low: bound(value.low), high: bound(value.high) }
}

/** The number that holds: the person's, else the forecast. Null where there is neither. */
export const numberOf = (work: PeriodWork): number | null =>
  work.decision?.value ?? forecastOf(work)?.value ?? null

/** Whether a person stands behind the number. */
export const isConfirmed = ({ decision }: PeriodWork): boolean =>
  decision !== null && decision.value !== null && decision.type !== 'rejected'

/** Reads a written number, with a decimal point or comma; null of anything else, and of `1,234`, which may be either. */
export function readNumber(text: string): number | null {
  const written = text
    .trim()
    .replace(/[\s\u2009\u202f]/g, '')
    .replace('−', '-')
  if (/,\d{3}$/.test(written)) return null
  const plain = written.replace(',', '.')
  return /^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : null
}

/** A change of many numbers: by a share of each, as `10` for 10 % more, or by an amount. */
export interface Shift {
  by: 'share' | 'amount'
  amount: number
}

/** A number after a shift, with as many digits as mean something; never below zero where it was not. */
export function shifted(value: number, { by, amount }: Shift): number {
  const moved = by === 'share' ? value * (1 + amount / 100) : value + amount
  return Number((value >= 0 ? Math.max(0, moved) : moved).toPrecision(4))
}
