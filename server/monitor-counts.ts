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

/** What is asked of slices: how many there were, and what was made of the suggestions. */
const judgements = ['exposures', 'accepted', 'corrected', 'rejected', 'dismissed', 'written'] as const
export type Judgements = Pick<Scalars, (typeof judgements)[number]>
export type SliceCountRow = Judgements & Omit<Key, 'hour'>

/** Days of the project, both included. */
export interface Span {
  from: string
  to: string
}

interface Wanted {
  spans: readonly Span[]
  simulated: boolean
}

const where = `project_id = $1 AND EXISTS (SELECT FROM unnest($2::date[], $3::date[]) AS s(first, last) WHERE day BETWEEN s.first AND s.last)
  AND day >= (SELECT min(d) FROM unnest($2::date[]) d) AND day <= (SELECT max(d) FROM unnest($3::date[]) d) AND ($4 OR NOT simulated)`
const valuesOf = (projectId: string, { spans, simulated }: Wanted) => [
  projectId,
  spans.map(span => span.from),
  spans.map(span => span.to),
  simulated,
]

/** What is kept of one slice, day by day with its histograms; from a day on also hour by hour, if one is given. */
export async function readCountRows(
  projectId: string,
  wanted: Wanted & { slice?: string | undefined; hoursFrom?: string },
): Promise<CountRow[]> {
  const columns = Object.entries({ ...scalars, ...histograms })
  const { rows } = await getDb().$client.query<CountRow>(
    `SELECT slice, day::text AS day, hour, model_version_id AS version, arm, ${columns.map(([name, column]) => `${column} AS "${name}"`).join(', ')}
     FROM monitor_counts WHERE ${where} AND slice = $5 AND (hour = -1 OR day >= $6::date) ORDER BY day, hour`,
    [...valuesOf(projectId, wanted), wanted.slice ?? '', wanted.hoursFrom ?? 'infinity'],
  )
  return rows
}

/** What was made of the suggestions of every slice, day by day. */
export async function readSliceRows(projectId: string, wanted: Wanted): Promise<SliceCountRow[]> {
  const { rows } = await getDb().$client.query<SliceCountRow>(
    `SELECT slice, day::text AS day, model_version_id AS version, arm, ${judgements.join(', ')}
     FROM monitor_counts WHERE ${where} AND slice <> '' AND hour = -1`,
    valuesOf(projectId, wanted),
  )
  return rows
}

export interface TripRow {
  day: string
  rule: string
  version: string
  heldBack: number
  filtered: number
}

export async function readTripRows(projectId: string, wanted: Wanted): Promise<TripRow[]> {
  const { rows } = await getDb().$client.query<TripRow>(
    `SELECT day::text AS day, rule, model_version_id AS version, held_back AS "heldBack", filtered FROM monitor_trips WHERE ${where}`,
    valuesOf(projectId, wanted),
  )
  return rows
}

/** Rows in the order in which each name first comes up. */
export function groupRows<T>(rows: readonly T[], nameOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const name = nameOf(row)
    const group = groups.get(name)
    if (group) group.push(row)
    else groups.set(name, [row])
  }
  return groups
}

const scalarNames = Object.keys(scalars) as (keyof Scalars)[]
const histogramNames = Object.keys(histograms) as (keyof Histograms)[]

function sumOf<Name extends string>(names: readonly Name[], rows: readonly Record<Name, number>[]) {
  const sums = Object.fromEntries(names.map(name => [name, 0])) as Record<Name, number>
  for (const row of rows) for (const name of names) sums[name] += row[name]
  return sums
}

export const sumJudgements = (rows: readonly Judgements[]): Judgements => sumOf(judgements, rows)

export function sumCounts(rows: readonly Counts[]): Counts {
  const bins = Object.fromEntries(histogramNames.map(name => [name, [] as number[]])) as Histograms
  for (const row of rows)
    for (const name of histogramNames)
      for (const [at, n] of row[name].entries()) bins[name][at] = (bins[name][at] ?? 0) + n
  return { ...sumOf(scalarNames, rows), ...bins }
}

/** A + C + R: everything that somebody decided about a suggestion. */
export const judgedOf = (of: Omit<Judgements, 'exposures'>) =>
  of.accepted + of.corrected + of.rejected + of.dismissed + of.written

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

export function dayBefore(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() - days)
  return at.toISOString().slice(0, 10)
}
