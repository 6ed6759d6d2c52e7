import 'server-only'
import type { DraftAnswer, SaveDraftBody } from '@/contract/v1/review'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { leaseLost } from './hold-item'

export const noAssignment = () => new AmendError('not_found', 'There is no such assignment in this project.')

/**
 * Keeps what the caller is writing. A save that is older than what is kept changes nothing. Whoever has lost the item
 * is told so, and what they wrote is kept for them all the same.
 *
 * @throws AmendError not_found, lease_lost
 */
export async function saveDraft(
  scope: ProjectScope,
  assignmentId: string,
  { token, revision, draft }: SaveDraftBody,
): Promise<DraftAnswer> {
  const actor = await findActor(scope)
  const saved = await withTransaction(async tx => {
    const { rows } = await tx.$client.query(
      `SELECT a.entry_id, a.actor_id, a.token, a.state FROM assignments a
       JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id
       WHERE a.project_id = $1 AND a.id = $2 AND e.state <> 'closed' FOR NO KEY UPDATE OF e`,
      [scope.projectId, assignmentId],
    )
    const slot = rows[0]
    if (!slot) throw noAssignment()
    const mine = slot.actor_id === actor.id
    // What arrives after the submit has been submitted.
    if (mine && slot.state === 'done') return { revision, savedAt: await now(tx), lost: false }
    const lost = !(mine && slot.token === token && slot.state === 'leased')
    const kept = await storeDraft(tx, scope.projectId, slot.entry_id, actor.id, draft, {
      revision,
      // Another tab of the same person goes on from what it has.
      replace: !(mine && slot.token !== token),
    })
    return { ...kept, lost }
  })
  if (saved.lost) throw leaseLost()
  return { revision: saved.revision, savedAt: saved.savedAt }
}

async function now(tx: Transaction): Promise<string> {
  const { rows } = await tx.$client.query(`SELECT to_json(amend.now())#>>'{}' AS now`)
  return rows[0].now
}

/** Keeps a draft if it is newer than the one that is kept; without a revision it becomes the newest. */
export async function storeDraft(
  tx: Transaction,
  projectId: string,
  entryId: string,
  actorId: string,
  body: SaveDraftBody['draft'],
  { revision, replace = true }: { revision: number | null; replace?: boolean },
): Promise<DraftAnswer> {
  const { rows } = await tx.$client.query(
    `INSERT INTO drafts (project_id, entry_id, actor_id, body, revision, saved_at)
     VALUES ($1, $2, $3, $4, coalesce($5::int, 1), amend.now())
     ON CONFLICT (project_id, entry_id, actor_id) DO UPDATE
       SET body = excluded.body, revision = coalesce($5::int, drafts.revision + 1), saved_at = excluded.saved_at
       WHERE $6 AND ($5::int IS NULL OR drafts.revision < $5::int)
     RETURNING revision, to_json(saved_at)#>>'{}' AS "savedAt"`,
    [projectId, entryId, actorId, JSON.stringify(body), revision, replace],
  )
  if (rows[0]) return rows[0]
  const { rows: kept } = await tx.$client.query<DraftAnswer>(
    `SELECT revision, to_json(saved_at)#>>'{}' AS "savedAt" FROM drafts WHERE project_id = $1 AND entry_id = $2 AND actor_id = $3`,
    [projectId, entryId, actorId],
  )
  if (!kept[0]) throw new Error('a draft was neither stored nor found')
  return kept[0]
}
