import 'server-only'
import type { z } from 'zod'
import type { Arrival, ArrivalPage, arrivalsQuery } from '@/contract/v1/arrivals'
import { getDb } from '@/db/client'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'

/** Rows are written half a second late and by several servers: a look at what is new reaches back by this much. */
const overlapMicros = 3_000_000

/** What arrived at a project in the last day, newest first. */
export async function listArrivals(
  scope: ProjectScope,
  query: z.output<typeof arrivalsQuery>,
): Promise<ArrivalPage> {
  const before = readCursor(query.cursor)
  const after = readCursor(query.after)
  const { rows } = await getDb().$client.query(
    `SELECT a.*, k.name AS key_name, k.prefix AS key_prefix,
       (extract(epoch FROM a.at) * 1000000)::bigint::text AS micros, to_json(a.at)#>>'{}' AS at_text
     FROM arrivals a LEFT JOIN api_keys k ON k.project_id = a.project_id AND k.id = a.key_id
     WHERE a.project_id = $1
       AND ($2::bigint IS NULL OR (a.at, a.id) < (to_timestamp(0) + $2::bigint * interval '1 microsecond', $3::uuid))
       AND ($4::bigint IS NULL OR a.at > to_timestamp(0) + $4::bigint * interval '1 microsecond')
       AND (NOT $5 OR a.status >= 400 OR a.refused_count > 0)
       AND ($6::uuid IS NULL OR a.key_id = $6)
       AND ($7::text IS NULL OR a.origin = $7)
     ORDER BY a.at DESC, a.id DESC LIMIT $8`,
    [
      scope.projectId,
      before?.micros ?? null,
      before?.id ?? null,
      after ? Number(after.micros) - overlapMicros : null,
      query.refused === 'only',
      query.key ?? null,
      query.origin ?? null,
      query.limit + 1,
    ],
  )
  const { rows: clock } = await getDb().$client.query<{ now: Date }>('SELECT amend.now() AS now')
  const shown = rows.slice(0, query.limit)
  const [newest, oldest] = [shown[0], shown.at(-1)]
  return {
    arrivals: shown.map(toArrival),
    nextCursor: rows.length > query.limit ? writeCursor(oldest.micros, oldest.id) : null,
    newestCursor: newest ? writeCursor(newest.micros, newest.id) : (query.after ?? null),
    serverTime: (clock[0]?.now ?? new Date(0)).toISOString(),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
function toArrival(row: any): Arrival {
  const counted = row.code === 'left_out'
  return {
    id: row.id,
    at: row.at_text,
    caller: row.caller_kind,
    key: row.key_name === null ? null : { id: row.key_id, name: row.key_name, prefix: row.key_prefix },
    origin: row.origin,
    pseudonym: row.pseudonym,
    method: row.method,
    route: row.route,
    status: row.status,
    code: row.code,
    detail: row.detail,
    field: row.field,
    events: row.event_types
      ? {
          types: row.event_types,
          count: row.event_count,
          refused: row.refused_count,
          refusals: row.refusals ?? [],
        }
      : null,
    leftOut: counted ? row.event_count : null,
    tookMs: row.took_ms,
  }
}

/** By what the inspector can be narrowed: keys of the project, and origins seen in the last day. */
export async function arrivalOrigins(scope: ProjectScope): Promise<string[]> {
  const { rows } = await getDb().$client.query<{ origin: string }>(
    'SELECT DISTINCT origin FROM arrivals WHERE project_id = $1 AND origin IS NOT NULL ORDER BY origin LIMIT 100',
    [scope.projectId],
  )
  return rows.map(row => row.origin)
}
