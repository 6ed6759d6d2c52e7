import 'server-only'
import type { WaiveAnswer } from '@/contract/v1/gold'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { findQueue } from './find-queue'
import { recordAction } from './record-action'

/** Lets somebody work in a queue without its practice round. Undoable. @throws AmendError not_found, already_done */
export async function waivePractice(
  scope: ProjectScope,
  queueId: string,
  { pseudonym }: { pseudonym: string },
): Promise<WaiveAnswer> {
  return withTransaction(async tx => {
    await findQueue(scope, queueId, { tx })
    const { rows } = await tx.$client.query<{ id: string; done: boolean; round: number }>(
      `SELECT a.id, coalesce(bool_or(p.state IN ('passed', 'waived')), false) AS done, coalesce(max(p.round), 0) + 1 AS round
       FROM actors a LEFT JOIN practice_rounds p ON p.project_id = a.project_id AND p.actor_id = a.id AND p.queue_id = $2
       WHERE a.project_id = $1 AND a.pseudonym = $3 GROUP BY a.id`,
      [scope.projectId, queueId, pseudonym],
    )
    const who = rows[0]
    if (!who) throw new AmendError('not_found', 'Nobody has this pseudonym here.', { field: 'pseudonym' })
    if (who.done)
      throw new AmendError('already_done', 'They need not practise: passed or waived already.', {
        field: 'pseudonym',
      })
    const { rowCount } = await tx.$client.query(
      `INSERT INTO practice_rounds (project_id, queue_id, actor_id, round, items, state, finished_at)
       VALUES ($1, $2, $3, $4, 0, 'waived', amend.now()) ON CONFLICT DO NOTHING`,
      [scope.projectId, queueId, who.id, who.round],
    )
    if (!rowCount) throw new AmendError('conflict', 'They began a round this moment. Try again.')
    return {
      actionId: await recordAction(tx, scope, {
        kind: 'practice.waived',
        targetType: 'queue',
        targetId: queueId,
        after: { actorId: who.id, round: who.round },
      }),
    }
  })
}
