import 'server-only'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import type { DoneAction } from './compensators'
import { isGoldNow } from './list-precedents'
import { maySpeak } from './make-precedent'
import { recordAction } from './record-action'

type Reason = 'curator' | 'undone' | 'opted-out' | 'erased'

const noSuch = () => new AmendError('not_found', 'There is no such precedent in this project.')
const blocked = (detail: string) => new AmendError('undo_blocked', detail)

async function lock(tx: Transaction, projectId: string, id: string): Promise<{ withdrawn: boolean }> {
  const { rows } = await tx.$client.query<{ withdrawn: boolean }>(
    'SELECT withdrawn_at IS NOT NULL AS withdrawn FROM precedents WHERE project_id = $1 AND id = $2 FOR UPDATE',
    [projectId, id],
  )
  if (!rows[0]) throw noSuch()
  return rows[0]
}

async function withdraw(tx: Transaction, projectId: string, id: string): Promise<void> {
  await tx.$client.query(
    `UPDATE precedents SET withdrawn_at = amend.now(), withdrawn_reason = 'curator' WHERE project_id = $1 AND id = $2`,
    [projectId, id],
  )
}

/** Whether what a precedent was made of still stands: its item, its resolution, and the consent of those whose texts it shows. */
async function show(tx: Transaction, projectId: string, id: string): Promise<boolean> {
  const { rowCount } = await tx.$client.query(
    `UPDATE precedents p SET withdrawn_at = NULL, withdrawn_reason = NULL
     WHERE p.project_id = $1 AND p.id = $2 AND NOT ${isGoldNow}
       AND EXISTS (SELECT FROM contents c WHERE c.project_id = p.project_id AND c.id = p.content_id AND c.body IS NOT NULL)
       AND EXISTS (SELECT FROM resolutions r WHERE r.project_id = p.project_id AND r.entry_id = p.entry_id
         AND NOT EXISTS (SELECT FROM unnest(p.source_content_ids) s JOIN contents c ON c.project_id = p.project_id AND c.id = s AND c.kind = 'answer'
           WHERE NOT r.values @> jsonb_build_array(jsonb_build_object('contentId', s))))
       AND NOT EXISTS (SELECT FROM unnest(p.source_content_ids) s JOIN contents c ON c.project_id = p.project_id AND c.id = s
         JOIN actors a ON a.project_id = p.project_id AND a.id = c.actor_id WHERE NOT (${maySpeak}))
       AND NOT EXISTS (SELECT FROM precedents o WHERE o.project_id = p.project_id AND o.entry_id = p.entry_id AND o.id <> p.id AND o.withdrawn_at IS NULL)`,
    [projectId, id],
  )
  return rowCount === 1
}

const gone =
  'What it was made of was taken back, erased or withheld since, measures people now, or has another precedent.'

/** Shows a precedent no more. Undoable. @throws AmendError not_found, already_done */
export async function withdrawPrecedent(
  scope: ProjectScope,
  id: string,
): Promise<{ id: string; actionId: string }> {
  return withTransaction(async tx => {
    if ((await lock(tx, scope.projectId, id)).withdrawn)
      throw new AmendError('already_done', 'It is withdrawn already.')
    await withdraw(tx, scope.projectId, id)
    const actionId = await recordAction(tx, scope, { ...named(id), kind: 'precedent.withdrawn' })
    return { id, actionId }
  })
}

/** Shows a withdrawn one again. Undoable. @throws AmendError not_found, already_done, conflict */
export async function restorePrecedent(
  scope: ProjectScope,
  id: string,
): Promise<{ id: string; actionId: string }> {
  return withTransaction(async tx => {
    if (!(await lock(tx, scope.projectId, id)).withdrawn)
      throw new AmendError('already_done', 'It is shown already.')
    if (!(await show(tx, scope.projectId, id))) throw new AmendError('conflict', gone)
    const actionId = await recordAction(tx, scope, { ...named(id), kind: 'precedent.restored' })
    return { id, actionId }
  })
}

const named = (id: string) => ({ targetType: 'precedent', targetId: id })

/** Undo of making and of restoring. */
export async function undoPrecedent(tx: Transaction, action: DoneAction) {
  const id = action.targetId ?? ''
  if ((await lock(tx, action.projectId, id)).withdrawn) throw blocked('It is withdrawn already.')
  await withdraw(tx, action.projectId, id)
  return { ...named(id), kind: 'precedent.withdrawn' }
}

/** Undo of withdrawing. */
export async function undoPrecedentWithdrawal(tx: Transaction, action: DoneAction) {
  const id = action.targetId ?? ''
  if (!(await lock(tx, action.projectId, id)).withdrawn) throw blocked('It is shown again already.')
  if (!(await show(tx, action.projectId, id))) throw blocked(gone)
  return { ...named(id), kind: 'precedent.restored' }
}

const lostGround = {
  /** The entry in `$2` is settled no more, or otherwise. */
  undone: 'p.entry_id = $2',
  /** The person in `$2` wrote some of it, or brought the item. */
  'opted-out': `EXISTS (SELECT FROM contents c WHERE c.project_id = p.project_id AND c.id = ANY(p.source_content_ids) AND c.actor_id = $2)
    OR EXISTS (SELECT FROM items i WHERE i.project_id = p.project_id AND i.id = p.item_id AND i.owner_actor_id = $2)`,
} as const

/** Withdraws what rests on something that was taken back or withheld, in the transaction of that change. A curator may show it again. */
export async function settlePrecedents(
  tx: Transaction,
  projectId: string,
  reason: keyof typeof lostGround,
  of: string,
): Promise<void> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `UPDATE precedents p SET withdrawn_at = amend.now(), withdrawn_reason = $3
     WHERE p.project_id = $1 AND p.withdrawn_at IS NULL AND (${lostGround[reason]}) RETURNING p.id`,
    [projectId, of, reason],
  )
  await tell(tx, projectId, rows, reason)
}

/** What shows erased texts is erased with them. Gives back the contents. */
export async function erasePrecedents(
  tx: Transaction,
  projectId: string,
  contentIds: readonly string[],
): Promise<string[]> {
  if (contentIds.length === 0) return []
  const { rows } = await tx.$client.query<{ id: string; contentId: string; shown: boolean }>(
    `WITH resting AS (
       SELECT p.id, p.content_id, p.withdrawn_at IS NULL AS shown FROM precedents p
       WHERE p.project_id = $1 AND (p.source_content_ids && $2::uuid[] OR p.content_id = ANY($2::uuid[])) FOR UPDATE),
     emptied AS (
       UPDATE contents c SET body = NULL, salt = NULL, erased_at = amend.now() FROM resting x
       WHERE c.project_id = $1 AND c.id = x.content_id AND c.erased_at IS NULL),
     withdrawn AS (
       UPDATE precedents p SET withdrawn_at = coalesce(p.withdrawn_at, amend.now()), withdrawn_reason = 'erased' FROM resting x
       WHERE p.project_id = $1 AND p.id = x.id)
     SELECT id, content_id AS "contentId", shown FROM resting`,
    [projectId, contentIds],
  )
  await tell(
    tx,
    projectId,
    rows.filter(row => row.shown),
    'erased',
  )
  return rows.map(row => row.contentId).filter(id => !contentIds.includes(id))
}

async function tell(tx: Transaction, projectId: string, changed: readonly { id: string }[], reason: Reason) {
  for (const { id } of changed)
    await recordAction(
      tx,
      { projectId, system: true },
      { ...named(id), kind: 'precedent.unshown', after: { reason } },
    )
}
