import 'server-only'
import type { EraseAnswer } from '@/contract/v1/actor'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { getLog } from '@/platform/log'
import type { ProjectScope } from './access'
import { eraseMediaOf, removeErasedMedia } from './erase-media'
import { eraseReviewOf } from './erase-review'
import { findActor } from './find-actor'
import { overtakeErased } from './overtake-versions'
import { erasePrecedents } from './precedent-changes'
import { type ActingParty, recordAction } from './record-action'
import { settleSharing, withdrawShared } from './settle-sharing'
import { dropErasedRows } from './training-rows'
import { removeSpentFiles } from './version-files'

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
  ids.push(...(await erasePrecedents(tx, projectId, ids)))
  // Nobody is measured by an item whose truth is gone.
  await tx.$client.query(
    `UPDATE gold_items SET retired_at = amend.now() WHERE project_id = $1 AND content_id = ANY($2::uuid[]) AND retired_at IS NULL`,
    [projectId, ids],
  )
  await overtakeErased(tx, projectId, ids)
  return ids
}

/** Runs an erasure, then takes the files of what it erased away; the sweeper does so where this can't. */
async function erasing(work: (tx: Transaction) => Promise<EraseAnswer>): Promise<EraseAnswer> {
  const answer = await withTransaction(work)
  await Promise.all([removeErasedMedia(), removeSpentFiles()]).catch((error: unknown) =>
    getLog().warn({ err: error }, 'Erased files are still there; the sweeper tries again'),
  )
  return answer
}

/** Whoever is about to share these words waits, or has done so before they are erased: then the copy goes too. */
async function holdLessons(tx: Transaction, projectId: string, condition: string, value: string) {
  await tx.$client.query(
    `SELECT 1 FROM learned_examples WHERE project_id = $1 AND (${condition}) FOR UPDATE`,
    [projectId, value],
  )
}

/** What one person wrote, and whatever is about an item of theirs. */
const theirs =
  'actor_id = $2 OR item_id IN (SELECT id FROM items WHERE project_id = $1 AND owner_actor_id = $2)'

/**
 * Whatever was learned from erased content goes in the same transaction: examples, what a model saw as numbers, copies
 * that were shared, rows of trained versions, and suggestions to others that quoted them. Gives back those contents.
 */
async function unlearn(
  tx: Transaction,
  projectId: string,
  condition: string,
  value: string,
): Promise<string[]> {
  const { rows: taught } = await tx.$client.query<{ id: string }>(
    `DELETE FROM learned_examples WHERE project_id = $1 AND (${condition}) RETURNING exposure_id AS id`,
    [projectId, value],
  )
  await tx.$client.query(
    `DELETE FROM item_vectors v USING items i WHERE v.project_id = $1 AND i.project_id = $1 AND i.id = v.item_id AND i.erased_at IS NOT NULL`,
    [projectId],
  )
  const { rows: shared } = await tx.$client.query<{
    id: string
    source: 'curator' | 'agreement'
    active: boolean
  }>(
    `SELECT s.id, s.source, s.state = 'active' AS active FROM shared_examples s
     JOIN contents c ON c.project_id = s.project_id AND c.id IN (s.input_content_id, s.value_content_id)
     WHERE s.project_id = $1 AND c.erased_at IS NOT NULL AND s.withdrawn_reason IS DISTINCT FROM 'erased' GROUP BY s.project_id, s.id`,
    [projectId],
  )
  for (const example of shared) await withdrawShared(tx, projectId, example, 'erased')
  await tx.$client.query(
    `UPDATE shared_examples SET vector = NULL, vector_kind = NULL WHERE project_id = $1 AND id = ANY($2::uuid[])`,
    [projectId, shared.map(s => s.id)],
  )
  await settleSharing(
    tx,
    projectId,
    taught.map(row => row.id),
  )
  await dropErasedRows(tx, projectId)
  const { rows: quoting } = await tx.$client.query<{ id: string }>(
    `UPDATE contents c SET body = NULL, salt = NULL, erased_at = amend.now()
     FROM learned_shown x
     JOIN exposures e ON e.project_id = x.project_id AND e.id = x.exposure_id
     JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
     LEFT JOIN training_rows t ON t.project_id = x.project_id AND t.model_version_id = e.model_version_id AND t.number = x.training_row
     LEFT JOIN contents tv ON tv.project_id = t.project_id AND tv.id = t.value_content_id
     WHERE c.project_id = $1 AND x.project_id = $1 AND c.id = p.content_id AND c.erased_at IS NULL
       AND (x.learned_from_exposure_id = ANY($2::uuid[]) OR x.shared_example_id = ANY($3::uuid[]) OR tv.erased_at IS NOT NULL)
     RETURNING c.id`,
    [projectId, taught.map(row => row.id), shared.map(s => s.id)],
  )
  // What an evaluation kept of a version's words that it had learned there.
  const { rows: evaluated } = await tx.$client.query<{ id: string }>(
    `UPDATE contents c SET body = NULL, salt = NULL, erased_at = amend.now()
     FROM evaluation_rows r
     JOIN evaluations e ON e.project_id = r.project_id AND e.id = r.evaluation_id
     JOIN training_rows t ON t.project_id = e.project_id AND t.model_version_id = e.model_version_id AND t.number = ANY(r.training_rows)
     JOIN contents tv ON tv.project_id = t.project_id AND tv.id = t.value_content_id AND tv.erased_at IS NOT NULL
     WHERE c.project_id = $1 AND r.project_id = $1 AND r.training_rows <> '{}' AND c.id = r.content_id AND c.erased_at IS NULL
     RETURNING c.id`,
    [projectId],
  )
  const quoted = [...quoting, ...evaluated].map(row => row.id)
  return [...quoted, ...(await erasePrecedents(tx, projectId, quoted))]
}

/** A version that learned from something erased leaves service: it may still say it. */
async function retireLearners(tx: Transaction, projectId: string, contentIds: readonly string[]) {
  const { rows } = await tx.$client.query<{ name: string; version: string }>(
    `UPDATE model_versions v SET out_of_service_at = amend.now(), out_of_service_reason = 'It learned from content that was erased.'
     FROM models m
     WHERE v.project_id = $1 AND v.out_of_service_at IS NULL AND (v.training_content_ids && $2::uuid[]
         OR v.learning = 'trained' AND EXISTS (SELECT FROM dataset_rows r
           WHERE r.project_id = v.project_id AND r.version_id = v.training_dataset_version_id AND r.split = 'train'
             AND (r.item_content_id = ANY($2::uuid[])
               OR EXISTS (SELECT FROM jsonb_array_elements(r.values) x WHERE (x->>'contentId')::uuid = ANY($2::uuid[])))))
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
    await holdLessons(tx, scope.projectId, theirs, actor.id)
    const ids = await empty(tx, scope.projectId, theirs, actor.id)
    await tx.$client.query(
      `UPDATE items SET erased_at = amend.now() WHERE project_id = $1 AND owner_actor_id = $2 AND erased_at IS NULL`,
      [scope.projectId, actor.id],
    )
    await eraseMediaOf(tx, scope.projectId, { actorId: actor.id })
    await eraseReviewOf(tx, scope.projectId, { actorId: actor.id })
    await tx.$client.query(
      `UPDATE deliveries SET state = 'erased', settled_at = amend.now() WHERE project_id = $1 AND actor_id = $2 AND state = 'waiting'`,
      [scope.projectId, actor.id],
    )
    await tx.$client.query(
      `UPDATE actors SET user_id = NULL, external_hash = NULL, training_allowed = false, suggestions_on = false, erased_at = amend.now()
       WHERE project_id = $1 AND id = $2`,
      [scope.projectId, actor.id],
    )
    await tx.$client.query('DELETE FROM notice_reads WHERE project_id = $1 AND actor_id = $2', [
      scope.projectId,
      actor.id,
    ])
    await tx.$client.query('DELETE FROM arrivals WHERE project_id = $1 AND pseudonym = $2', [
      scope.projectId,
      actor.pseudonym,
    ])
    ids.push(...(await unlearn(tx, scope.projectId, theirs, actor.id)))
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
    await holdLessons(tx, scope.projectId, 'item_id = $2', itemId)
    const { rowCount } = await tx.$client.query(
      `UPDATE items SET erased_at = amend.now() WHERE project_id = $1 AND id = $2 AND erased_at IS NULL`,
      [scope.projectId, itemId],
    )
    if (rowCount === 0)
      throw new AmendError('not_found', 'There is no such item, or its content was erased already.')
    await eraseMediaOf(tx, scope.projectId, { itemId })
    await eraseReviewOf(tx, scope.projectId, { itemIds: [itemId] })
    await tx.$client.query(
      `UPDATE deliveries SET state = 'erased', settled_at = amend.now() WHERE project_id = $1 AND item_id = $2 AND state = 'waiting'`,
      [scope.projectId, itemId],
    )
    const ids = await empty(tx, scope.projectId, 'item_id = $2', itemId)
    ids.push(...(await unlearn(tx, scope.projectId, 'item_id = $2', itemId)))
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
