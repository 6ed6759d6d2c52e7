import 'server-only'
import type { AssignAnswer, AssignBody } from '@/contract/v1/queue-acts'
import { type Database, getDb, type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { type Permission, permissions } from '@/domain/permission'
import type { ProjectScope } from './access'
import type { DoneAction } from './compensators'
import { findActor } from './find-actor'
import { findQueue } from './find-queue'
import { recordAction } from './record-action'

/** People of the project, by name, who may do something: for choosing from. */
export async function listPeopleWho(
  { projectId }: Pick<ProjectScope, 'projectId'>,
  permission: Permission,
  db: Database | Transaction = getDb(),
): Promise<{ userId: string; name: string; role: string }[]> {
  const { rows } = await db.$client.query(
    `SELECT u.id AS "userId", u.name, m.role FROM memberships m JOIN users u ON u.id = m.user_id
     WHERE m.project_id = $1 AND m.role = ANY($2) ORDER BY u.name, u.id LIMIT 500`,
    [projectId, permissions[permission].roles],
  )
  return rows
}

/** @throws AmendError invalid_input naming the field, where somebody is no member who may */
export async function checkPeople(
  tx: Transaction,
  projectId: string,
  {
    ids,
    permission,
    field,
  }: { ids: readonly string[] | null | undefined; permission: Permission; field: string },
): Promise<void> {
  if (!ids) return
  const known = await listPeopleWho({ projectId }, permission, tx)
  if (ids.every(id => known.some(person => person.userId === id))) return
  throw new AmendError(
    'invalid_input',
    `${field}: names somebody who is not in this project, or who may not ${permissions[permission].does}.`,
    { field },
  )
}

/** A place and for whom it was held, as history keeps it: an actor's id, or null. */
interface Held {
  id: string
  for: string | null
}

/**
 * Holds a place at each item for one person, or takes such assignments back. An item without a free place for them is
 * passed over. One action for all, and one undo.
 *
 * @throws AmendError not_found, invalid_input (`userId`)
 */
export async function assignItems(
  scope: ProjectScope,
  queueId: string,
  { entryIds, userId }: AssignBody,
): Promise<AssignAnswer> {
  const queue = await findQueue(scope, queueId)
  const [, actorId] = await Promise.all([findActor(scope), userId ? actorOf(scope.projectId, userId) : null])
  return withTransaction(async tx => {
    await checkPeople(tx, scope.projectId, {
      ids: userId ? [userId] : null,
      permission: 'queues.work',
      field: 'userId',
    })
    if (userId && queue.policy.workerIds && !queue.policy.workerIds.includes(userId))
      throw new AmendError('invalid_input', 'userId: is not one of those who may work in this queue.', {
        field: 'userId',
      })
    const { rows } = await tx.$client.query<{
      entryId: string
      id: string | null
      held: string | null
      mine: boolean
    }>(
      `SELECT e.id AS "entryId", a.id, a.reserved_for AS held, EXISTS (SELECT FROM assignments o WHERE o.project_id = $1 AND o.entry_id = e.id
           AND o.actor_id = $4 AND o.state IN ('leased', 'done')) AS mine
       FROM (SELECT id FROM queue_entries WHERE project_id = $1 AND queue_id = $2 AND id = ANY($3::uuid[]) AND kind = 'review'
         ORDER BY id FOR NO KEY UPDATE) e
       LEFT JOIN LATERAL (SELECT a.id, a.reserved_for FROM assignments a WHERE a.project_id = $1 AND a.entry_id = e.id AND a.state = 'open'
         AND ($4::uuid IS NOT NULL OR a.reserved_for IS NOT NULL)
         ORDER BY a.reserved_for IS NOT DISTINCT FROM $4 DESC, a.reserved_for IS NULL DESC, a.position LIMIT 1) a ON true`,
      [scope.projectId, queueId, entryIds, actorId],
    )
    if (rows.length === 0)
      throw new AmendError('not_found', 'There are no such items in this queue.', { field: 'entryIds' })
    const passedOver = entryIds
      .filter(id => !rows.some(row => row.entryId === id))
      .map(entryId => ({ entryId, detail: 'There is no such item in this queue.' }))
    const before: Held[] = []
    for (const row of rows) {
      const detail = row.mine
        ? 'They have it in hand or have answered it.'
        : row.id === null
          ? actorId
            ? 'It has no free place now.'
            : 'It is assigned to nobody.'
          : null
      if (detail) passedOver.push({ entryId: row.entryId, detail })
      else if (row.id && row.held !== actorId) before.push({ id: row.id, for: row.held })
    }
    if (before.length === 0) return { actionId: null, assigned: 0, passedOver }
    const after = before.map(({ id }) => ({ id, for: actorId }))
    await hold(tx, scope.projectId, after)
    const actionId = await recordAction(tx, scope, {
      kind: 'queue.assigned',
      targetType: 'queue',
      targetId: queueId,
      before: { places: before },
      after: { places: after },
    })
    return { actionId, assigned: after.length, passedOver }
  })
}

async function actorOf(projectId: string, userId: string): Promise<string | null> {
  await getDb().$client.query(
    `INSERT INTO actors (project_id, user_id, pseudonym)
     SELECT $1, m.user_id, 'p-' || encode(substring(uuid_send(gen_random_uuid()) FROM 1 FOR 5), 'hex')
     FROM memberships m WHERE m.project_id = $1 AND m.user_id = $2 ON CONFLICT DO NOTHING`,
    [projectId, userId],
  )
  const { rows } = await getDb().$client.query(
    'SELECT id FROM actors WHERE project_id = $1 AND user_id = $2',
    [projectId, userId],
  )
  return rows[0]?.id ?? null
}

async function hold(tx: Transaction, projectId: string, places: readonly Held[]): Promise<number> {
  const { rowCount } = await tx.$client.query(
    `UPDATE assignments a SET reserved_for = x.held FROM unnest($2::uuid[], $3::uuid[]) AS x(id, held)
     WHERE a.project_id = $1 AND a.id = x.id AND a.state = 'open'`,
    [projectId, places.map(place => place.id), places.map(place => place.for)],
  )
  return rowCount ?? 0
}

/** Places that are still free go back to whom they were held for; what somebody has taken stays theirs. */
export async function assignBack(tx: Transaction, action: DoneAction) {
  const before = (action.before?.places ?? []) as Held[]
  const after = (action.after?.places ?? []) as Held[]
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT a.id FROM assignments a JOIN unnest($2::uuid[], $3::uuid[]) AS x(id, held) ON x.id = a.id
     WHERE a.project_id = $1 AND a.state = 'open' AND a.reserved_for IS NOT DISTINCT FROM x.held ORDER BY a.id FOR UPDATE OF a`,
    [action.projectId, after.map(place => place.id), after.map(place => place.for)],
  )
  const free = new Set(rows.map(row => row.id))
  if (free.size === 0)
    throw new AmendError(
      'undo_blocked',
      'These items were taken or assigned anew since, so nothing was changed.',
    )
  const back = before.filter(place => free.has(place.id))
  await hold(tx, action.projectId, back)
  return {
    kind: action.kind,
    targetType: 'queue',
    targetId: action.targetId,
    before: { places: after.filter(place => free.has(place.id)) },
    after: { places: back },
  }
}
