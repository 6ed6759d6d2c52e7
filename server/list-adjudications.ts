import 'server-only'
import type { AdjudicationList, SettledEntry, SettledPage } from '@/contract/v1/adjudication'
import { getDb } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { mayAdjudicateSql, userOf } from './claim-adjudication'
import { readCursor, writeCursor } from './cursor'
import { readWords } from './describe-adjudication'
import { findActor } from './find-actor'
import { projectEntry, readEntries } from './review-log'

const mostCounted = 1_000

const listSql = `
  WITH waiting AS (
    SELECT a.queue_id, a.state, a.actor_id, a.leased_until, (${mayAdjudicateSql}) AS may
    FROM adjudications a
    JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id AND e.state = 'disputed'
    JOIN queues q ON q.project_id = a.project_id AND q.id = a.queue_id
    WHERE a.project_id = $1 AND a.state IN ('open', 'leased') LIMIT ${mostCounted})
  SELECT q.id, q.name, count(*)::int AS waiting, q.adjudicator_ids IS NULL OR $3::uuid IS NULL OR $3 = ANY(q.adjudicator_ids) AS named,
    count(*) FILTER (WHERE w.may AND (w.state = 'open' OR w.leased_until < amend.now()) AND NOT (w.state = 'leased' AND w.actor_id = $2))::int AS open,
    count(*) FILTER (WHERE w.state = 'leased' AND w.actor_id = $2)::int AS mine
  FROM waiting w JOIN queues q ON q.project_id = $1 AND q.id = w.queue_id GROUP BY q.id, q.name, q.adjudicator_ids ORDER BY q.name`

/** What waits for an adjudicator, and how much of it the caller may settle. */
export async function listAdjudications(scope: ProjectScope): Promise<AdjudicationList> {
  const actor = await findActor(scope)
  const { rows } = await getDb().$client.query(listSql, [scope.projectId, actor.id, userOf(scope)])
  return {
    openForMe: rows.reduce((sum, row) => sum + row.open, 0),
    mine: rows.reduce((sum, row) => sum + row.mine, 0),
    queues: rows.map(({ id, name, waiting, named }) => ({
      id,
      name,
      waiting,
      closedToMe: named ? null : 'Named people settle what is disputed here. Ask a curator to add you.',
    })),
  }
}

const settledSql = `
  SELECT r.id, r.entry_id, r.item_id, r.type, to_json(r.server_time)#>>'{}' AS at, ${toMicros('r.server_time')}::text AS micros,
    c.body AS payload, w.body AS written, q.name
  FROM review_events r
  JOIN queues q ON q.project_id = r.project_id AND q.id = r.queue_id
  JOIN items i ON i.project_id = r.project_id AND i.id = r.item_id
  JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
  LEFT JOIN contents w ON w.project_id = r.project_id AND w.id = r.content_id
  WHERE r.project_id = $1 AND r.actor_id = $2
    AND (r.type = 'adjudicated' OR (r.type = 'returned' AND EXISTS (
      SELECT FROM adjudications a WHERE a.project_id = r.project_id AND a.entry_id = r.entry_id AND a.actor_id = $2)))
    AND ($3::bigint IS NULL OR (r.server_time, r.id) < (${fromMicros('$3::bigint')}, $4::uuid))
  ORDER BY r.server_time DESC, r.id DESC LIMIT $5`

/** What the caller settled or sent back, newest first, and how it stands. */
export async function listSettled(
  scope: ProjectScope,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<SettledPage> {
  const after = readCursor(cursor)
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const { rows } = await getDb().$client.query(settledSql, [
    scope.projectId,
    actor.id,
    after?.micros ?? null,
    after?.id ?? null,
    limit + 1,
  ])
  const shown = rows.slice(0, limit)
  const entries = await readEntries(getDb(), scope.projectId, [
    ...new Set(shown.map(row => row.entry_id as string)),
  ])
  const listed: SettledEntry[] = []
  for (const row of shown) {
    const entry = entries.find(one => one.id === row.entry_id)
    const folded = entry && projectEntry(entry).folded
    const act = folded?.acts.get(row.id)
    const resolves = folded?.resolution?.adjudicationEventId === row.id
    const own = ((row.written?.texts ?? []) as unknown[]).map(text => task.textOf(text as never))
    const words =
      entry && folded && resolves
        ? await readWords(getDb(), scope.projectId, task, entry, folded.answers)
        : null
    const picked =
      words && folded?.resolution
        ? folded.resolution.values
            .filter(
              value =>
                value.origin === 'suggestion' || folded.answers.some(a => a.contentId === value.contentId),
            )
            .map(words.textOf)
        : []
    listed.push({
      eventId: row.id,
      entryId: row.entry_id,
      itemId: row.item_id,
      title: row.payload === null ? '' : task.titleOf(row.payload),
      queueName: row.name,
      type: row.type,
      texts: [...new Set([...own, ...picked])],
      note: row.written?.comment ?? '',
      standing: act?.standing ?? 'undone',
      undoEventId: act?.undoEventId ?? null,
      resolves,
      at: row.at,
    })
  }
  const last = shown.at(-1)
  return {
    entries: listed,
    nextCursor: rows.length > limit && last ? writeCursor(last.micros, last.id) : null,
  }
}
