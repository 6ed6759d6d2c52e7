import 'server-only'
import type { Transaction } from '@/db/client'

/**
 * What review keeps apart from `contents` of a person or of items: drafts and practice go, what was held for them is
 * free, and nobody is handed the items any more, to judge, to settle or to be measured by.
 * Answers lose their words with their contents; what was judged stays, as codes.
 */
export async function eraseReviewOf(
  tx: Transaction,
  projectId: string,
  of: { actorId: string } | { itemIds: readonly string[] },
): Promise<void> {
  if ('actorId' in of) {
    await tx.$client.query(`DELETE FROM drafts WHERE project_id = $1 AND actor_id = $2`, [
      projectId,
      of.actorId,
    ])
    await tx.$client.query(
      `UPDATE assignments SET leased_until = amend.now() WHERE project_id = $1 AND actor_id = $2 AND state = 'leased'`,
      [projectId, of.actorId],
    )
    await tx.$client.query(
      `UPDATE assignments SET reserved_for = NULL WHERE project_id = $1 AND reserved_for = $2`,
      [projectId, of.actorId],
    )
    await tx.$client.query(
      `UPDATE adjudications SET state = 'open', actor_id = NULL, session_id = NULL, leased_until = NULL
       WHERE project_id = $1 AND actor_id = $2 AND state = 'leased'`,
      [projectId, of.actorId],
    )
    await tx.$client.query('DELETE FROM practice_rounds WHERE project_id = $1 AND actor_id = $2', [
      projectId,
      of.actorId,
    ])
    return
  }
  // First the entries: who is writing one holds its row, and the statements after it see what they wrote.
  const { rows } = await tx.$client.query<{ id: string }>(
    `UPDATE queue_entries SET state = 'closed' WHERE project_id = $1 AND item_id = ANY($2::uuid[]) RETURNING id`,
    [projectId, of.itemIds],
  )
  const entries = [projectId, rows.map(row => row.id)]
  await tx.$client.query(`DELETE FROM drafts WHERE project_id = $1 AND entry_id = ANY($2::uuid[])`, entries)
  await tx.$client.query(
    `UPDATE assignments SET state = 'closed', leased_until = NULL
     WHERE project_id = $1 AND entry_id = ANY($2::uuid[]) AND state IN ('open', 'leased', 'parked')`,
    entries,
  )
  await tx.$client.query(
    `UPDATE adjudications SET state = 'closed', leased_until = NULL, done_at = coalesce(done_at, amend.now())
     WHERE project_id = $1 AND entry_id = ANY($2::uuid[]) AND state IN ('open', 'leased')`,
    entries,
  )
  await tx.$client.query(
    `UPDATE gold_items SET retired_at = amend.now() WHERE project_id = $1 AND item_id = ANY($2::uuid[]) AND retired_at IS NULL`,
    [projectId, of.itemIds],
  )
}
