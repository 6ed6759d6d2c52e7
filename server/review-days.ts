import 'server-only'
import type { z } from 'zod'
import type { daysQuery } from '@/contract/v1/figures'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { safeCell } from '@/exchange/registry'
import type { ProjectScope } from './access'

/** More days than these are asked for in parts. */
const mostDays = 366
const mostRows = 100_000

/** The last column says what it counts, so that the file does. */
const columns = [
  'day',
  'annotator',
  'simulated',
  'queue',
  'items',
  'good',
  'usable',
  'wrong',
  'active_minutes_pauses_over_60_s_cut',
] as const

/** Answers that stand, with their verdicts, and time of all that was done there, by day in the project's zone. */
const daysSql = `
  WITH span AS (
    SELECT coalesce($3::date, (amend.now() AT TIME ZONE $2)::date - 29) AS first, coalesce($4::date, (amend.now() AT TIME ZONE $2)::date) AS last),
  bounds AS MATERIALIZED (SELECT (first::timestamp AT TIME ZONE $2) AS since, ((last + 1)::timestamp AT TIME ZONE $2) AS until FROM span),
  work AS (
    SELECT (r.server_time AT TIME ZONE $2)::date AS day, r.actor_id, r.queue_id, bool_or(r.simulated) AS simulated, sum(r.active_ms) AS ms
    FROM review_events r, bounds b WHERE r.project_id = $1 AND r.server_time >= b.since AND r.server_time < b.until
      AND r.type IN ('submitted', 'skipped', 'flagged', 'asked', 'compared') AND (NOT r.simulated OR $5)
    GROUP BY 1, 2, 3),
  done AS (
    SELECT (a.submitted_at AT TIME ZONE $2)::date AS day, a.actor_id, a.queue_id, count(*) AS items,
      sum((SELECT count(*) FROM jsonb_array_elements(a.verdicts) v WHERE v->>'verdict' = 'good')) AS good,
      sum((SELECT count(*) FROM jsonb_array_elements(a.verdicts) v WHERE v->>'verdict' = 'usable')) AS usable,
      sum((SELECT count(*) FROM jsonb_array_elements(a.verdicts) v WHERE v->>'verdict' = 'wrong')) AS wrong
    FROM answers a, bounds b WHERE a.project_id = $1 AND a.submitted_at >= b.since AND a.submitted_at < b.until
      AND a.kind <> 'practice' AND (NOT a.simulated OR $5)
    GROUP BY 1, 2, 3)
  SELECT to_char(w.day, 'YYYY-MM-DD') AS day, x.pseudonym AS annotator, w.simulated, q.name AS queue, coalesce(d.items, 0)::int AS items,
    coalesce(d.good, 0)::int AS good, coalesce(d.usable, 0)::int AS usable, coalesce(d.wrong, 0)::int AS wrong,
    round(coalesce(w.ms, 0)::numeric / 60000, 1)::float8 AS minutes
  FROM work w
  LEFT JOIN done d ON d.day = w.day AND d.actor_id = w.actor_id AND d.queue_id = w.queue_id
  JOIN actors x ON x.project_id = $1 AND x.id = w.actor_id
  JOIN queues q ON q.project_id = $1 AND q.id = w.queue_id
  ORDER BY w.day, x.pseudonym, q.name LIMIT ${mostRows}`

/** Work per person and day as CSV (RFC 4180), no cell of which a spreadsheet runs. @throws AmendError invalid_input */
export async function reviewDays(
  scope: ProjectScope,
  { from, to }: z.output<typeof daysQuery>,
): Promise<{ csv: string; fileName: string }> {
  if (from && to && (from > to || Date.parse(to) - Date.parse(from) > mostDays * 86_400_000))
    throw new AmendError(
      'invalid_input',
      `from: at most ${mostDays} days at once, and not after the last one.`,
      { field: 'from' },
    )
  const { slug, timeZone, demo } = scope.project
  const { rows } = await getDb().$client.query(daysSql, [
    scope.projectId,
    timeZone,
    from ?? null,
    to ?? null,
    demo,
  ])
  const lines = rows.map(row =>
    [
      row.day,
      safeCell(row.annotator),
      row.simulated,
      safeCell(row.queue),
      row.items,
      row.good,
      row.usable,
      row.wrong,
      row.minutes,
    ].join(','),
  )
  return { csv: `${[columns.join(','), ...lines].join('\r\n')}\r\n`, fileName: `${slug}-review-days.csv` }
}
