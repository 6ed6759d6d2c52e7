import { describe, expect, it } from 'vitest'
import { calendarOf, countGaps, detectPeriod, nextTimes, readWallTime } from './series'

describe('reading a time', () => {
  it('keeps a clock time as it stands, and refuses what is none', () => {
    expect(readWallTime('2026-03-29', 'Europe/Lisbon')).toBe('2026-03-29')
    expect(readWallTime('2026-3-9 8:05:00', 'UTC')).toBe('2026-03-09T08:05')
    expect(readWallTime('2026-02-30', 'UTC')).toBeUndefined()
    expect(readWallTime('29/03/2026', 'UTC')).toBeUndefined()
    expect(readWallTime('2026-03-29 25:00', 'UTC')).toBeUndefined()
  })

  it('puts an instant on the clock of the zone: 22:30 in UTC is half past midnight of the next day in Berlin in summer', () => {
    expect(readWallTime('2026-07-01T22:30:00Z', 'Europe/Berlin')).toBe('2026-07-02T00:30')
    expect(readWallTime('2026-07-01T22:30:00+0200', 'UTC')).toBe('2026-07-01T20:30')
  })

  // Clocks in Berlin go back from 03:00 to 02:00 on 25 October 2026 at 01:00 UTC.
  it('keeps the two hours apart that a clock set back shows twice', () => {
    expect(readWallTime('2026-10-25T00:30Z', 'Europe/Berlin')).toBe('2026-10-25T02:30+02:00')
    expect(readWallTime('2026-10-25T01:30Z', 'Europe/Berlin')).toBe('2026-10-25T02:30+01:00')
    expect(readWallTime('2026-10-25T02:30Z', 'Europe/Berlin')).toBe('2026-10-25T03:30')
  })
})

it('reads the calendar from the clock: 29 March 2026 is a Sunday', () => {
  expect(calendarOf('2026-03-29')).toEqual({ weekday: 6, month: 3, hour: 0 })
  expect(calendarOf('2026-10-25T02:30+01:00')).toEqual({ weekday: 6, month: 10, hour: 2 })
})

describe('the distance of times', () => {
  it('is the gap that most have, whatever is missing', () => {
    expect(detectPeriod(['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-09'])).toBe('day')
    expect(detectPeriod(['2026-01-01T00:00', '2026-01-01T01:00', '2026-01-01T02:00'])).toBe('hour')
    expect(detectPeriod(['2026-01-05', '2026-01-12', '2026-01-19'])).toBe('week')
    expect(detectPeriod(['2026-01-31', '2026-02-28', '2026-03-31'])).toBe('month')
    expect(detectPeriod(['2026-01-01', '2026-01-02'])).toBeNull()
    expect(detectPeriod(['2026-01-01T00:00', '2026-01-01T00:07', '2026-01-01T00:19'])).toBeNull()
  })

  it('leads on: a month keeps its day or ends with its last one', () => {
    expect(nextTimes('2026-02-27', 'day', 3)).toEqual(['2026-02-28', '2026-03-01', '2026-03-02'])
    expect(nextTimes('2026-12-31T23:00', 'hour', 2)).toEqual(['2027-01-01T00:00', '2027-01-01T01:00'])
    expect(nextTimes('2026-01-31', 'month', 2)).toEqual(['2026-02-28', '2026-03-31'])
  })

  it('counts what is missing in between, and a time that comes twice once', () => {
    expect(countGaps(['2026-01-01', '2026-01-02', '2026-01-05', '2026-01-05'], 'day')).toBe(2)
    expect(countGaps(['2026-01-31', '2026-04-30'], 'month')).toBe(2)
    expect(countGaps([], 'day')).toBe(0)
  })
})
