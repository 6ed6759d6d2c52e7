import 'server-only'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import { isAmendError } from '@/domain/errors'
import { getLog } from '@/platform/log'

/** A job that was begun this often and never ended takes its worker down: it is not begun again. */
const mostAttempts = 5

export interface StoredJob {
  projectId: string
  id: string
  kind: string
  payload: Record<string, unknown>
  attempts: number
}

/** How one kind of work is done and ended. */
export interface JobKind {
  /** Works chunk by chunk and returns the result. Starts where the stored position says. */
  run(job: RunningJob): Promise<Record<string, unknown>>
  /** Settles what the job was about, in the transaction that ends it, however it ended. */
  settle(tx: Transaction, job: StoredJob, end: JobEnd): Promise<void>
  /** Once that is committed: what a database can't take back, as deleting a file. */
  after?(job: StoredJob, end: JobEnd): Promise<void>
}

export type JobEnd =
  | { state: 'done'; result: Record<string, unknown> }
  | { state: 'cancelled' }
  | { state: 'failed'; error: string }

export interface RunningJob extends StoredJob {
  /**
   * One chunk: its writes and its progress commit together, or not at all. Before each the job looks whether it still is
   * ours, was cancelled, or the worker is to stop.
   */
  chunk(work: (tx: Transaction) => Promise<Progress>): Promise<void>
}

export interface Progress {
  done: number
  total?: number | null
  message?: string
}

/** Not ours any more: another worker has taken it over. Its writes count, ours don't. */
class TakenOver extends Error {}
class Cancelled extends Error {}
/** The worker stops; the job goes on elsewhere or later. */
class Stopped extends Error {}

/**
 * Runs one job of the queue to its end. Throws where the queue should give it another turn.
 */
export async function runJob(
  kinds: Readonly<Record<string, JobKind>>,
  wanted: { projectId: string; jobId: string },
  workerId: string,
  signal: AbortSignal,
): Promise<void> {
  const job = await claim(wanted, workerId)
  if (!job) return
  const kind = Object.hasOwn(kinds, job.kind) ? kinds[job.kind] : undefined
  if (!kind)
    return end(job, null, { state: 'failed', error: 'This version of Amend does not know this kind of job.' })
  if (job.attempts > mostAttempts) {
    const error = `It was begun ${mostAttempts} times and never came to an end. What it had stored by then is there.`
    return end(job, kind, { state: 'failed', error })
  }
  try {
    const result = await kind.run({ ...job, chunk: work => chunk(job, signal, work) })
    await end(job, kind, { state: 'done', result })
  } catch (error) {
    if (error instanceof TakenOver) return
    if (error instanceof Cancelled) return end(job, kind, { state: 'cancelled' })
    if (isAmendError(error)) return end(job, kind, { state: 'failed', error: error.detail })
    await giveBack(job, error instanceof Stopped ? null : 'It failed on the way and is tried again.')
    if (!(error instanceof Stopped))
      getLog().error({ err: error, job: job.id, kind: job.kind }, 'A job failed')
    throw error
  }
}

/** The attempt's number fences: whoever began the job last is the one who may write. */
async function claim(
  wanted: { projectId: string; jobId: string },
  workerId: string,
): Promise<StoredJob | null> {
  const { rows } = await getDb().$client.query(
    `UPDATE jobs SET state = 'running', worker_id = $3, attempts = attempts + 1, started_at = coalesce(started_at, amend.now())
     WHERE project_id = $1 AND id = $2 AND state IN ('queued', 'running')
     RETURNING kind, payload, attempts`,
    [wanted.projectId, wanted.jobId, workerId],
  )
  return rows[0] ? { projectId: wanted.projectId, id: wanted.jobId, ...rows[0] } : null
}

async function hold(tx: Transaction, job: StoredJob): Promise<{ cancelled: boolean }> {
  const { rows } = await tx.$client.query(
    `SELECT cancel_requested AS cancelled FROM jobs WHERE project_id = $1 AND id = $2 AND attempts = $3 AND state = 'running' FOR UPDATE`,
    [job.projectId, job.id, job.attempts],
  )
  if (!rows[0]) throw new TakenOver()
  return rows[0]
}

async function chunk(job: StoredJob, signal: AbortSignal, work: (tx: Transaction) => Promise<Progress>) {
  if (signal.aborted) throw new Stopped()
  await withTransaction(async tx => {
    if ((await hold(tx, job)).cancelled) throw new Cancelled()
    const { done, total, message } = await work(tx)
    await tx.$client.query(
      `UPDATE jobs SET done = $3, total = coalesce($4, total), message = coalesce($5, message) WHERE project_id = $1 AND id = $2`,
      [job.projectId, job.id, done, total ?? null, message ?? null],
    )
  })
}

async function end(job: StoredJob, kind: JobKind | null, how: JobEnd): Promise<void> {
  const ended = await withTransaction(async tx => {
    await hold(tx, job)
    await kind?.settle(tx, job, how)
    await tx.$client.query(
      `UPDATE jobs SET state = $3, result = $4, error = $5, worker_id = NULL, finished_at = amend.now() WHERE project_id = $1 AND id = $2`,
      [
        job.projectId,
        job.id,
        how.state,
        how.state === 'done' ? how.result : null,
        how.state === 'failed' ? how.error : null,
      ],
    )
    return true
  }).catch(error => {
    if (!(error instanceof TakenOver)) throw error
    return false
  })
  if (ended) await kind?.after?.(job, how)
}

/** A worker that stops on purpose gives the attempt back, so that restarts never use them up. */
async function giveBack(job: StoredJob, error: string | null): Promise<void> {
  await getDb()
    .$client.query(
      `UPDATE jobs SET state = 'queued', worker_id = NULL, error = $4, attempts = attempts - $5
       WHERE project_id = $1 AND id = $2 AND attempts = $3 AND state = 'running'`,
      [job.projectId, job.id, job.attempts, error, error === null ? 1 : 0],
    )
    .catch(() => {})
}
