import 'server-only'
import type { Transaction } from '@/db/client'
import { isGold } from '@/db/queries/gold'

/**
 * SQL: whether the ground of a training row `t` still stands. A row of a shared example stands with it; one of a dataset
 * stands as long as the decision that it was made from is the live one, of somebody who allows training, and no gold.
 */
const rowStands = `CASE WHEN t.shared_example_id IS NOT NULL
  THEN EXISTS (SELECT FROM shared_examples s WHERE s.project_id = t.project_id AND s.id = t.shared_example_id AND s.state = 'active')
  ELSE NOT EXISTS (
    SELECT FROM unnest(t.exposure_ids) AS x(id)
    LEFT JOIN decisions d ON d.project_id = t.project_id AND d.exposure_id = x.id
    LEFT JOIN actors a ON a.project_id = d.project_id AND a.id = d.actor_id
    WHERE d.state IS NULL OR d.state NOT IN ('accepted', 'corrected', 'written') OR NOT a.training_allowed
      OR a.erased_at IS NOT NULL OR ${isGold('d.project_id', 'd.item_id')} OR d.event_id::text <> t.facts->>'eventId') END
  AND EXISTS (SELECT FROM contents c WHERE c.project_id = t.project_id AND c.id = t.value_content_id AND c.erased_at IS NULL)
  AND EXISTS (SELECT FROM contents c WHERE c.project_id = t.project_id AND c.id = t.input_content_id AND c.erased_at IS NULL)`

/** Withdraws rows of trained versions whose ground was taken back on some exposures, and restores those that stand again. */
export async function settleTrainingRows(
  tx: Transaction,
  projectId: string,
  exposureIds: readonly string[],
): Promise<void> {
  await tx.$client.query(
    `UPDATE training_rows t SET withdrawn_at = CASE WHEN t.withdrawn_at IS NULL THEN amend.now() END
     WHERE t.project_id = $1 AND t.exposure_ids && $2::uuid[] AND (t.withdrawn_at IS NULL) <> (${rowStands})`,
    [projectId, exposureIds],
  )
}

/** Takes rows whose words were erased out of their versions for good, with what was computed from them. */
export async function dropErasedRows(tx: Transaction, projectId: string): Promise<void> {
  await tx.$client.query(
    `UPDATE training_rows t SET withdrawn_at = coalesce(t.withdrawn_at, amend.now()), vector = NULL
     FROM contents c WHERE t.project_id = $1 AND c.project_id = $1 AND c.id IN (t.input_content_id, t.value_content_id)
       AND c.erased_at IS NOT NULL AND (t.withdrawn_at IS NULL OR t.vector IS NOT NULL)`,
    [projectId],
  )
}
