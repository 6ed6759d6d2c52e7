import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { ChangeQueueAnswer, ChangeQueueBody, QueuePolicy } from '@/contract/v1/review'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { type Aggregation, aggregationsOf } from '@/domain/review'
import { answerKindOf } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { checkPeople } from './assign-items'
import type { DoneAction } from './compensators'
import { findActor } from './find-actor'
import { checkPracticeItems } from './find-practice'
import { findQueue, type StoredQueue } from './find-queue'
import { readQueue } from './list-queues'
import { recordAction } from './record-action'
import { insertContents, newContent } from './store-content'

/** What history keeps of a queue. Instructions are words, so it keeps where they lie. */
interface QueueFacts {
  name?: string
  state?: StoredQueue['state']
  instructionsContentId?: string
  /** What of the policy was changed. */
  policy?: Partial<QueuePolicy>
}

/** Renames, pauses, closes or opens a queue, or changes what annotators are asked. @throws AmendError not_found, conflict */
export async function changeQueue(
  scope: ProjectScope,
  id: string,
  change: ChangeQueueBody,
): Promise<ChangeQueueAnswer> {
  const actor = await findActor(scope)
  const actionId = await withTransaction(async tx => {
    const queue = await findQueue(scope, id, { tx, lock: true })
    const before: QueueFacts = {}
    const after: QueueFacts = {}
    if (change.name !== undefined && change.name !== queue.name) {
      before.name = queue.name
      after.name = change.name
    }
    if (change.state !== undefined && change.state !== queue.state) {
      before.state = queue.state
      after.state = change.state
    }
    if (change.instructions !== undefined && change.instructions !== queue.instructions) {
      const kept = [queue.instructions, change.instructions].map(body =>
        newContent({ kind: 'instructions', actorId: actor.id, itemId: null, body }),
      )
      await insertContents(tx, scope.projectId, kept)
      before.instructionsContentId = kept[0]?.id
      after.instructionsContentId = kept[1]?.id
    }
    const moved = policyChange(queue.policy, change.policy ?? {})
    if (moved) {
      await checkPolicyPeople(tx, scope.projectId, moved.after)
      checkMethod(scope.project.taskType, moved.after.aggregation)
      before.policy = moved.before
      after.policy = moved.after
    }
    if (Object.keys(after).length === 0) return null
    await storeFacts(tx, scope.projectId, id, after)
    return recordAction(tx, scope, {
      kind: 'queue.changed',
      targetType: 'queue',
      targetId: id,
      before: { ...before },
      after: { ...after },
    })
  })
  return { ...(await readQueue(scope, id)), actionId }
}

/** What really changes, before and after; null where nothing does. */
function policyChange(
  now: QueuePolicy,
  wanted: Partial<QueuePolicy>,
): { before: Partial<QueuePolicy>; after: Partial<QueuePolicy> } | null {
  const names = (Object.keys(wanted) as (keyof QueuePolicy)[]).filter(
    name => wanted[name] !== undefined && !isDeepStrictEqual(wanted[name], now[name]),
  )
  if (names.length === 0) return null
  const only = (policy: Partial<QueuePolicy>) => Object.fromEntries(names.map(name => [name, policy[name]]))
  return { before: only(now), after: only(wanted) }
}

/** @throws AmendError invalid_input where answers of the task can't be settled so */
export function checkMethod(taskType: string, method: Aggregation | undefined): void {
  const allowed = aggregationsOf[answerKindOf(taskType)]
  if (method !== undefined && !allowed.includes(method))
    throw new AmendError(
      'invalid_input',
      `policy.aggregation: answers here can’t be settled by ${method}. Choose ${allowed.join(', ')}.`,
      { field: 'policy.aggregation' },
    )
}

/** @throws AmendError invalid_input naming the field */
export async function checkPolicyPeople(
  tx: Transaction,
  projectId: string,
  { workerIds, adjudicatorIds }: Partial<QueuePolicy>,
): Promise<void> {
  await checkPeople(tx, projectId, { ids: workerIds, permission: 'queues.work', field: 'policy.workerIds' })
  await checkPeople(tx, projectId, {
    ids: adjudicatorIds,
    permission: 'queues.adjudicate',
    field: 'policy.adjudicatorIds',
  })
}

/**
 * How answers are settled is changed for items that nobody has answered too; one that somebody answers at this moment
 * keeps what it had. The order applies to what comes in from now on.
 */
async function storePolicy(
  tx: Transaction,
  projectId: string,
  id: string,
  policy: Partial<QueuePolicy>,
): Promise<void> {
  await checkPracticeItems(tx, projectId, policy.practiceItems)
  const values: unknown[] = [projectId, id]
  const sets = (Object.keys(policy) as (keyof QueuePolicy)[]).map(name => {
    const value = policy[name]
    values.push(name === 'leaseSeconds' ? Number(value) * 1000 : value)
    return `${policyColumns[name]} = $${values.length}`
  })
  await tx.$client.query(`UPDATE queues SET ${sets.join(', ')} WHERE project_id = $1 AND id = $2`, values)
  if (policy.agreementFloor === undefined && policy.aggregation === undefined) return
  await tx.$client.query(
    `UPDATE queue_entries e SET aggregation = q.aggregation, agreement_floor = q.agreement_floor
     FROM queues q WHERE q.project_id = $1 AND q.id = $2 AND e.project_id = $1 AND e.id IN (
       SELECT x.id FROM queue_entries x WHERE x.project_id = $1 AND x.queue_id = $2 AND x.state = 'open'
         AND NOT EXISTS (SELECT FROM answers a WHERE a.project_id = x.project_id AND a.entry_id = x.id)
       ORDER BY x.id FOR NO KEY UPDATE SKIP LOCKED)`,
    [projectId, id],
  )
}

const policyColumns: Record<keyof QueuePolicy, string> = {
  ordering: 'ordering',
  leaseSeconds: 'lease_ms',
  blindRate: 'blind_rate',
  goldRate: 'gold_rate',
  vigilanceRate: 'vigilance_rate',
  aggregation: 'aggregation',
  agreementFloor: 'agreement_floor',
  practiceItems: 'practice_items',
  practicePass: 'practice_pass',
  workerIds: 'worker_ids',
  adjudicatorIds: 'adjudicator_ids',
}

async function storeFacts(tx: Transaction, projectId: string, id: string, facts: QueueFacts): Promise<void> {
  if (facts.policy) await storePolicy(tx, projectId, id, facts.policy)
  await tx.$client
    .query(
      `UPDATE queues SET name = coalesce($3, name), state = coalesce($4, state),
         instructions = coalesce((SELECT body#>>'{}' FROM contents WHERE project_id = $1 AND id = $5), instructions)
       WHERE project_id = $1 AND id = $2`,
      [projectId, id, facts.name ?? null, facts.state ?? null, facts.instructionsContentId ?? null],
    )
    .catch((error: { code?: string }) => {
      if (error.code !== '23505') throw error
      throw new AmendError('conflict', `There is a queue “${facts.name}” already. Choose another name.`, {
        field: 'name',
      })
    })
}

const blocked = (detail: string) => new AmendError('undo_blocked', detail)

/** Nothing that was reviewed goes: the queue is closed, and opens again when that is undone. */
export async function closeMadeQueue(tx: Transaction, action: DoneAction) {
  const id = action.targetId ?? ''
  const { state } = await findQueue(action, id, { tx, lock: true })
  if (state === 'closed') throw blocked('The queue is closed already.')
  await storeFacts(tx, action.projectId, id, { state: 'closed' })
  return {
    kind: 'queue.changed',
    targetType: 'queue',
    targetId: id,
    before: { state },
    after: { state: 'closed' },
  }
}

export async function changeQueueBack(tx: Transaction, action: DoneAction) {
  const id = action.targetId ?? ''
  const before = (action.before ?? {}) as QueueFacts
  const after = (action.after ?? {}) as QueueFacts
  const queue = await findQueue(action, id, { tx, lock: true })
  const words = await readWords(tx, action.projectId, [before, after])
  const moved =
    (after.name !== undefined && after.name !== queue.name) ||
    (after.state !== undefined && after.state !== queue.state) ||
    (after.policy !== undefined && policyChange(queue.policy, after.policy) !== null) ||
    (after.instructionsContentId !== undefined && words[1] !== null && words[1] !== queue.instructions)
  if (moved) throw blocked('The queue was changed again since. Undo that first, or change it by hand.')
  if (before.instructionsContentId !== undefined && words[0] === null)
    throw blocked('The instructions of before were erased with what their author wrote.')
  await storeFacts(tx, action.projectId, id, before)
  return {
    kind: action.kind,
    targetType: 'queue',
    targetId: id,
    before: action.after,
    after: action.before,
  }
}

async function readWords(tx: Transaction, projectId: string, facts: readonly QueueFacts[]) {
  const { rows } = await tx.$client.query<{ id: string; text: string | null }>(
    `SELECT id, body#>>'{}' AS text FROM contents WHERE project_id = $1 AND id = ANY($2::uuid[])`,
    [projectId, facts.flatMap(f => f.instructionsContentId ?? [])],
  )
  return facts.map(f => rows.find(row => row.id === f.instructionsContentId)?.text ?? null)
}
