import 'server-only'
import type { QueueItemDetail } from '@/contract/v1/queue-acts'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { describeAnswered } from './describe-answered'
import type { StoredCandidate } from './store-prediction'

const itemSql = `
  SELECT e.state, c.body AS payload, pc.body AS candidates,
    json_build_object('at', to_json(e.created_at)#>>'{}', 'strategy', e.strategy, 'part', e.part, 'poolSize', e.pool_size, 'rank', e.rank,
      'inclusionProbability', e.inclusion_probability, 'seed', e.seed, 'model', m.name || ' ' || v.version) AS selection,
    coalesce((SELECT json_object_agg(w.id, w.pseudonym) FROM answers a JOIN actors w ON w.project_id = a.project_id AND w.id = a.actor_id
      WHERE a.project_id = e.project_id AND a.entry_id = e.id), '{}'::json) AS names
  FROM queue_entries e
  JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id
  JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
  LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
  LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
  LEFT JOIN model_versions v ON v.project_id = e.project_id AND v.id = e.model_version_id
  LEFT JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
  WHERE e.project_id = $1 AND e.queue_id = $2 AND e.id = $3 AND e.kind = 'review'`

/**
 * What an item of a queue shows and how it was selected, for those who answer for it. Who answered what is told once it is
 * finished: until then a curator may have to judge it too. @throws AmendError not_found
 */
export async function describeQueueItem(
  scope: ProjectScope,
  queueId: string,
  entryId: string,
): Promise<QueueItemDetail> {
  const { rows } = await getDb().$client.query(itemSql, [scope.projectId, queueId, entryId])
  const row = rows[0]
  if (!row) throw new AmendError('not_found', 'There is no such item in this queue.')
  const task = await loadTaskType(scope.project.taskType)
  const [said] = row.state === 'resolved' ? await describeAnswered(scope, [entryId], id => row.names[id]) : []
  const candidates: StoredCandidate[] = said ? (row.candidates ?? []) : []
  return {
    entryId,
    payload: row.payload,
    suggestions: candidates.map(candidate => task.textOf(candidate.value as never)),
    answers: said?.answers ?? [],
    resolution: said?.resolution ?? null,
    selection: row.selection,
  }
}
