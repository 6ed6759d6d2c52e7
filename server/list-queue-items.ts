import 'server-only'
import type { QueueItemPage, QueueItemsQuery } from '@/contract/v1/queue-acts'
import { getDb } from '@/db/client'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'
import { findQueue } from './find-queue'

const namesSql = (who: string, state: string) => `
  coalesce((SELECT json_agg(DISTINCT coalesce(u.name, w.pseudonym)) FROM assignments a JOIN actors w ON w.project_id = a.project_id AND w.id = a.${who}
   LEFT JOIN users u ON u.id = w.user_id WHERE a.project_id = e.project_id AND a.entry_id = e.id AND ${state}), '[]'::json)`

/** An undo or a redo of it is in force: whatever names an act last decides, and what changed nothing names none. */
const takenBack = (
  event: string,
) => `coalesce((SELECT u.type = CASE ${event}.type WHEN 'undone' THEN 'redone' ELSE 'undone' END
  AND NOT EXISTS (SELECT FROM review_events z WHERE z.project_id = u.project_id AND z.entry_id = u.entry_id AND z.type = 'redone'
    AND z.target_event_id = u.id AND z.answer->>'status' = 'stored')
  FROM review_events u WHERE u.project_id = ${event}.project_id AND u.entry_id = ${event}.entry_id AND u.target_event_id = ${event}.id
    AND u.answer->>'status' = 'stored' ORDER BY u.seq DESC LIMIT 1), false)`

/** Questions that stand without a reply, and the flags that stand. */
const itemsSql = (from: string) => `
  SELECT e.id AS "entryId", e.item_id AS "itemId", c.body AS payload, e.state, e.strategy, e.part, e.score, e.overlap,
    (SELECT count(*) FROM answers x WHERE x.project_id = e.project_id AND x.entry_id = e.id) AS answers, r.agreement, r.method,
    (SELECT min((x->'probabilities'->>(x->>'verdict'))::float8) FROM jsonb_array_elements(r.posterior) x) AS posterior,
    ${namesSql('actor_id', "a.state = 'leased' AND a.leased_until > amend.now()")} AS "heldBy",
    ${namesSql('reserved_for', "a.state IN ('open', 'parked')")} AS "assignedTo",
    coalesce((SELECT json_agg(json_build_object('eventId', q.id, 'text', coalesce(qc.body->>'comment', ''), 'by', w.pseudonym, 'at', to_json(q.server_time)#>>'{}') ORDER BY q.seq)
      FROM review_events q JOIN actors w ON w.project_id = q.project_id AND w.id = q.actor_id
      LEFT JOIN contents qc ON qc.project_id = q.project_id AND qc.id = q.content_id
      WHERE q.project_id = e.project_id AND q.entry_id = e.id AND q.type = 'asked' AND e.state = 'parked'
        AND NOT EXISTS (SELECT FROM review_events d WHERE d.project_id = q.project_id AND d.entry_id = q.entry_id AND d.target_event_id = q.id
          AND d.type IN ('answered', 'undone') AND d.answer->>'status' = 'stored' AND NOT ${takenBack('d')})), '[]'::json) AS questions,
    coalesce((SELECT json_agg(json_build_object('reason', f.reason, 'comment', coalesce(fc.body->>'comment', ''), 'by', w.pseudonym, 'at', to_json(f.server_time)#>>'{}') ORDER BY f.seq)
      FROM assignment_passes s JOIN review_events f ON f.project_id = s.project_id AND f.id = s.event_id
      JOIN actors w ON w.project_id = f.project_id AND w.id = f.actor_id
      LEFT JOIN contents fc ON fc.project_id = f.project_id AND fc.id = f.content_id
      WHERE s.project_id = e.project_id AND s.entry_id = e.id AND s.flagged), '[]'::json) AS flags
  FROM (${from}) e
  JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id
  JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
  LEFT JOIN resolutions r ON r.project_id = e.project_id AND r.entry_id = e.id
  ORDER BY e.id DESC`

const inState = `SELECT * FROM queue_entries WHERE project_id = $1 AND queue_id = $2 AND state = $3 AND kind = 'review'
  AND ($4::uuid IS NULL OR id < $4::uuid) ORDER BY id DESC LIMIT $5`
const withFlag = `SELECT e.* FROM queue_entries e WHERE e.project_id = $1 AND e.queue_id = $2 AND $3::text IS NOT NULL AND e.kind = 'review'
  AND e.id IN (SELECT entry_id FROM assignment_passes WHERE project_id = $1 AND queue_id = $2 AND flagged)
  AND ($4::uuid IS NULL OR e.id < $4::uuid) ORDER BY e.id DESC LIMIT $5`

/** Items of a queue as they stand, newest first. @throws AmendError not_found */
export async function listQueueItems(
  scope: ProjectScope,
  queueId: string,
  { list, cursor, limit }: QueueItemsQuery,
): Promise<QueueItemPage> {
  const after = readCursor(cursor)
  await findQueue(scope, queueId)
  const task = await loadTaskType(scope.project.taskType)
  const { rows } = await getDb().$client.query(itemsSql(list === 'flagged' ? withFlag : inState), [
    scope.projectId,
    queueId,
    list,
    after?.id ?? null,
    limit + 1,
  ])
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(({ payload, ...item }) => ({
      ...item,
      title: payload === null ? '' : task.titleOf(payload),
    })),
    nextCursor: rows.length > limit && last ? writeCursor('0', last.entryId) : null,
  }
}
