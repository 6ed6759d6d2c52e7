import 'server-only'
import os from 'node:os'
import { getDb, withTransaction } from '@/db/client'
import { processIdentity } from '@/platform/process-identity'
import { queueJobs } from './job-queue'

/** A worker that has said nothing for this long is gone. */
export const silentAfterMs = 30_000
/** Six chances to be heard before it counts as silent. */
export const heartbeatEveryMs = 5_000

/** Says that these workers live; the first time makes their rows. */
export async function beat(workerIds: readonly string[]): Promise<void> {
  if (workerIds.length === 0) return
  await getDb().$client.query(
    `INSERT INTO job_workers (id, host, pid, process_mark) SELECT id, $2, $3, $4 FROM unnest($1::text[]) AS id
     ON CONFLICT (id) DO UPDATE SET heartbeat_at = amend.now()`,
    [workerIds, os.hostname(), process.pid, processIdentity(process.pid)],
  )
}

/** Takes leave: nobody has to wait for these workers to fall silent. */
export async function leave(workerIds: readonly string[]): Promise<void> {
  await getDb().$client.query('DELETE FROM job_workers WHERE id = ANY($1::text[])', [workerIds])
}

/**
 * Frees what workers hold that are gone: silent for 30 s by the database's clock, or processes of this machine that do
 * not run any more. Also tells the queue of jobs that it does not know, as after a restore. Any number may do this at
 * once. Returns how many jobs can be taken up again.
 */
export async function freeAbandonedJobs(): Promise<number> {
  const gone = await findGone()
  return withTransaction(async tx => {
    const { rows: held } = await tx.$client.query<{ worker: string }>(
      `SELECT DISTINCT locked_by AS worker FROM graphile_worker._private_jobs j
       WHERE locked_by IS NOT NULL AND (locked_by = ANY($1::text[])
         -- A worker beats before it takes its first job, so that one without a row has left.
         OR NOT EXISTS (SELECT FROM job_workers w WHERE w.id = j.locked_by))`,
      [gone],
    )
    const silent = [...new Set([...gone, ...held.map(row => row.worker)])]
    await tx.$client.query('SELECT graphile_worker.force_unlock_workers($1::text[])', [silent])
    // A later beat of a worker that was only slow makes its row again; its writes are fenced by `attempts`.
    await tx.$client.query('DELETE FROM job_workers WHERE id = ANY($1::text[])', [gone])
    const { rowCount } = await tx.$client.query(
      `UPDATE jobs SET state = 'queued', worker_id = NULL WHERE state = 'running' AND worker_id = ANY($1::text[])`,
      [silent],
    )
    // The queue gives an abandoned job its turn only after a pause that grows with each try: these failed by no fault of theirs.
    await tx.$client.query(
      `UPDATE graphile_worker._private_jobs j SET run_at = now()
       FROM jobs o WHERE o.id::text = j.key AND o.state = 'queued' AND o.worker_id IS NULL AND o.error IS NULL
         AND j.locked_at IS NULL AND j.run_at > now()`,
    )
    const { rows: unknown } = await tx.$client.query<{ project_id: string; id: string }>(
      `SELECT project_id, id FROM jobs o WHERE state IN ('queued', 'running')
         AND created_at < amend.now() - interval '2 seconds'
         AND NOT EXISTS (SELECT FROM graphile_worker._private_jobs j WHERE j.key = o.id::text) LIMIT 1000`,
    )
    await queueJobs(
      tx.$client,
      unknown.map(row => ({ projectId: row.project_id, id: row.id })),
    )
    return (rowCount ?? 0) + unknown.length
  })
}

async function findGone(): Promise<string[]> {
  const { rows } = await getDb().$client.query<{
    id: string
    host: string
    pid: number
    mark: string | null
    silent: boolean
  }>(
    `SELECT id, host, pid, process_mark AS mark,
       heartbeat_at < amend.now() - $1::int * interval '1 millisecond' AS silent FROM job_workers`,
    [silentAfterMs],
  )
  const here = os.hostname()
  return rows
    .filter(
      row => row.silent || (row.host === here && row.mark !== null && processIdentity(row.pid) !== row.mark),
    )
    .map(row => row.id)
}
