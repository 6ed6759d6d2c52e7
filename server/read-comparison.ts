import 'server-only'
import type { Comparison } from '@/contract/v1/context'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { revealedFor } from './record-review'
import { projectEntry, readEntries } from './review-log'

/**
 * A blind answer of the caller's own that stands, beside the suggestion: for a comparison that was put off.
 *
 * @throws AmendError not_found
 */
export async function readComparison(scope: ProjectScope, eventId: string): Promise<Comparison> {
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const { rows } = await getDb().$client.query(
    `SELECT r.entry_id, r.assignment_id, r.item_id, to_json(r.server_time)#>>'{}' AS at, c.body AS payload, w.body AS written
     FROM review_events r
     JOIN items i ON i.project_id = r.project_id AND i.id = r.item_id AND i.erased_at IS NULL
     JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
     LEFT JOIN contents w ON w.project_id = r.project_id AND w.id = r.content_id
     WHERE r.project_id = $1 AND r.id = $2 AND r.actor_id = $3 AND r.type = 'submitted' AND r.blind`,
    [scope.projectId, eventId, actor.id],
  )
  const [row] = rows
  const [entry] = row ? await readEntries(getDb(), scope.projectId, [row.entry_id]) : []
  const answer = entry && projectEntry(entry).folded.answers.find(one => one.eventId === eventId)
  if (!row || !answer)
    throw new AmendError('not_found', 'There is no such locked answer, or it does not stand.', {
      field: 'id',
    })
  return {
    eventId,
    assignmentId: row.assignment_id,
    entryId: row.entry_id,
    itemId: row.item_id,
    title: row.payload === null ? '' : task.titleOf(row.payload),
    payload: row.payload,
    media: (row.payload !== null && task.mediaOf?.(row.payload as never)) || null,
    texts: ((row.written?.texts ?? []) as unknown[]).map(text => task.textOf(text as never)),
    lockedAt: row.at,
    revealed: await revealedFor(scope.projectId, eventId, actor.id, task),
    preference: answer.second?.preference ?? null,
  }
}
