import 'server-only'
import { getDb, type Transaction } from '@/db/client'
import { getStorage, mediaKey } from '@/platform/storage'

/**
 * Marks as erased what no item shows any more: the pictures of items that were erased, and a person's uploads that
 * never became an item. The files go right after, see `removeErasedMedia`.
 */
export async function eraseMediaOf(
  tx: Transaction,
  projectId: string,
  whose: { itemId: string } | { actorId: string } | { importId: string },
): Promise<void> {
  const [condition, value] =
    'itemId' in whose
      ? [
          'EXISTS (SELECT FROM item_media y WHERE y.project_id = m.project_id AND y.media_id = m.id AND y.item_id = $2)',
          whose.itemId,
        ]
      : 'importId' in whose
        ? [
            `EXISTS (SELECT FROM item_media y JOIN import_rows r ON r.project_id = y.project_id AND r.item_id = y.item_id
               WHERE y.project_id = m.project_id AND y.media_id = m.id AND r.import_id = $2)`,
            whose.importId,
          ]
        : [
            `(m.owner_actor_id = $2 OR EXISTS (SELECT FROM item_media y JOIN items i ON i.project_id = y.project_id AND i.id = y.item_id
             WHERE y.project_id = m.project_id AND y.media_id = m.id AND i.owner_actor_id = $2))`,
            whose.actorId,
          ]
  await tx.$client.query(
    `UPDATE media m SET erased_at = amend.now(), perceptual_hash = NULL WHERE m.project_id = $1 AND m.erased_at IS NULL AND ${condition}
       AND NOT EXISTS (SELECT FROM item_media x JOIN items i ON i.project_id = x.project_id AND i.id = x.item_id
         WHERE x.project_id = m.project_id AND x.media_id = m.id AND i.erased_at IS NULL)`,
    [projectId, value],
  )
}

/**
 * Deletes the files of erased media that nothing else in the project shows, then forgets their hashes. Called after
 * an erasure and by the sweeper, so that a crash in between only delays it.
 */
export async function removeErasedMedia(): Promise<number> {
  const { rows } = await getDb().$client.query(
    `SELECT project_id, id, sha256, thumbnail_sha256 FROM media WHERE erased_at IS NOT NULL AND sha256 IS NOT NULL LIMIT 100`,
  )
  const storage = getStorage()
  for (const row of rows) {
    for (const hash of [row.sha256, row.thumbnail_sha256]) {
      if (hash === null) continue
      const { rowCount } = await getDb().$client.query(
        `SELECT 1 FROM media WHERE project_id = $1 AND (sha256 = $2 OR thumbnail_sha256 = $2) AND erased_at IS NULL LIMIT 1`,
        [row.project_id, hash],
      )
      if (rowCount === 0) await storage.delete(mediaKey(row.project_id, hash))
    }
    await getDb().$client.query(
      `UPDATE media SET sha256 = NULL, thumbnail_sha256 = NULL WHERE project_id = $1 AND id = $2`,
      [row.project_id, row.id],
    )
  }
  return rows.length
}
