import 'server-only'
import type { InboxPage } from '@/contract/v1/items'
import { getDb, statementName } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'
import { findActor } from './find-actor'
import type { StoredCandidate } from './store-prediction'
import { warmLiveModel } from './warm-live-model'

const inboxSql = `
  SELECT i.id, i.sample, to_json(i.created_at)#>>'{}' AS "createdAt", ${toMicros('i.created_at')}::text AS micros,
    c.body AS payload, d.state, r.event_id, r.state AS reply_state, to_json(r.send_at)#>>'{}' AS send_at, r.body AS written,
    r.candidate_id, r.candidates, r.withdrawn
  FROM items i
  JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
  LEFT JOIN LATERAL (
    SELECT state FROM decisions d WHERE d.project_id = i.project_id AND d.item_id = i.id AND d.actor_id = $2
    ORDER BY decided_at DESC NULLS LAST, exposed_at DESC LIMIT 1) d ON true
  LEFT JOIN LATERAL (
    SELECT v.event_id, v.state, v.send_at, w.body, v.candidate_id, p.body AS candidates,
      d.event_id IS DISTINCT FROM v.event_id AS withdrawn
    FROM deliveries v
    JOIN exposures e ON e.project_id = v.project_id AND e.id = v.exposure_id
    JOIN decisions d ON d.project_id = v.project_id AND d.exposure_id = v.exposure_id
    LEFT JOIN contents w ON w.project_id = v.project_id AND w.id = v.after_content_id
    LEFT JOIN predictions q ON q.project_id = e.project_id AND q.id = e.prediction_id
    LEFT JOIN contents p ON p.project_id = q.project_id AND p.id = q.content_id
    WHERE v.project_id = i.project_id AND v.item_id = i.id AND v.actor_id = $2 AND v.state IN ('waiting', 'sent')
    ORDER BY v.send_at DESC LIMIT 1) r ON true
  WHERE i.project_id = $1 AND i.erased_at IS NULL AND NOT i.simulated AND (i.owner_actor_id IS NULL OR i.owner_actor_id = $2)
    AND ($3::bigint IS NULL OR (i.created_at, i.id) < (${fromMicros('$3::bigint')}, $4::uuid))
  ORDER BY i.created_at DESC, i.id DESC LIMIT $5`

/** What went out: the person's own words, else the accepted candidate's. */
function replyText(
  task: TaskType,
  row: { written: unknown; candidates: StoredCandidate[] | null; candidate_id: string | null },
): string {
  const value = row.written ?? row.candidates?.find(c => c.id === row.candidate_id)?.value
  return value ? task.textOf(value) : ''
}

/** The caller's threads, newest first, each with what the caller did about it. */
export async function listInbox(
  scope: ProjectScope,
  page: { cursor?: string | undefined; limit?: number | undefined },
): Promise<InboxPage> {
  const limit = page.limit ?? 50
  const after = readCursor(page.cursor)
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const [{ rows }, now] = await Promise.all([
    getDb().$client.query({
      name: statementName('inbox'),
      text: inboxSql,
      values: [scope.projectId, actor.id, after?.micros ?? null, after?.id ?? null, limit + 1],
    }),
    getDb().$client.query(`SELECT to_json(amend.now())#>>'{}' AS now`),
    actor.suggestionsOn ? warmLiveModel(scope) : null,
  ])
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(row => ({
      id: row.id,
      payload: row.payload,
      sample: row.sample,
      createdAt: row.createdAt,
      state: row.state,
      reply: row.event_id
        ? {
            eventId: row.event_id,
            text: replyText(task, row),
            state: row.reply_state,
            sendAt: row.send_at,
            withdrawn: row.withdrawn,
          }
        : null,
    })),
    nextCursor: rows.length > limit && last ? writeCursor(last.micros, last.id) : null,
    serverTime: now.rows[0].now,
  }
}
