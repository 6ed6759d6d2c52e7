import 'server-only'
import type { DatasetVersion } from '@/contract/v1/datasets'
import { type Transaction, withTransaction } from '@/db/client'
import { rulesSchema } from '@/domain/dataset'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { findDataset } from './find-dataset'
import { enqueueJob } from './job-queue'
import { describeVersion } from './list-datasets'
import { lineFormat } from './version-lines'

/** One freeze of a project at a time, so that two of them can't put a group into different splits. */
const freezeLock = 7264363010

/** Others that begin a freeze in this project wait until the transaction ends. */
export async function holdFreezes(tx: Transaction, projectId: string): Promise<void> {
  await tx.$client.query('SELECT pg_advisory_xact_lock($1::bigint # hashtextextended($2, 0))', [
    freezeLock,
    projectId,
  ])
}

/**
 * Starts freezing the next version of a dataset as a job.
 *
 * @throws AmendError not_found, conflict (another freeze of this project is under way; the dataset is archived)
 */
export async function freezeDataset(scope: ProjectScope, slugOrId: string): Promise<DatasetVersion> {
  const dataset = await findDataset(scope, slugOrId)
  const { caller } = scope
  const number = await withTransaction(async tx => {
    await holdFreezes(tx, scope.projectId)
    const { rows } = await tx.$client.query(
      `SELECT archived_at IS NOT NULL AS archived, target, selection, rules,
         EXISTS (SELECT FROM dataset_versions v WHERE v.project_id = $1 AND v.state = 'freezing') AS freezing,
         (SELECT coalesce(max(v.number), 0) + 1 FROM dataset_versions v WHERE v.project_id = $1 AND v.dataset_id = $2) AS number,
         (SELECT v.id FROM dataset_versions v WHERE v.project_id = $1 AND v.dataset_id = $2 AND v.state = 'frozen'
           ORDER BY v.number DESC LIMIT 1) AS parent
       FROM datasets WHERE project_id = $1 AND id = $2`,
      [scope.projectId, dataset.id],
    )
    const now = rows[0]
    if (now.archived)
      throw new AmendError('conflict', 'This dataset is archived. Bring it back first, then freeze.')
    if (now.freezing)
      throw new AmendError(
        'conflict',
        'A version is being frozen in this project. Wait for it to end, or cancel it, then freeze again.',
      )
    const definition = {
      target: now.target,
      selection: now.selection,
      rules: rulesSchema.parse(now.rules),
      taskType: scope.project.taskType,
      timeZone: scope.project.timeZone,
      lineFormat,
    }
    const { rows: made } = await tx.$client.query(
      `INSERT INTO dataset_versions (project_id, dataset_id, number, parent_version_id, definition, created_by)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
      [
        scope.projectId,
        dataset.id,
        now.number,
        now.parent,
        definition,
        caller.kind === 'person' ? caller.userId : null,
      ],
    )
    const jobId = await enqueueJob(tx, scope.projectId, {
      kind: 'freeze-dataset',
      payload: { versionId: made[0].id, keyId: caller.kind === 'key' ? caller.keyId : null },
    })
    await tx.$client.query(`UPDATE dataset_versions SET job_id = $3 WHERE project_id = $1 AND id = $2`, [
      scope.projectId,
      made[0].id,
      jobId,
    ])
    return now.number as number
  })
  return describeVersion(scope, dataset.id, String(number))
}
