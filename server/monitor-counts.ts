import 'server-only'
import type { Rates } from '@/contract/v1/monitors'
import { getDb } from '@/db/client'
import { wilson } from '@/domain/interval'
import { latencyEdges, meanOf, quantileOf } from '@/domain/monitor-bins'

const scalars = {
  exposures: 'exposures',
  blind: 'blind',
  eligible: 'eligible',
  offered: 'offered',
  seen: 'seen',
  accepted: 'accepted',
  corrected: 'corrected',
  rejected: 'rejected',
  dismissed: 'dismissed',
  written: 'written',
  ignored: 'ignored',
  undone: 'undone',
  errors: 'errors',
  heldBack: 'held_back',
  explored: 'explored',
  withPropensity: 'with_propensity',
  settledN: 'settled_n',
  settledSum: 'settled_sum',
  settledSquares: 'settled_squares',
  savedN: 'saved_n',
  savedSum: 'saved_sum',
  savedSquares: 'saved_squares',
  apartN: 'apart_n',
  apartSum: 'apart_sum',
  apartSquares: 'apart_squares',
} as const
const histograms = {
  latency: 'latency',
  decided: 'decided',
  undecided: 'undecided',
  confidence: 'confidence',
  inputSize: 'input_size',
  finalSize: 'final_size',
} as const

type Scalars = Record<keyof typeof scalars, number>
type Histograms = Record<keyof typeof histograms, number[]>
export type Counts = Scalars & Histograms

interface Key {
  slice: string
  day: string
  hour: number
  version: string
  arm: string
}
export type CountRow = Counts & Key
export type SliceCountRow = Scalars & Pick<Key, 'slice' | 'day'>

interface Wanted {
  /** Days of the project, both included. */
  from: string
  to: string
  simulated: boolean
  version?: string | undefined
  arm?: string | undefined
}

const selected = (columns: Record<string, string>) =>
  Object.entries(columns).map(([name, column]) => `${column} AS "${name}"`)
const where = `project_id = $1 AND day >= $2::date AND day <= $3::date AND ($4 OR NOT simulated)
  AND ($5::uuid IS NULL OR model_version_id = $5) AND ($6::text IS NULL OR arm = $6)`
const valuesOf = (projectId: string, { from, to, simulated, version, arm }: Wanted) => [
  projectId,
  from,
  to,
  simulated,
  version ?? null,
  arm ?? null,
]

/** What is kept of one slice, day by day (or hour by hour), with its histograms. */
export async function readCountRows(
  projectId: string,
  wanted: Wanted & { slice?: string | undefined; hours?: boolean },
): Promise<CountRow[]> {
  const { rows } = await getDb().$client.query<CountRow>(
    `SELECT slice, day::text AS day, hour, model_version_id AS version, arm, ${[...selected(scalars), ...selected(histograms)].join(', ')}
     FROM monitor_counts WHERE ${where} AND slice = $7 AND hour ${wanted.hours ? '>= 0' : '= -1'} ORDER BY day, hour`,
    [...valuesOf(projectId, wanted), wanted.slice ?? ''],
  )
  return rows
}

/** What is kept of every slice, summed by day: numbers alone. */
export async function readSliceRows(projectId: string, wanted: Wanted): Promise<SliceCountRow[]> {
  const { rows } = await getDb().$client.query<SliceCountRow>(
    `SELECT slice, day::text AS day, ${Object.entries(scalars)
      .map(([name, column]) => `sum(${column})::float8 AS "${name}"`)
      .join(', ')}
     FROM monitor_counts WHERE ${where} AND slice <> '' AND hour = -1 GROUP BY slice, day`,
    valuesOf(projectId, wanted),
  )
  return rows
}

export interface TripRow {
  day: string
  rule: string
  heldBack: number
  filtered: number
}

export async function readTripRows(projectId: string, wanted: Omit<Wanted, 'arm'>): Promise<TripRow[]> {
  const { rows } = await getDb().$client.query<TripRow>(
    `SELECT day::text AS day, rule, sum(held_back)::int AS "heldBack", sum(filtered)::int AS filtered FROM monitor_trips
     WHERE project_id = $1 AND day >= $2::date AND day <= $3::date AND ($4 OR NOT simulated) AND ($5::uuid IS NULL OR model_version_id = $5)
     GROUP BY 1, 2`,
    valuesOf(projectId, wanted).slice(0, 5),
  )
  return rows
}

const scalarNames = Object.keys(scalars) as (keyof Scalars)[]
const histogramNames = Object.keys(histograms) as (keyof Histograms)[]

export function sumScalars(rows: readonly Scalars[]): Scalars {
  const sums = Object.fromEntries(scalarNames.map(name => [name, 0])) as Scalars
  for (const row of rows) for (const name of scalarNames) sums[name] += row[name]
  return sums
}

export function sumCounts(rows: readonly Counts[]): Counts {
  const bins = Object.fromEntries(histogramNames.map(name => [name, [] as number[]])) as Histograms
  for (const row of rows)
    for (const name of histogramNames)
      for (const [at, n] of row[name].entries()) bins[name][at] = (bins[name][at] ?? 0) + n
  return { ...sumScalars(rows), ...bins }
}

/** A + C + R: everything that somebody decided about a suggestion. */
export const judgedOf = (
  of: Pick<Scalars, 'accepted' | 'corrected' | 'rejected' | 'dismissed' | 'written'>,
) => of.accepted + of.corrected + of.rejected + of.dismissed + of.written

export function ratesOf(of: Scalars): Rates {
  const judged = judgedOf(of)
  return {
    exposures: of.exposures,
    blind: of.blind,
    eligible: of.eligible,
    offered: of.offered,
    seen: of.seen,
    accepted: of.accepted,
    corrected: of.corrected,
    rejected: of.rejected,
    dismissed: of.dismissed,
    written: of.written,
    ignored: of.ignored,
    undone: of.undone,
    coverage: wilson(Math.min(of.offered, of.eligible), of.eligible),
    acceptance: wilson(of.accepted, judged),
    acceptanceOfSeen: wilson(of.accepted, of.seen),
    correction: wilson(of.corrected, judged),
    ignoredShare: wilson(of.ignored, of.seen),
    undoneShare: wilson(of.undone, of.seen),
    edit: meanOf(of.apartN, of.apartSum, of.apartSquares),
  }
}

export function serviceOf(of: Counts) {
  const at = (share: number) => {
    const value = quantileOf(of.latency, latencyEdges, share)
    return value === null ? null : Math.round(value)
  }
  return {
    latencyP50: at(0.5),
    latencyP90: at(0.9),
    latencyP99: at(0.99),
    timed: of.latency.reduce((all, n) => all + n, 0),
    errors: wilson(Math.min(of.errors, of.eligible), of.eligible),
  }
}

/** Days of a project around its present one: today there, and so many days before a day. */
export async function projectToday(timeZone: string): Promise<string> {
  const { rows } = await getDb().$client.query<{ day: string }>(
    'SELECT ((amend.now() AT TIME ZONE $1)::date)::text AS day',
    [timeZone],
  )
  return rows[0]?.day ?? new Date().toISOString().slice(0, 10)
}

export function dayBefore(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() - days)
  return at.toISOString().slice(0, 10)
}
