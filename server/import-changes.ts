import 'server-only'
import type { Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { Compensator } from './compensators'
import { eraseMediaOf } from './erase-media'
import { eraseReviewOf } from './erase-review'
import { overtakeErased } from './overtake-versions'
import { turnBatch } from './settle-outcomes'

const blocked = (detail: string, facts?: Record<string, unknown>) =>
  new AmendError('undo_blocked', detail, facts ? { facts } : {})

const undoTimeoutMs = 10 * 60 * 1000

/**
 * Takes an import back: erases the content of its items and lets go of their ids, so that the file can come again.
 * All of them or none: items that somebody has acted on are named by their number, and nothing is touched.
 */
export const undoImport: Compensator = {
  permission: 'items.import',
  async undo(tx, action) {
    const importId = action.targetId ?? ''
    const { rows } = await tx.$client.query<{ state: string; stored: number }>(
      `SELECT state, stored FROM imports WHERE project_id = $1 AND id = $2 FOR UPDATE`,
      [action.projectId, importId],
    )
    const found = rows[0]
    if (!found) throw blocked('This import is gone.')
    if (found.state === 'running')
      throw blocked('This import is under way. Cancel it first, then undo what came in.')
    if (found.state === 'undone') throw blocked('This import was undone already.')
    await tx.$client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(undoTimeoutMs)])
    // First: whoever reviews one of them at this moment has ended when they are counted.
    await closeInQueues(tx, action.projectId, importId)
    const actedOn = await countActedOn(tx, action.projectId, importId)
    if (actedOn > 0) {
      const items = actedOn === 1 ? '1 item has' : `${actedOn.toLocaleString('en')} items have`
      throw blocked(
        `${items} feedback by now, and erasing them would take what people did with them along. Erase single items instead.`,
        { actedOn },
      )
    }
    await turnBatch(tx, action.projectId, importId, 'withdrawn')
    const erased = await eraseItems(tx, action.projectId, importId)
    await tx.$client.query(`UPDATE imports SET state = 'undone' WHERE project_id = $1 AND id = $2`, [
      action.projectId,
      importId,
    ])
    return { kind: 'import.undone', targetType: 'import', targetId: importId, before: { stored: erased } }
  },
}

async function closeInQueues(tx: Transaction, projectId: string, importId: string): Promise<void> {
  const { rows } = await tx.$client.query<{ item_id: string }>(
    'SELECT item_id FROM import_rows WHERE project_id = $1 AND import_id = $2',
    [projectId, importId],
  )
  await eraseReviewOf(tx, projectId, { itemIds: rows.map(row => row.item_id) })
}

async function countActedOn(tx: Transaction, projectId: string, importId: string): Promise<number> {
  const { rows } = await tx.$client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM import_rows r WHERE r.project_id = $1 AND r.import_id = $2 AND EXISTS (
       SELECT FROM exposures x JOIN feedback_events e ON e.project_id = x.project_id AND e.exposure_id = x.id
       WHERE x.project_id = r.project_id AND x.item_id = r.item_id AND e.type NOT IN ('shown', 'revealed', 'ignored')
       UNION ALL
       SELECT FROM queue_entries q JOIN review_events v ON v.project_id = q.project_id AND v.entry_id = q.id
       WHERE q.project_id = r.project_id AND q.item_id = r.item_id)`,
    [projectId, importId],
  )
  return rows[0]?.n ?? 0
}

async function eraseItems(tx: Transaction, projectId: string, importId: string): Promise<number> {
  const ours = 'SELECT item_id FROM import_rows WHERE project_id = $1 AND import_id = $2'
  // Also what this file said of items that were there before it.
  const { rows: erased } = await tx.$client.query<{ id: string }>(
    `UPDATE contents SET body = NULL, salt = NULL, erased_at = amend.now()
     WHERE project_id = $1 AND erased_at IS NULL AND (item_id IN (${ours}) OR id IN (
       SELECT content_id FROM imported_values WHERE project_id = $1 AND import_id = $2)) RETURNING id`,
    [projectId, importId],
  )
  await tx.$client.query(`DELETE FROM item_vectors WHERE project_id = $1 AND item_id IN (${ours})`, [
    projectId,
    importId,
  ])
  await overtakeErased(
    tx,
    projectId,
    erased.map(content => content.id),
  )
  const { rowCount } = await tx.$client.query(
    `UPDATE items SET erased_at = coalesce(erased_at, amend.now()), external_id = NULL
     WHERE project_id = $1 AND id IN (${ours})`,
    [projectId, importId],
  )
  await eraseMediaOf(tx, projectId, { importId })
  return rowCount ?? 0
}
