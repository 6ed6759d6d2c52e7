import 'server-only'
import type { EraseAnswer } from '@/contract/v1/actor'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { getLog } from '@/platform/log'
import type { ProjectScope } from './access'
import { eraseMediaOf, removeErasedMedia } from './erase-media'
import { findActor } from './find-actor'
import { overtakeErased } from './overtake-versions'
import { type ActingParty, recordAction } from './record-action'

/** Empties the contents that a condition picks; the rows stay, so that the log still joins and counts. */
async function empty(
  tx: Transaction,
  projectId: string,
  condition: string,
  value: string,
): Promise<string[]> {
  const { rows } = await tx.$client.query(
    `UPDATE contents SET body = NULL, salt = NULL, erased_at = amend.now()
     WHERE project_id = $1 AND erased_at IS NULL AND (${condition}) RETURNING id`,
    [projectId, value],
  )
  const ids = rows.map(row => row.id)
  await overtakeErased(tx, projectId, ids)
  return ids
}

/** Runs an erasure, then takes the files of what it erased away; the sweeper does so where this can't. */
async function erasing(work: (tx: Transaction) => Promise<EraseAnswer>): Promise<EraseAnswer> {
  const answer = await withTransaction(work)
  await removeErasedMedia().catch((error: unknown) =>
    getLog().warn({ err: error }, 'Erased files are still there; the sweeper tries again'),
  )
  return answer
}

/** A version that learned from something erased leaves service: it may still say it. */
async function retireLearners(tx: Transaction, projectId: string, contentIds: readonly string[]) {
  const { rows } = await tx.$client.query<{ name: string; version: string }>(
    `UPDATE model_versions v SET out_of_service_at = amend.now(), out_of_service_reason = 'It learned from content that was erased.'
     FROM models m
     WHERE v.project_id = $1 AND v.training_content_ids && $2::uuid[] AND v.out_of_service_at IS NULL
       AND m.project_id = v.project_id AND m.id = v.model_id
     RETURNING m.name, v.version`,
    [projectId, contentIds],
  )
  return rows
}

/**
 * Erases what one person wrote and brought here: texts, their items, the suggestions on those items, and the salts.
 * The skeleton of events stays under the pseudonym, cut loose from the person. Can't be undone.
 */
async function erasePerson(
  scope: ProjectScope,
  actor: { id: string; pseudonym: string },
  by: ActingParty,
): Promise<EraseAnswer> {
  return erasing(async tx => {
    const ids = await empty(
      tx,
      scope.projectId,
      'actor_id = $2 OR item_id IN (SELECT id FROM items WHERE project_id = $1 AND owner_actor_id = $2)',
      actor.id,
    )
    await tx.$client.query(
      `UPDATE items SET erased_at = amend.now() WHERE project_id = $1 AND owner_actor_id = $2 AND erased_at IS NULL`,
      [scope.projectId, actor.id],
    )
    await eraseMediaOf(tx, scope.projectId, { actorId: actor.id })
    await tx.$client.query(
      `UPDATE deliveries SET state = 'erased', settled_at = amend.now() WHERE project_id = $1 AND actor_id = $2 AND state = 'waiting'`,
      [scope.projectId, actor.id],
    )
    await tx.$client.query(
      `UPDATE actors SET user_id = NULL, external_hash = NULL, training_allowed = false, suggestions_on = false, erased_at = amend.now()
       WHERE project_id = $1 AND id = $2`,
      [scope.projectId, actor.id],
    )
    const versionsOutOfService = await retireLearners(tx, scope.projectId, ids)
    await recordAction(tx, by, {
      kind: 'person.erased',
      targetType: 'person',
      targetId: actor.pseudonym,
      after: { contentsErased: ids.length, versionsOutOfService: versionsOutOfService.length },
    })
    return { contentsErased: ids.length, versionsOutOfService }
  })
}

/** The caller's own data. */
export async function eraseMyData(scope: ProjectScope): Promise<EraseAnswer> {
  return erasePerson(scope, await findActor(scope), { projectId: scope.projectId, themself: true })
}

/** Somebody else's data, by pseudonym: for an owner who was asked to. */
export async function erasePersonByPseudonym(scope: ProjectScope, pseudonym: string): Promise<EraseAnswer> {
  const { rows } = await getDb().$client.query(
    `SELECT id, pseudonym FROM actors WHERE project_id = $1 AND pseudonym = $2 AND erased_at IS NULL`,
    [scope.projectId, pseudonym],
  )
  if (!rows[0])
    throw new AmendError('not_found', 'Nobody has this pseudonym here, or they were erased already.', {
      field: 'pseudonym',
    })
  return erasePerson(scope, rows[0], scope)
}

/** One item's content, with everything that was suggested and written about it. */
export async function eraseItem(scope: ProjectScope, itemId: string): Promise<EraseAnswer> {
  return erasing(async tx => {
    const { rowCount } = await tx.$client.query(
      `UPDATE items SET erased_at = amend.now() WHERE project_id = $1 AND id = $2 AND erased_at IS NULL`,
      [scope.projectId, itemId],
    )
    if (rowCount === 0)
      throw new AmendError('not_found', 'There is no such item, or its content was erased already.')
    await eraseMediaOf(tx, scope.projectId, { itemId })
    await tx.$client.query(
      `UPDATE deliveries SET state = 'erased', settled_at = amend.now() WHERE project_id = $1 AND item_id = $2 AND state = 'waiting'`,
      [scope.projectId, itemId],
    )
    const ids = await empty(tx, scope.projectId, 'item_id = $2', itemId)
    const versionsOutOfService = await retireLearners(tx, scope.projectId, ids)
    await recordAction(tx, scope, {
      kind: 'item.erased',
      targetType: 'item',
      targetId: itemId,
      after: { contentsErased: ids.length, versionsOutOfService: versionsOutOfService.length },
    })
    return { contentsErased: ids.length, versionsOutOfService }
  })
}
