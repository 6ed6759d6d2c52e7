import 'server-only'
import type { z } from 'zod'
import type { countsQuery, FeedbackCounts, SliceFigures } from '@/contract/v1/explore'
import { getDb } from '@/db/client'
import { everything, sliceDays } from '@/domain/explore-words'
import { wilson } from '@/domain/interval'
import type { ProjectScope } from './access'

interface DayRow {
  day: string
  version: string
  state: string
  shown: boolean
  everUndone: boolean
  n: number
  confidence: number[]
  edit: number[]
  hours: number[]
}

/** The word of a row's decision as the filter and the table use it. */
const wordOf = (row: Pick<DayRow, 'state' | 'shown' | 'everUndone'>) =>
  row.state !== 'open' ? row.state : row.everUndone ? 'undone' : row.shown ? 'open' : 'suppressed'

/** Counts and distributions of the days and decisions that a filter names, from what is kept. */
export async function readCounts(
  scope: ProjectScope,
  filter: z.output<typeof countsQuery>,
): Promise<FeedbackCounts> {
  const pool = getDb().$client
  const [{ rows }, { rows: folds }] = await Promise.all([
    pool.query<DayRow>(
      `SELECT day::text, model_version_id AS version, state, suggestion_shown AS shown, ever_undone AS "everUndone", n, confidence, edit, hours
       FROM feedback_days WHERE project_id = $1 AND slice_id = $2 AND ($3::date IS NULL OR day >= $3) AND ($4::date IS NULL OR day <= $4)
         AND ($5 OR NOT simulated)`,
      [
        scope.projectId,
        filter.slice ?? everything,
        filter.from ?? null,
        filter.to ?? null,
        filter.simulated === 'include',
      ],
    ),
    pool.query<{ asOf: string | null; behind: boolean }>(
      `SELECT to_char(f.folded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "asOf",
         EXISTS (SELECT FROM feedback_dirty_days y WHERE y.project_id = $1 AND y.slice_id = $2) AS behind FROM feedback_folds f WHERE f.project_id = $1`,
      [scope.projectId, filter.slice ?? everything],
    ),
  ])
  const ofVersion = (row: DayRow) => !filter.version || row.version === filter.version
  const ofState = (row: DayRow) =>
    !filter.state || (filter.state === 'suppressed' ? !row.shown : wordOf(row) === filter.state)
  const through = rows.filter(row => ofVersion(row) && ofState(row))
  const grouped = <T extends string>(of: DayRow[], key: (row: DayRow) => T) => {
    const sums = new Map<T, number>()
    for (const row of of) sums.set(key(row), (sums.get(key(row)) ?? 0) + row.n)
    return [...sums].sort((a, b) => b[1] - a[1])
  }
  const total = (name: 'confidence' | 'edit' | 'hours', places: number) =>
    through.reduce(
      (sums, row) => sums.map((sum, at) => sum + (row[name][at] ?? 0)),
      Array.from({ length: places }, () => 0),
    )
  return {
    n: through.reduce((sum, row) => sum + row.n, 0),
    byState: grouped(rows.filter(ofVersion), wordOf).map(([state, n]) => ({ state, n })),
    byVersion: grouped(rows.filter(ofState), row => row.version).map(([version, n]) => ({
      version: version === everything ? null : version,
      n,
    })),
    confidence: total('confidence', 10),
    edit: total('edit', 10),
    days: lastDays(grouped(through, row => row.day)),
    hours: total('hours', 24),
    asOf: folds[0]?.asOf ?? null,
    behind: !folds[0] || folds[0].behind,
  }
}

const mostDays = 60

/** The latest days, each of them, from the first that holds anything. */
function lastDays(counted: readonly (readonly [string, number])[]): FeedbackCounts['days'] {
  const of = new Map(counted)
  const last = [...of.keys()].sort().at(-1)
  if (!last) return []
  const dayMs = 86_400_000
  const days = Array.from({ length: mostDays }, (_, at) =>
    new Date(Date.parse(last) - (mostDays - 1 - at) * dayMs).toISOString().slice(0, 10),
  ).map(day => ({ day, n: of.get(day) ?? 0 }))
  return days.slice(days.findIndex(({ n }) => n > 0))
}

interface SliceRow {
  sliceId: string
  day: string
  state: string
  shown: boolean
  blind: boolean
  undone: boolean
  n: number
}

/** Rates of slices over their latest days, by their ids; the nil uuid is everything. */
export async function readSliceFigures(
  scope: ProjectScope,
  sliceIds: readonly string[],
): Promise<Map<string, SliceFigures>> {
  const pool = getDb().$client
  const [{ rows: dayRows }, { rows }, { rows: waiting }] = await Promise.all([
    pool.query<{ day: string }>(
      `SELECT ((amend.now() AT TIME ZONE $1)::date - g)::text AS day FROM generate_series($2::int - 1, 0, -1) g`,
      [scope.project.timeZone, sliceDays],
    ),
    pool.query<SliceRow>(
      `SELECT slice_id AS "sliceId", day::text, state, suggestion_shown AS shown, blind, ever_undone AS undone, sum(n)::int AS n
       FROM feedback_days WHERE project_id = $1 AND slice_id = ANY($2::uuid[]) AND day > (amend.now() AT TIME ZONE $3)::date - $4::int AND NOT simulated
       GROUP BY 1, 2, 3, 4, 5, 6`,
      [scope.projectId, sliceIds, scope.project.timeZone, sliceDays],
    ),
    pool.query<{ sliceId: string }>(
      `SELECT DISTINCT slice_id AS "sliceId" FROM feedback_dirty_days y
       WHERE project_id = $1 AND slice_id = ANY($2::uuid[]) AND day > (amend.now() AT TIME ZONE $3)::date - $4::int
         AND NOT EXISTS (SELECT FROM feedback_days x WHERE x.project_id = $1 AND x.slice_id = y.slice_id AND x.day = y.day)
         AND slice_id <> $5`,
      [scope.projectId, sliceIds, scope.project.timeZone, sliceDays, everything],
    ),
  ])
  const days = dayRows.map(row => row.day)
  return new Map(
    sliceIds.map(id => [
      id,
      figuresOf(
        rows.filter(row => row.sliceId === id),
        days,
        waiting.some(row => row.sliceId === id),
      ),
    ]),
  )
}

/** Blind rows are nobody's answer to a suggestion: they are told, and in no rate. */
function figuresOf(rows: readonly SliceRow[], days: readonly string[], counting: boolean): SliceFigures {
  const sum = (of: readonly SliceRow[]) => of.reduce((all, row) => all + row.n, 0)
  const seen = rows.filter(row => row.shown && !row.blind)
  const inState = (of: readonly SliceRow[], ...states: string[]) =>
    sum(of.filter(row => states.includes(row.state)))
  const judged = (of: readonly SliceRow[]) =>
    inState(of, 'accepted', 'corrected', 'rejected', 'dismissed', 'written')
  const accepted = inState(seen, 'accepted')
  return {
    n: sum(rows),
    accepted,
    corrected: inState(seen, 'corrected'),
    rejected: inState(seen, 'rejected', 'dismissed', 'written'),
    undone: sum(seen.filter(row => row.undone)),
    blind: sum(rows.filter(row => row.blind)),
    acceptance: wilson(accepted, judged(seen)),
    days: days.map(day => {
      const of = seen.filter(row => row.day === day)
      return {
        day,
        n: sum(rows.filter(row => row.day === day)),
        accepted: inState(of, 'accepted'),
        of: judged(of),
      }
    }),
    counting,
  }
}
