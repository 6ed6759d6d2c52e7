import 'server-only'
import type { Transaction } from '@/db/client'
import { reopen } from './hold-item'
import { projectEntry, readEntries } from './review-log'
import { settleSharing } from './settle-sharing'

/** An item whose truth is known is not to be reviewed: what is open of it closes. Whoever has it in hand goes on. */
export async function closePlaces(tx: Transaction, projectId: string, itemId: string): Promise<void> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT id FROM queue_entries WHERE project_id = $1 AND item_id = $2 AND kind = 'review' AND state = 'open' ORDER BY id FOR NO KEY UPDATE`,
    [projectId, itemId],
  )
  const entries = [projectId, rows.map(row => row.id)]
  await tx.$client.query(
    `UPDATE assignments SET state = 'closed' WHERE project_id = $1 AND entry_id = ANY($2::uuid[]) AND state = 'open'`,
    entries,
  )
  await tx.$client.query(
    `UPDATE queue_entries SET state = 'closed' WHERE project_id = $1 AND id = ANY($2::uuid[])`,
    entries,
  )
  await settleTaught(tx, projectId, itemId)
}

/** The item is one like any other again: it stands as its log says, and what was closed of it is handed out again. */
export async function openPlaces(tx: Transaction, projectId: string, itemId: string): Promise<void> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT e.id FROM queue_entries e JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id AND i.erased_at IS NULL
     WHERE e.project_id = $1 AND e.item_id = $2 AND e.kind = 'review' AND e.state = 'closed' ORDER BY e.id FOR NO KEY UPDATE OF e`,
    [projectId, itemId],
  )
  for (const entry of await readEntries(
    tx,
    projectId,
    rows.map(row => row.id),
  )) {
    const { state } = projectEntry(entry).projection
    await tx.$client.query('UPDATE queue_entries SET state = $3 WHERE project_id = $1 AND id = $2', [
      projectId,
      entry.id,
      state,
    ])
    const { rows: places } = await tx.$client.query<{ id: string }>(
      `SELECT id FROM assignments WHERE project_id = $1 AND entry_id = $2 AND state = 'closed' ORDER BY position FOR UPDATE`,
      [projectId, entry.id],
    )
    for (const { id } of places) await reopen(tx, projectId, id)
  }
  await settleTaught(tx, projectId, itemId)
}

/** What people taught on the item leaves, with its becoming gold, what others and models learn from, and comes back after. */
async function settleTaught(tx: Transaction, projectId: string, itemId: string): Promise<void> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT exposure_id AS id FROM decisions WHERE project_id = $1 AND item_id = $2 AND state IN ('accepted', 'corrected', 'written')`,
    [projectId, itemId],
  )
  if (rows.length > 0)
    await settleSharing(
      tx,
      projectId,
      rows.map(row => row.id),
    )
}
