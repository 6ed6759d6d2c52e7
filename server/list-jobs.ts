import 'server-only'
import type { Job } from '@/contract/v1/jobs'
import { getDb, withTransaction } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'

/** Of `jobs j`, under the names of the contract. */
export const jobColumns = `j.id, j.kind, j.state, j.done, j.total, j.message, j.cancel_requested AS "cancelRequested", j.attempts,
  to_json(j.created_at)#>>'{}' AS "createdAt", to_json(j.started_at)#>>'{}' AS "startedAt",
  to_json(j.finished_at)#>>'{}' AS "finishedAt", j.result, j.error`

// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
export function toJob(row: any): Job {
  const { micros, ...job } = row
  return job
}

/** The project's jobs, newest first. */
export async function listJobs(scope: ProjectScope, page: { cursor?: string | undefined; limit: number }) {
  const after = readCursor(page.cursor)
  const { rows } = await getDb().$client.query(
    `SELECT ${jobColumns}, ${toMicros('j.created_at')}::text AS micros FROM jobs j
     WHERE j.project_id = $1 AND ($2::bigint IS NULL OR (j.created_at, j.id) < (${fromMicros('$2::bigint')}, $3::uuid))
     ORDER BY j.created_at DESC, j.id DESC LIMIT $4`,
    [scope.projectId, after?.micros ?? null, after?.id ?? null, page.limit + 1],
  )
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    jobs: shown.map(toJob),
    nextCursor: rows.length > page.limit && last ? writeCursor(last.micros, last.id) : null,
  }
}

const noJob = () => new AmendError('not_found', 'There is no such job in this project.')

export async function readJob(scope: ProjectScope, id: string): Promise<Job> {
  const { rows } = await getDb().$client.query(
    `SELECT ${jobColumns} FROM jobs j WHERE j.project_id = $1 AND j.id = $2`,
    [scope.projectId, id],
  )
  if (!rows[0]) throw noJob()
  return toJob(rows[0])
}

/**
 * Asks a job to stop before its next chunk. What it stored stays, and says so; its own verb undoes it.
 *
 * @throws AmendError not_found, already_done
 */
export async function cancelJob(scope: ProjectScope, id: string): Promise<Job> {
  await withTransaction(async tx => {
    const { rows } = await tx.$client.query(
      `SELECT state FROM jobs WHERE project_id = $1 AND id = $2 FOR UPDATE`,
      [scope.projectId, id],
    )
    if (!rows[0]) throw noJob()
    if (!['queued', 'running'].includes(rows[0].state))
      throw new AmendError('already_done', `This job has ended already: ${rows[0].state}.`)
    await tx.$client.query(`UPDATE jobs SET cancel_requested = true WHERE project_id = $1 AND id = $2`, [
      scope.projectId,
      id,
    ])
  })
  return readJob(scope, id)
}
