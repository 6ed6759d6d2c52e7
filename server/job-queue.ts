import 'server-only'
import pg from 'pg'
import { getDirectUrl, type Transaction } from '@/db/client'
import { getLog } from '@/platform/log'

export { queueLogger } from '@/db/queue-logger'

/** The one task that the queue knows; which kind of work it is stands in our own row. */
export const queueTask = 'amend'
/** The queue counts a killed worker's try as one; ours are counted in `jobs` and end much earlier. */
const queueTries = 100

/**
 * Makes a job in the caller's transaction: it exists when that commits, and then a worker hears of it at once.
 * The payload holds ids, and rules as they stood; no words of those whose data it is.
 */
export async function enqueueJob(
  tx: Transaction,
  projectId: string,
  job: { kind: string; payload: Record<string, unknown>; total?: number | null },
): Promise<string> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `INSERT INTO jobs (project_id, kind, payload, total) VALUES ($1, $2, $3, $4) RETURNING id`,
    [projectId, job.kind, job.payload, job.total ?? null],
  )
  const id = rows[0]?.id
  if (!id) throw new Error('a job was not stored')
  await queueJobs(tx.$client, [{ projectId, id }])
  return id
}

/** Tells the queue of jobs; one that it knows already is left as it is. */
export async function queueJobs(
  client: Pick<pg.ClientBase, 'query'>,
  jobs: readonly { projectId: string; id: string }[],
): Promise<void> {
  for (const { projectId, id } of jobs)
    await client.query(
      `SELECT FROM graphile_worker.add_job($1, json_build_object('projectId', $2::text, 'jobId', $3::text),
         max_attempts => $4, job_key => $3::text, job_key_mode => 'preserve_run_at')`,
      [queueTask, projectId, id, queueTries],
    )
}

/** Connections of a worker's own, past any pooler, since it listens. */
export function openQueuePool(concurrency: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: getDirectUrl(),
    max: concurrency + 2,
    application_name: 'amend jobs',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  })
  const onLost = (error: Error) => {
    if (!pool.ending) getLog().warn({ err: error }, 'A connection of the job queue was lost')
  }
  pool.on('error', onLost)
  // Without this a connection that dies while it is out of the pool takes the whole process along.
  pool.on('connect', client => client.on('error', onLost))
  return pool
}
