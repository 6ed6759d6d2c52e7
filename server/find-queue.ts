import 'server-only'
import type { QueuePolicy, QueueRule } from '@/contract/v1/review'
import { getDb, type Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { SelectionRule } from '@/domain/selection'
import type { ProjectScope } from './access'

/** A queue as stored. Its rule carries the seed of its draws, where it draws. */
export interface StoredQueue {
  id: string
  name: string
  strategy: SelectionRule['strategy']
  rule: Record<string, unknown> & { seed?: string }
  instructions: string
  overlap: number
  policy: QueuePolicy
  state: 'open' | 'paused' | 'closed'
  refilledAt: string | null
  createdAt: string
}

/** Columns of `queues q`, as `StoredQueue` names them. */
export const queueColumns = `q.id, q.name, q.strategy, q.rule, q.instructions, q.overlap, q.state,
  json_build_object('ordering', q.ordering, 'leaseSeconds', q.lease_ms / 1000, 'blindRate', q.blind_rate, 'goldRate', q.gold_rate,
    'vigilanceRate', q.vigilance_rate, 'aggregation', q.aggregation, 'agreementFloor', q.agreement_floor, 'practiceItems', q.practice_items,
    'practicePass', q.practice_pass, 'workerIds', q.worker_ids, 'adjudicatorIds', q.adjudicator_ids) AS policy,
  to_json(q.refilled_at)#>>'{}' AS "refilledAt", to_json(q.created_at)#>>'{}' AS "createdAt"`

export const noQueue = () => new AmendError('not_found', 'There is no such queue in this project.')

/** @throws AmendError not_found */
export async function findQueue(
  scope: Pick<ProjectScope, 'projectId'>,
  id: string,
  { tx, lock = false }: { tx?: Transaction; lock?: boolean } = {},
): Promise<StoredQueue> {
  const { rows } = await (tx ?? getDb()).$client.query<StoredQueue>(
    `SELECT ${queueColumns} FROM queues q WHERE q.project_id = $1 AND q.id = $2 ${lock ? 'FOR NO KEY UPDATE' : ''}`,
    [scope.projectId, id],
  )
  if (!rows[0]) throw noQueue()
  return rows[0]
}

/** The rule without what only the house needs: its seed, and the slice that was found last. */
export function ruleOf({ strategy, rule }: Pick<StoredQueue, 'strategy' | 'rule'>): QueueRule {
  const { seed: _, found: __, ...settings } = rule
  // Checked by the contract before it was stored.
  return { strategy, ...settings } as QueueRule
}

/** Why the caller may not work in a queue that is for named people; null when they may. A key counts as everybody. */
export function closedTo(
  { caller }: ProjectScope,
  { workerIds }: Pick<QueuePolicy, 'workerIds'>,
): string | null {
  if (workerIds === null || caller.kind !== 'person' || workerIds.includes(caller.userId)) return null
  return 'This queue is for named people. Ask a curator to add you.'
}
