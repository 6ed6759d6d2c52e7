import 'server-only'
import { getDb } from '@/db/client'
import { type WatchedCounts, type WatchSettings, windowsLooked } from '@/domain/watch'
import {
  type CountRow,
  dayBefore,
  judgedOf,
  projectToday,
  readCountRows,
  readSliceRows,
  readTripRows,
  type SliceCountRow,
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

/** The demo's history ends on the day it was made: its last day stands for yesterday there. */
async function lastWholeDay({ projectId, timeZone, demo }: WatchedProject): Promise<string> {
  const yesterday = dayBefore(await projectToday(timeZone), 1)
  if (!demo) return yesterday
  const { rows } = await getDb().$client.query<{ day: string | null }>(
    `SELECT max(day)::text AS day FROM monitor_counts WHERE project_id = $1 AND slice = '' AND day <= $2::date AND simulated AND exposures >= 30`,
    [projectId, yesterday],
  )
  return rows[0]?.day ?? yesterday
}

/** An alert keeps what it was raised against: days from its beginning on never become the usual. */
async function firstFiring(projectId: string): Promise<string | null> {
  const { rows } = await getDb().$client.query<{ day: string | null }>(
    `SELECT min(evidence->>'windowFrom') AS day FROM alerts WHERE project_id = $1 AND state = 'firing'`,
    [projectId],
  )
  return rows[0]?.day ?? null
}

export async function stretchOf(
  project: WatchedProject,
  { reference }: Pick<WatchSettings, 'reference'>,
  windows = windowsLooked,
): Promise<Stretch> {
  const [last, raised] = await Promise.all([lastWholeDay(project), firstFiring(project.projectId)])
  const days = Array.from({ length: windows }, (_, at) => dayBefore(last, windows - 1 - at))
  if (reference.kind === 'fixed')
    return { referenceFrom: reference.from, referenceTo: reference.to, windows: days }
  const first = days[0] ?? last
  const to = dayBefore(raised && raised < first ? raised : first, 1)
  return { referenceFrom: dayBefore(to, reference.days - 1), referenceTo: to, windows: days }
}

/** Reads the reference and each window of a stretch, as the rules take them. */
export async function readWatched(project: WatchedProject, stretch: Stretch): Promise<Watched> {
  const { projectId, demo } = project
  const from = [stretch.referenceFrom, ...stretch.windows].toSorted()[0] as string
  const to = [stretch.referenceTo, ...stretch.windows].toSorted().at(-1) as string
  const wanted = { from, to, simulated: demo }
  const [rows, slices, trips] = await Promise.all([
    readCountRows(projectId, wanted),
    readSliceRows(projectId, wanted),
    readTripRows(projectId, wanted),
  ])
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
