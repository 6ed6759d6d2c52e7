export interface TimePoint {
  /** A day, as `2026-03-02`. */
  day: string
  value: number | null
  low: number | null
  high: number | null
  n: number
}

export interface TimeSeries {
  /** What the line is called at its end. */
  label: string
  tone: 'accept' | 'correct' | 'ink' | 'reject'
  /** Told apart by dash too, never by hue alone. */
  dashed?: boolean
  points: readonly TimePoint[]
  hrefOf?(day: string): string
}

/** The instant at which a day begins, in UTC. */
export const instantOf = (day: string) => new Date(`${day}T00:00:00Z`)
export const dayInWords = (day: string) =>
  instantOf(day).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
