import 'server-only'
import { getDb } from '@/db/client'
import { parseWatchSettings, type WatchedCounts, type WatchSettings, windowsLooked } from '@/domain/watch'
import {
  type CountRow,
  dayBefore,
  judgedOf,
  readCountRows,
  readSliceRows,
  readTripRows,
  type SliceCountRow,
  type Span,
  sumCounts,
  type TripRow,
} from './monitor-counts'

export interface WatchedProject {
  projectId: string
  timeZone: string
  demo: boolean
}

/** Which days are looked at, and which they are compared with. All ends are included. */
export interface Stretch {
  referenceFrom: string
  referenceTo: string
  /** The windows, one day each, oldest first. */
  windows: string[]
}

export interface Watched {
  stretch: Stretch
  reference: WatchedCounts
  windows: WatchedCounts[]
}

/** From what the days of a project are reckoned: its present one, its last whole one, and where the oldest alert began. */
export interface Calendar {
  today: string
  /** The demo's history ends on the day it was made: its last day stands for yesterday there. */
  lastWhole: string
  /** An alert keeps what it was raised against: days from its beginning on never become the usual. */
  raisedFrom: string | null
  settings: WatchSettings
}

export async function readCalendar({ projectId, timeZone, demo }: WatchedProject): Promise<Calendar> {
  const { rows } = await getDb().$client.query<{
    today: string
    lastFull: string | null
    raisedFrom: string | null
    settings: unknown
  }>(
    `SELECT t.today::text AS today, (SELECT settings FROM monitor_settings WHERE project_id = $1) AS settings,
       CASE WHEN $3 THEN (SELECT max(day) FROM monitor_counts WHERE project_id = $1 AND slice = '' AND day < t.today AND simulated AND exposures >= 30)::text END AS "lastFull",
       (SELECT min(evidence->>'windowFrom') FROM alerts WHERE project_id = $1 AND state = 'firing') AS "raisedFrom"
     FROM (SELECT (amend.now() AT TIME ZONE $2)::date AS today) t`,
    [projectId, timeZone, demo],
  )
  const [row] = rows
  if (!row) throw new Error('The database did not tell what day it is.')
  const { today, lastFull, raisedFrom, settings } = row
  return {
    today,
    raisedFrom,
    lastWhole: lastFull ?? dayBefore(today, 1),
    settings: parseWatchSettings(settings),
  }
}

export function stretchOf(
  { lastWhole, raisedFrom, settings: { reference } }: Calendar,
  windows = windowsLooked,
): Stretch {
  const days = Array.from({ length: windows }, (_, at) => dayBefore(lastWhole, windows - 1 - at))
  if (reference.kind === 'fixed')
    return { referenceFrom: reference.from, referenceTo: reference.to, windows: days }
  const first = days[0] ?? lastWhole
  const to = dayBefore(raisedFrom && raisedFrom < first ? raisedFrom : first, 1)
  return { referenceFrom: dayBefore(to, reference.days - 1), referenceTo: to, windows: days }
}

/** The days of a stretch: its reference, and from its first window to its last. */
export function spansOf({ referenceFrom, referenceTo, windows }: Stretch): Span[] {
  return [
    { from: referenceFrom, to: referenceTo },
    ...(windows.length > 0 ? [{ from: windows[0] as string, to: windows.at(-1) as string }] : []),
  ]
}

export interface KeptRows {
  rows: readonly CountRow[]
  slices: readonly SliceCountRow[]
  trips: readonly TripRow[]
}

/** Reads the reference and each window of a stretch, as the rules take them. */
export async function readWatched({ projectId, demo }: WatchedProject, stretch: Stretch): Promise<Watched> {
  const wanted = { spans: spansOf(stretch), simulated: demo }
  const [rows, slices, trips] = await Promise.all([
    readCountRows(projectId, wanted),
    readSliceRows(projectId, wanted),
    readTripRows(projectId, wanted),
  ])
  return watchedIn({ rows, slices, trips }, stretch)
}

/** The reference and each window of a stretch, of rows that cover it. */
export function watchedIn({ rows, slices, trips }: KeptRows, stretch: Stretch): Watched {
  const of = (begin: string, end: string) => {
    const within = ({ day }: { day: string }) => day >= begin && day <= end
    return watchedOf(rows.filter(within), slices.filter(within), trips.filter(within), begin, end)
  }
  return {
    stretch,
    reference: of(stretch.referenceFrom, stretch.referenceTo),
    windows: stretch.windows.map(day => of(day, day)),
  }
}

export function watchedOf(
  rows: readonly CountRow[],
  slices: readonly SliceCountRow[],
  trips: readonly TripRow[],
  from: string,
  to: string,
): WatchedCounts {
  const all = sumCounts(rows)
  const perDay = new Map<string, number>()
  for (const row of rows) perDay.set(row.day, (perDay.get(row.day) ?? 0) + row.exposures)
  const days: string[] = []
  for (let day = to; day >= from; day = dayBefore(day, 1)) days.push(day)
  // Days before the first that holds anything are no quiet days: there was nothing yet.
  const first = [...perDay.keys()].toSorted()[0]
  const counted = days.filter(day => first !== undefined && day >= first)
  const attributes: WatchedCounts['attributes'] = {}
  const accepted: WatchedCounts['accepted'] = { '': { accepted: all.accepted, judged: judgedOf(all) } }
  for (const row of slices) {
    const at = row.slice.indexOf('=')
    if (at > 0) {
      const [name, value] = [row.slice.slice(0, at), row.slice.slice(at + 1)]
      const of = attributes[name] ?? {}
      attributes[name] = { ...of, [value]: (of[value] ?? 0) + row.exposures }
    }
    const of = accepted[row.slice] ?? { accepted: 0, judged: 0 }
    accepted[row.slice] = { accepted: of.accepted + row.accepted, judged: of.judged + judgedOf(row) }
  }
  const sumBy = <T>(list: readonly T[], name: (one: T) => string, n: (one: T) => number) => {
    const sums: Record<string, number> = {}
    for (const one of list) sums[name(one)] = (sums[name(one)] ?? 0) + n(one)
    return sums
  }
  return {
    spans: Math.max(1, counted.length),
    perSpan: counted.map(day => perDay.get(day) ?? 0),
    exposures: all.exposures,
    eligible: all.eligible,
    errors: Math.min(all.errors, all.eligible),
    latency: all.latency,
    confidence: all.confidence,
    inputSize: all.inputSize,
    finalSize: all.finalSize,
    attributes,
    trips: sumBy(
      trips,
      trip => trip.rule,
      trip => trip.heldBack,
    ),
    // Left out are only those that would have been offered something: they are held against what was.
    arms: {
      shown: rows.filter(row => row.arm !== 'holdback').reduce((sum, row) => sum + row.offered, 0),
      holdback: rows.filter(row => row.arm === 'holdback').reduce((sum, row) => sum + row.exposures, 0),
    },
    accepted,
  }
}
