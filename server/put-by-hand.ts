import 'server-only'
import type { Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { byHand } from '@/domain/selection'
import { findQueue } from './find-queue'
import { placeEntries, sharedPredictionSql } from './select-items'

/**
 * Puts items into a queue because somebody chose them: their inclusion probability is unknown. Gives back those that were
 * not there yet.
 *
 * @throws AmendError not_found, conflict (the queue was closed)
 */
export async function putByHand(
  tx: Transaction,
  { projectId, queueId }: { projectId: string; queueId: string },
  itemIds: readonly string[],
): Promise<string[]> {
  const queue = await findQueue({ projectId }, queueId, { tx })
  if (queue.state === 'closed')
    throw new AmendError('conflict', `The queue “${queue.name}” was closed. Open it, then go on.`)
  const { rows } = await tx.$client.query<{ id: string; itemId: string }>(
    `INSERT INTO queue_entries (project_id, queue_id, item_id, prediction_id, model_version_id, strategy, pool_size,
       inclusion_probability, rank, overlap, aggregation, agreement_floor)
     SELECT $1, $2, i.id, p.id, p.model_version_id, $4, 0, NULL, row_number() OVER (ORDER BY i.id), q.overlap, q.aggregation, q.agreement_floor
     FROM items i JOIN queues q ON q.project_id = i.project_id AND q.id = $2
     LEFT JOIN LATERAL (${sharedPredictionSql}) p ON true
     WHERE i.project_id = $1 AND i.id = ANY($3::uuid[]) AND i.erased_at IS NULL AND i.owner_actor_id IS NULL
       AND NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = i.project_id AND g.item_id = i.id AND g.retired_at IS NULL)
     ON CONFLICT DO NOTHING RETURNING id, item_id AS "itemId"`,
    [projectId, queueId, itemIds, byHand],
  )
  await placeEntries(
    tx,
    { projectId, queueId, seed: queue.rule.seed ?? '', overlap: queue.overlap },
    rows.map(row => row.id),
    queue.policy.ordering,
  )
  return rows.map(row => row.itemId)
}
