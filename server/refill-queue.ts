import 'server-only'
import { type Database, getDb, type Transaction, withTransaction } from '@/db/client'
import type { QueueOrdering } from '@/domain/review'
import { byHand, leastForSlice, type SingleRule, type Slice } from '@/domain/selection'
import { getLog } from '@/platform/log'
import { queueColumns, ruleOf, type StoredQueue } from './find-queue'
import { enqueueJob } from './job-queue'
import type { JobKind, RunningJob } from './run-job'
import { enqueueQueuePredictions } from './run-predictions'
import {
  countAbsent,
  countPool,
  findWeakSlice,
  holdSelected,
  insertHeld,
  insertSelected,
  placeEntries,
  type Selection,
} from './select-items'
import { type BudgetedPart, budgetedParts, withFarApart } from './select-parts'

/** What a request or a sweep puts in by itself; the rest is a job's. A budget is put in at once. */
const inlineMost = 1_000
const entriesPerChunk = 5_000

export interface Refilled {
  added: number
  /** The job that goes on where this left off, or asks the model about what was put in. */
  jobId: string | null
}

/**
 * Puts what the queue's rule selects and is not in it yet into it. `sinceLast` looks only at what came since the last
 * look; without it at everything, and budgets count anew. Safe to call at any time by anybody: an item is in a queue once.
 */
export async function refillQueue(
  projectId: string,
  queueId: string,
  { sinceLast = false } = {},
): Promise<Refilled> {
  return withTransaction(async tx => {
    const queue = await findForFilling(tx, projectId, queueId)
    if (!queue || queue.state === 'closed') return { added: 0, jobId: null }
    const since = sinceLast ? queue.refilledAt : null
    const budgeted = budgetedParts(ruleOf(queue))
    // Two fillings at once would each spend the whole budget.
    if (budgeted)
      await tx.$client.query(`SELECT FROM queues WHERE project_id = $1 AND id = $2 FOR NO KEY UPDATE`, [
        projectId,
        queueId,
      ])
    const weakSlice = await weakSliceOf(tx, projectId, queue, since)
    const selection = { ...selectionOf(projectId, queue, since), weakSlice }
    // Counting takes a moment: whoever gives an item back to the queue meanwhile is not kept waiting by it.
    const filled = budgeted ? null : await fillFirst(tx, selection, queue.policy.ordering)
    await tx.$client.query(
      `UPDATE queues SET refilled_at = amend.now(), whole_at = CASE WHEN $3 THEN amend.now() ELSE coalesce(whole_at, amend.now()) END,
         rule = CASE WHEN $4::jsonb IS NULL THEN rule ELSE rule || jsonb_build_object('found', $4::jsonb) END
       WHERE project_id = $1 AND id = $2`,
      [projectId, queueId, since === null, weakSlice && JSON.stringify(weakSlice)],
    )
    const { added, unpredicted, poolSize, more } =
      filled ?? (await fillParts(tx, selection, budgeted ?? [], queue))
    if (more) {
      const payload = { queueId, rankBase: inlineMost, poolSize }
      return { added, jobId: await enqueueJob(tx, projectId, { kind: 'refill-queue', payload }) }
    }
    return { added, jobId: unpredicted > 0 ? await enqueueQueuePredictions(tx, projectId, queueId) : null }
  })
}

interface Filled {
  added: number
  unpredicted: number
  poolSize: number
  more: boolean
}

/** The first chunk of a rule without a budget. */
async function fillFirst(tx: Transaction, selection: Filling, ordering: QueueOrdering): Promise<Filled> {
  const { poolSize, selected } = await countPool(tx, selection)
  if (selected === 0) return { added: 0, unpredicted: 0, poolSize, more: false }
  const { found, added, unpredicted } = await insertSelected(tx, selection, {
    poolSize,
    rankBase: 0,
    limit: inlineMost,
    budget: null,
    ordering,
  })
  await placeEntries(tx, selection, added, ordering)
  return { added: added.length, unpredicted, poolSize, more: found === inlineMost }
}

/** What is left of each part's budget since the last look at everything, part by part; placed together. */
async function fillParts(
  tx: Transaction,
  selection: Filling,
  parts: readonly BudgetedPart[],
  { policy: { ordering } }: StoredQueue,
): Promise<Filled> {
  const spent = await readSpent(tx, selection)
  const entryIds: string[] = []
  let unpredicted = 0
  for (const { rule, budget, part } of parts) {
    const left = budget - (spent.get(part) ?? 0)
    if (left <= 0) continue
    const own = {
      ...selection,
      rule,
      part,
      seed: part === null ? selection.seed : `${selection.seed}.${part}`,
    }
    const looked = await withFarApart(tx, own, left)
    const poolSize = await countAbsent(tx, looked)
    const filled = await insertSelected(tx, looked, {
      poolSize,
      rankBase: 0,
      limit: left,
      budget: left,
      ordering,
    })
    entryIds.push(...filled.added)
    unpredicted += filled.unpredicted
  }
  await placeEntries(tx, selection, entryIds, ordering)
  return { added: entryIds.length, unpredicted, poolSize: 0, more: false }
}

/** How many items each part has put in since everything was last looked at. */
async function readSpent(tx: Transaction, { projectId, queueId, since }: Filling) {
  if (since === null) return new Map<number | null, number>()
  const { rows } = await tx.$client.query<{ part: number | null; spent: number }>(
    `SELECT e.part, count(*) AS spent FROM queue_entries e JOIN queues q ON q.project_id = e.project_id AND q.id = e.queue_id
     WHERE e.project_id = $1 AND e.queue_id = $2 AND e.kind = 'review' AND e.strategy <> '${byHand}' AND e.created_at >= q.whole_at GROUP BY e.part`,
    [projectId, queueId],
  )
  return new Map(rows.map(row => [row.part, row.spent]))
}

/** The slice that people correct most, looked for at each look at everything and kept until the next. */
async function weakSliceOf(tx: Transaction, projectId: string, queue: StoredQueue, since: string | null) {
  const rule = ruleOf(queue)
  const rules = rule.strategy === 'mix' ? rule.parts.map(part => part.rule) : [rule]
  if (!rules.some(one => one.strategy === 'weak-slice' && !one.slice)) return null
  if (since !== null) return (queue.rule.found as Slice | undefined) ?? null
  return findWeakSlice(tx, projectId, leastForSlice)
}

async function findForFilling(
  db: Database | Transaction,
  projectId: string,
  queueId: string,
): Promise<StoredQueue | null> {
  const { rows } = await db.$client.query<StoredQueue>(
    `SELECT ${queueColumns} FROM queues q WHERE q.project_id = $1 AND q.id = $2`,
    [projectId, queueId],
  )
  return rows[0] ?? null
}

type Filling = Selection & { queueId: string }

function selectionOf(projectId: string, queue: StoredQueue, since: string | null): Filling {
  const { id: queueId, overlap } = queue
  // Where a mix is filled, each part takes the place of the rule.
  const rule = ruleOf(queue) as SingleRule
  const weakSlice = (queue.rule.found as Slice | undefined) ?? null
  return { projectId, queueId, rule, seed: queue.rule.seed ?? '', overlap, since, weakSlice }
}

/**
 * What is left of a large filling, selected and sorted once: each chunk stands, and whoever takes over selects what is
 * not in the queue yet.
 */
export const refillJob: JobKind = {
  async run(job) {
    const { queueId, rankBase, poolSize } = job.payload as {
      queueId: string
      rankBase: number
      poolSize: number
    }
    const queue = await findForFilling(getDb(), job.projectId, queueId)
    if (!queue) return { added: 0 }
    const selection = selectionOf(job.projectId, queue, null)
    const { ordering } = queue.policy
    let done = await doneSoFar(job)
    const held = await holdSelected(selection, {
      rankBase: ordering === 'ranked' ? rankBase + done : 0,
      ordering,
    })
    try {
      for (let more = true; more; ) {
        const items = await held.next(entriesPerChunk)
        more = items.length === entriesPerChunk
        if (items.length > 0)
          await job.chunk(async tx => {
            const { added } = await insertHeld(tx, selection, items, poolSize)
            await placeEntries(tx, selection, added, ordering)
            done += added.length
            return { done, message: 'Filling the queue' }
          })
      }
    } finally {
      await held.close()
    }
    return { added: done }
  },

  async settle(tx, job, end) {
    if (end.state !== 'done') return
    const queueId = String(job.payload.queueId)
    // Claims are planned by these figures, and a queue may just have grown a thousandfold.
    await tx.$client.query('ANALYZE assignments, queue_entries')
    await enqueueQueuePredictions(tx, job.projectId, queueId)
  },
}

async function doneSoFar(job: RunningJob): Promise<number> {
  const { rows } = await getDb().$client.query(`SELECT done FROM jobs WHERE project_id = $1 AND id = $2`, [
    job.projectId,
    job.id,
  ])
  return rows[0]?.done ?? 0
}

const lookEverySeconds = 30
export const queuesPerSweep = 20

/**
 * Looks whether something has come for queues that were not looked at for a while. Once a day a queue is looked at as a
 * whole: that finds what a look at the latest alone can't, as a correction that was redone.
 */
export async function refillDue(): Promise<number> {
  const { rows } = await getDb().$client.query(
    `SELECT q.project_id, q.id, q.refilled_at IS NULL OR q.refilled_at::date < amend.now()::date AS whole FROM queues q
     WHERE q.state <> 'closed' AND (q.refilled_at IS NULL OR q.refilled_at < amend.now() - $1::int * interval '1 second')
       AND NOT EXISTS (SELECT FROM jobs j WHERE j.project_id = q.project_id AND j.kind = 'refill-queue'
         AND j.state IN ('queued', 'running') AND j.payload->>'queueId' = q.id::text)
     ORDER BY q.refilled_at NULLS FIRST LIMIT $2`,
    [lookEverySeconds, queuesPerSweep],
  )
  for (const row of rows)
    await refillQueue(row.project_id, row.id, { sinceLast: !row.whole }).catch(error =>
      getLog().warn({ err: error, queue: row.id }, 'A queue was not filled; the next sweep tries again'),
    )
  return rows.length
}
