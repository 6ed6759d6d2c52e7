/** How far the times of a series lie apart. */
export const periods = ['hour', 'day', 'week', 'month'] as const
export type Period = (typeof periods)[number]

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/**
 * A time of a series as its own clock shows it: `2026-03-29`, or `2026-03-29T14:00`. Where a clock that is set back
 * shows an hour twice, an offset tells which one it is: `2026-10-25T02:30+01:00`. Calendars are read from the clock, so
 * nothing else of a zone is kept.
 */
export const wallTimePattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?:[+-]\d\d:\d\d)?)?$/

const written =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i

/**
 * Reads a written time: `2026-03-29`, `2026-03-29 14:00`, or an instant with a zone, which is put on the clock of
 * `timeZone` (IANA). Undefined for what is no time, as 30 February.
 */
export function readWallTime(text: string, timeZone: string): string | undefined {
  const match = written.exec(text.trim())
  if (!match) return undefined
  const [, year = '', month = '', day = '', hour, minute = '00', second = '00', zone] = match
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const local = `${date}T${(hour ?? '0').padStart(2, '0')}:${minute}`
  const checked = new Date(`${local}:${second}Z`)
  if (Number.isNaN(checked.getTime()) || checked.toISOString().slice(0, 16) !== local) return undefined
  if (zone === undefined) return hour === undefined ? date : local
  const offset = zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const at = Date.parse(`${local}:${second}${offset}`)
  return Number.isNaN(at) ? undefined : onClock(at, timeZone)
}

/** An instant (ms since the epoch) on the clock of a zone, with its offset where the clock shows that hour twice. */
function onClock(at: number, timeZone: string): string {
  const wall = clockOf(at, timeZone)
  const twice = [-hourMs, hourMs].some(step => clockOf(at + step, timeZone) === wall)
  if (!twice) return wall
  const minutes = Math.round((Date.parse(`${wall}:00Z`) - Math.floor(at / 60_000) * 60_000) / 60_000)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${wall}${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
}

function clockOf(at: number, timeZone: string): string {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
      .formatToParts(at)
      .map(part => [part.type, part.value]),
  )
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`
}

/** What a calendar says of a time. `weekday` 0 (Monday) to 6, `month` 1–12, `hour` 0–23. */
export interface CalendarFacts {
  weekday: number
  month: number
  hour: number
}

/** Milliseconds on the series' own clock, for order and distance only: it is no instant. */
export function clockMs(time: string): number {
  return Date.parse(`${time.slice(0, 10)}T${time.length > 10 ? time.slice(11, 16) : '00:00'}:00Z`)
}

export function calendarOf(time: string): CalendarFacts {
  const at = new Date(clockMs(time))
  return { weekday: (at.getUTCDay() + 6) % 7, month: at.getUTCMonth() + 1, hour: at.getUTCHours() }
}

/** A time in words: `Sat, 27 Aug 2016`, with its hour where it has one. */
export function timeWords(time: string): string {
  const day = new Date(clockMs(time)).toLocaleDateString('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
  return time.length > 10 ? `${day}, ${time.slice(11, 16)}` : day
}

/** How far times lie apart, by the gap that most have; null of fewer than three times, or of none of the known gaps. */
export function detectPeriod(times: readonly string[]): Period | null {
  const sorted = [...new Set(times.map(clockMs))].sort((a, b) => a - b)
  if (sorted.length < 3) return null
  const counts = new Map<Period | null, number>()
  for (let at = 1; at < sorted.length; at++) {
    const gap = (sorted[at] ?? 0) - (sorted[at - 1] ?? 0)
    const period =
      gap === hourMs
        ? 'hour'
        : gap === dayMs
          ? 'day'
          : gap === 7 * dayMs
            ? 'week'
            : gap >= 28 * dayMs && gap <= 31 * dayMs
              ? 'month'
              : null
    counts.set(period, (counts.get(period) ?? 0) + 1)
  }
  return [...counts].filter(([period]) => period !== null).sort((a, b) => b[1] - a[1])[0]?.[0] ?? null
}

/** The next `count` times after `last`. A month keeps its day, or ends with its last one. */
export function nextTimes(last: string, period: Period, count: number): string[] {
  const from = clockMs(last)
  const withTime = last.length > 10
  const format = (ms: number) => new Date(ms).toISOString().slice(0, withTime || period === 'hour' ? 16 : 10)
  return Array.from({ length: count }, (_, at) => {
    const step = at + 1
    if (period !== 'month') return format(from + step * { hour: hourMs, day: dayMs, week: 7 * dayMs }[period])
    const start = new Date(from)
    const target = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + step, 1))
    const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate()
    target.setUTCDate(Math.min(start.getUTCDate(), lastDay))
    return format(target.getTime() + (from % dayMs))
  })
}

/** How many times are missing between the first and the last one, at the distance of a period. */
export function countGaps(times: readonly string[], period: Period): number {
  const sorted = [...new Set(times.map(clockMs))].sort((a, b) => a - b)
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (first === undefined || last === undefined) return 0
  const steps =
    period === 'month'
      ? (new Date(last).getUTCFullYear() - new Date(first).getUTCFullYear()) * 12 +
        new Date(last).getUTCMonth() -
        new Date(first).getUTCMonth()
      : Math.round((last - first) / { hour: hourMs, day: dayMs, week: 7 * dayMs }[period])
  return Math.max(0, steps + 1 - sorted.length)
}
