import 'server-only'
import type { HistoryPage } from '@/contract/v1/feedback'
import { getDb, statementName } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'
import { describeExposures } from './describe-exposures'
import { findActor } from './find-actor'

const mineSql = `
  SELECT id, exposure_id, ${toMicros('server_time')}::text AS micros
  FROM feedback_events
  WHERE project_id = $1 AND actor_id = $2 AND type <> 'shown'
    AND ($3::bigint IS NULL OR (server_time, id) < (${fromMicros('$3::bigint')}, $4::uuid))
  ORDER BY server_time DESC, id DESC LIMIT $5`

/** What the caller did, newest first, with what can be done about each act now. */
export async function listMyHistory(
  scope: ProjectScope,
  page: { cursor?: string | undefined; limit?: number | undefined },
): Promise<HistoryPage> {
  const limit = page.limit ?? 50
  const after = readCursor(page.cursor)
  const actor = await findActor(scope)
  const { rows } = await getDb().$client.query({
    name: statementName('my-history'),
    text: mineSql,
    values: [scope.projectId, actor.id, after?.micros ?? null, after?.id ?? null, limit + 1],
  })
  const mine = rows.slice(0, limit)
  const logs = await describeExposures(scope, actor, [...new Set(mine.map(row => row.exposure_id as string))])
  const byId = new Map([...logs.values()].flat().map(entry => [entry.id, entry]))
  const last = mine.at(-1)
  return {
    entries: mine.flatMap(row => byId.get(row.id) ?? []),
    nextCursor: rows.length > limit && last ? writeCursor(last.micros, last.id) : null,
  }
}
