import 'server-only'
import type { Job } from '@/contract/v1/jobs'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { enqueueJob } from './job-queue'
import { readJob } from './list-jobs'
import { runsHere } from './run-predictions'

/**
 * Asks a version, as a job, about every shared item that it has said nothing about.
 *
 * @throws AmendError not_found, conflict (it runs elsewhere, or is out of service), already_done (under way)
 */
export async function startPredictions(scope: ProjectScope, versionId: string): Promise<Job> {
  const jobId = await withTransaction(async tx => {
    const { rows } = await tx.$client.query(
      `SELECT m.kind, v.out_of_service_at IS NOT NULL AS stopped,
         EXISTS (SELECT FROM jobs j WHERE j.project_id = $1 AND j.kind = 'predict' AND j.state IN ('queued', 'running')
           AND j.payload->>'versionId' = $2::text AND j.payload->>'queueId' IS NULL) AS running
       FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
       WHERE v.project_id = $1 AND v.id = $2::uuid FOR UPDATE OF v`,
      [scope.projectId, versionId],
    )
    const version = rows[0]
    if (!version) throw new AmendError('not_found', 'There is no such model version in this project.')
    if (version.stopped) throw new AmendError('conflict', 'This version is out of service.')
    if (!(await runsHere(version.kind)))
      throw new AmendError('conflict', 'This model does not run here. Push its predictions instead.')
    if (version.running) throw new AmendError('already_done', 'This version is being asked already.')
    return enqueueJob(tx, scope.projectId, { kind: 'predict', payload: { versionId } })
  })
  return readJob(scope, jobId)
}
