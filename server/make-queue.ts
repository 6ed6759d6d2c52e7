import 'server-only'
import { randomBytes } from 'node:crypto'
import type {
  ChangeQueueAnswer,
  MakeQueueBody,
  PreviewQueueBody,
  QueuePolicy,
  QueuePreview,
} from '@/contract/v1/review'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { aggregationsOf, usualPolicy } from '@/domain/review'
import { firstQueues, type SelectionRule } from '@/domain/selection'
import { answerKindOf } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { checkMethod, checkPolicyPeople } from './change-queue'
import { checkPracticeItems } from './find-practice'
import { readQueue } from './list-queues'
import { recordAction } from './record-action'
import { refillQueue } from './refill-queue'
import { previewRule } from './select-parts'

/** Makes a queue and fills it at once; what takes longer goes on as a job. @throws AmendError conflict (the name is taken) */
export async function makeQueue(scope: ProjectScope, body: MakeQueueBody): Promise<ChangeQueueAnswer> {
  const { caller } = scope
  const { id, actionId } = await withTransaction(async tx => {
    await checkPolicyPeople(tx, scope.projectId, body.policy ?? {})
    await checkPracticeItems(tx, scope.projectId, body.policy?.practiceItems)
    checkMethod(scope.project.taskType, body.policy?.aggregation)
    const queueId = await insertQueue(tx, scope.projectId, {
      ...body,
      policy: { ...usualPolicyOf(scope.project.taskType), ...body.policy },
      createdBy: caller.kind === 'person' ? caller.userId : null,
    })
    if (!queueId)
      throw new AmendError('conflict', `There is a queue “${body.name}” already. Choose another name.`, {
        field: 'name',
      })
    const madeBy = await recordAction(tx, scope, {
      kind: 'queue.made',
      targetType: 'queue',
      targetId: queueId,
      after: { name: body.name, overlap: body.overlap, ...plainRule(body.rule) },
    })
    return { id: queueId, actionId: madeBy }
  })
  await refillQueue(scope.projectId, id)
  return { ...(await readQueue(scope, id)), actionId }
}

/** A rule as history keeps it: without the words that somebody searched for. */
function plainRule(rule: SelectionRule): object {
  return JSON.parse(JSON.stringify(rule, (key, value) => (key === 'text' ? undefined : value)))
}

/** Stores an empty queue, with the seed of its draws; null when the name is taken. */
async function insertQueue(
  tx: Transaction,
  projectId: string,
  queue: {
    name: string
    rule: SelectionRule
    instructions: string
    overlap: number
    policy: QueuePolicy
    createdBy: string | null
  },
): Promise<string | null> {
  const { strategy, ...settings } = queue.rule
  const rule = { ...settings, seed: newSeed() }
  const { policy } = queue
  const { rows } = await tx.$client.query(
    `INSERT INTO queues (project_id, name, strategy, rule, instructions, overlap, created_by, ordering, lease_ms, blind_rate, gold_rate,
       vigilance_rate, aggregation, agreement_floor, practice_items, practice_pass, worker_ids, adjudicator_ids)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
     ON CONFLICT (project_id, name) DO NOTHING RETURNING id`,
    [
      projectId,
      queue.name,
      strategy,
      rule,
      queue.instructions,
      queue.overlap,
      queue.createdBy,
      policy.ordering,
      policy.leaseSeconds * 1000,
      policy.blindRate,
      policy.goldRate,
      policy.vigilanceRate,
      policy.aggregation,
      policy.agreementFloor,
      policy.practiceItems,
      policy.practicePass,
      policy.workerIds,
      policy.adjudicatorIds,
    ],
  )
  return rows[0]?.id ?? null
}

/** How a queue of this task is worked where nothing else is said: its answers say how they are settled. */
const usualPolicyOf = (taskType: string): QueuePolicy => ({
  ...usualPolicy,
  aggregation: aggregationsOf[answerKindOf(taskType)][0],
})

const newSeed = () => randomBytes(8).toString('hex')

/** The queues that every project starts with: empty, and filled as items and feedback arrive. */
export async function insertFirstQueues(tx: Transaction, projectId: string, taskType: string): Promise<void> {
  for (const queue of firstQueues)
    await insertQueue(tx, projectId, {
      ...queue,
      overlap: 1,
      policy: usualPolicyOf(taskType),
      createdBy: null,
    })
}

/** What a rule would select now. Stores nothing; a draw made here is not the one that the queue will use. */
export function previewQueue(scope: ProjectScope, { rule }: PreviewQueueBody): Promise<QueuePreview> {
  return previewRule(scope, rule, newSeed())
}
