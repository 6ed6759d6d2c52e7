import 'server-only'
import { type Database, getDb, type Transaction, withTransaction } from '@/db/client'
import { getLog } from '@/platform/log'
import { queueColumns, ruleOf, type StoredQueue } from './find-queue'
import { enqueueJob } from './job-queue'
import type { JobKind, RunningJob } from './run-job'
import { enqueueQueuePredictions } from './run-predictions'
import { countPool, insertSelected, type Selection } from './select-items'

/** What a request or a sweep puts in by itself; the rest is a job's. */
const inlineMost = 1_000
const entriesPerChunk = 5_000

export interface Refilled {
  added: number
  /** The job that goes on where this left off, or asks the model about what was put in. */
  jobId: string | null
}

/**
 * Puts what the queue's rule selects and is not in it yet into it. `sinceLast` looks only at what came since the last
 * look; without it at everything. Safe to call at any time by anybody: an item is in a queue once.
 */
export async function refillQueue(
  projectId: string,
  queueId: string,
  { sinceLast = false } = {},
): Promise<Refilled> {
  return withTransaction(async tx => {
    const queue = await findForFilling(tx, projectId, queueId)
    if (!queue || queue.state === 'closed') return { added: 0, jobId: null }
    const selection = selectionOf(projectId, queue, sinceLast ? queue.refilledAt : null)
    const { poolSize, selected } = await countPool(tx, selection)
    const { found, added, unpredicted } =
      selected === 0
        ? { found: 0, added: 0, unpredicted: 0 }
        : await insertSelected(tx, selection, { poolSize, rankBase: 0, limit: inlineMost })
    await tx.$client.query(`UPDATE queues SET refilled_at = amend.now() WHERE project_id = $1 AND id = $2`, [
      projectId,
      queueId,
    ])
    if (found === inlineMost) {
      const payload = { queueId, rankBase: inlineMost, poolSize }
      return { added, jobId: await enqueueJob(tx, projectId, { kind: 'refill-queue', payload }) }
    }
    return { added, jobId: unpredicted > 0 ? await enqueueQueuePredictions(tx, projectId, queueId) : null }
  })
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

function selectionOf(projectId: string, queue: StoredQueue, since: string | null) {
  const { id: queueId, overlap } = queue
  return { projectId, queueId, rule: ruleOf(queue), seed: queue.rule.seed ?? '', overlap, since }
}

/** What is left of a large filling, in the rule's order: each chunk stands, and whoever takes over goes on after it. */
export const refillJob: JobKind = {
  async run(job) {
    const { queueId, rankBase, poolSize } = job.payload as {
      queueId: string
      rankBase: number
      poolSize: number
    }
    const queue = await findForFilling(getDb(), job.projectId, queueId)
    if (!queue) return { added: 0 }
    const selection: Selection & { queueId: string } = selectionOf(job.projectId, queue, null)
    let done = await doneSoFar(job)
    for (let more = true; more; )
      await job.chunk(async tx => {
        const { found, added } = await insertSelected(tx, selection, {
          poolSize,
          rankBase: rankBase + done,
          limit: entriesPerChunk,
        })
        more = found === entriesPerChunk
        done += added
        return { done, message: 'Filling the queue' }
      })
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
