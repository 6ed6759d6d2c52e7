import 'server-only'
import type { HeartbeatAnswer, ReleaseBody } from '@/contract/v1/review'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'

export const leaseLost = () =>
  new AmendError(
    'lease_lost',
    'Someone else has this item now. What you wrote is kept as your draft; take the next item.',
  )

/** How long places `a` are held: as their queue has it. */
export const leaseSql = `(SELECT q.lease_ms FROM queues q WHERE q.project_id = a.project_id AND q.id = a.queue_id) * interval '1 millisecond'`

/** Tells that the caller still works on an item. @throws AmendError lease_lost */
export async function heartbeat(
  scope: ProjectScope,
  assignmentId: string,
  token: number,
): Promise<HeartbeatAnswer> {
  const actor = await findActor(scope)
  const { rows } = await getDb().$client.query(
    `UPDATE assignments a SET leased_until = amend.now() + ${leaseSql}
     WHERE project_id = $1 AND id = $2 AND actor_id = $3 AND token = $4 AND state = 'leased'
     RETURNING to_json(leased_until)#>>'{}' AS "leasedUntil"`,
    [scope.projectId, assignmentId, actor.id, token],
  )
  if (!rows[0]) throw leaseLost()
  return rows[0]
}

/** Gives items back that the caller holds; what they hold no longer is left as it is. */
export async function releaseItems(scope: ProjectScope, { assignments }: ReleaseBody): Promise<{ ok: true }> {
  const actor = await findActor(scope)
  await withTransaction(async tx => {
    const { rows } = await tx.$client.query(
      `SELECT a.id FROM assignments a JOIN unnest($3::uuid[], $4::int[]) AS x(id, token) ON x.id = a.id AND x.token = a.token
       WHERE a.project_id = $1 AND a.actor_id = $2 AND a.state = 'leased' ORDER BY a.id FOR UPDATE OF a`,
      [scope.projectId, actor.id, assignments.map(a => a.id), assignments.map(a => a.token)],
    )
    for (const { id } of rows) await reopen(tx, scope.projectId, id)
  })
  return { ok: true }
}

/**
 * Opens a place for others, under a new position: below the floor nobody would find it. Who had it last stays written,
 * so that what they submit before anybody else takes it still counts. A planted one keeps its own, so that it is nobody
 * else's.
 */
export async function reopen(tx: Transaction, projectId: string, assignmentId: string): Promise<void> {
  await tx.$client.query(
    `WITH taken AS (
       UPDATE queues q SET next_position = next_position + 1 FROM assignments a
       WHERE a.project_id = $1 AND a.id = $2 AND q.project_id = a.project_id AND q.id = a.queue_id
       RETURNING q.next_position - 1 AS position)
     UPDATE assignments a SET state = 'open', session_id = NULL, leased_until = NULL, done_at = NULL,
       position = CASE WHEN a.position < 0 THEN a.position ELSE taken.position END
     FROM taken WHERE a.project_id = $1 AND a.id = $2`,
    [projectId, assignmentId],
  )
}

/**
 * Keeps an item from everybody while a curator owes a reply. Whoever holds another place at it goes on; the place of the
 * one who asked waits for them.
 */
export async function parkPlaces(
  tx: Transaction,
  projectId: string,
  entryId: string,
  assignmentId: string,
): Promise<void> {
  await tx.$client.query(
    `UPDATE assignments SET state = 'parked', session_id = NULL, leased_until = NULL,
       reserved_for = CASE WHEN id = $3 THEN actor_id ELSE reserved_for END
     WHERE project_id = $1 AND entry_id = $2 AND (state = 'open' OR id = $3)`,
    [projectId, entryId, assignmentId],
  )
}
