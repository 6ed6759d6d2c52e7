import 'server-only'
import type { Transaction } from '@/db/client'
import { type Bind, dayBegins, type FeedbackProject } from '@/db/queries/feedback'

/** One of so many equal stretches of a day, from 0. */
export interface DayPart {
  at: number
  of: number
}

/** A quarter of an hour: what is in one is counted at once, however much it is. */
const mostParts = 96

/** Cuts a day so that no statement has to count many more decisions than `atOnce`. */
export async function cutDay(
  tx: Transaction,
  project: FeedbackProject,
  day: string,
  atOnce: number,
): Promise<DayPart[]> {
  const values: (string | number)[] = [project.projectId]
  const bind: Bind = value => `$${values.push(value)}`
  const { rows } = await tx.$client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM (SELECT FROM decisions d WHERE d.project_id = $1 AND ${withinPart(project, day, { at: 0, of: 1 }, bind)}
       LIMIT ${bind(atOnce * mostParts)}) x`,
    values,
  )
  const of = Math.min(mostParts, Math.max(1, Math.ceil((rows[0]?.n ?? 0) / atOnce)))
  return Array.from({ length: of }, (_, at) => ({ at, of }))
}

/** SQL: decisions `d` of a part of a day of the project; a day of 23 or 25 hours is cut in equal parts as well. */
export function withinPart(project: FeedbackProject, day: string, { at, of }: DayPart, bind: Bind): string {
  const cut = cutter(project, day, of, bind)
  return `d.exposed_at >= ${cut(at)} AND d.exposed_at < ${cut(at + 1)}`
}

/** SQL: decisions of the same day before a part of it, by the name they have in the query. */
export function beforePart(
  project: FeedbackProject,
  day: string,
  { at, of }: DayPart,
  bind: Bind,
  decisions: string,
): string {
  const cut = cutter(project, day, of, bind)
  return `${decisions}.exposed_at >= ${cut(0)} AND ${decisions}.exposed_at < ${cut(at)}`
}

function cutter(project: FeedbackProject, day: string, of: number, bind: Bind) {
  const [begin, end] = [dayBegins(project, day, bind), dayBegins(project, day, bind, 1)]
  return (place: number) =>
    place === 0 ? begin : place === of ? end : `(${begin} + (${end} - ${begin}) * ${place} / ${of})`
}

/** SQL: what ON CONFLICT sets where counts of another part of the day are there already; `bins` are added place by place. */
export function addTo(table: string, columns: readonly string[], bins: readonly string[] = []): string {
  return columns
    .map(column =>
      bins.includes(column)
        ? `${column} = (SELECT array_agg(a + b ORDER BY place) FROM unnest(${table}.${column}, excluded.${column}) WITH ORDINALITY AS u(a, b, place))`
        : `${column} = ${table}.${column} + excluded.${column}`,
    )
    .join(', ')
}
