import 'server-only'
import type { DatasetVersion } from '@/contract/v1/datasets'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { findDataset, findVersion } from './find-dataset'
import { holdFreezes } from './freeze-dataset'
import { enqueueJob } from './job-queue'
import { describeVersion } from './list-datasets'
import { recordAction } from './record-action'
import { holdBlocked } from './waive-check'

/**
 * Goes on with a version once all that blocked it was waived.
 *
 * @throws AmendError not_found, conflict (it does not wait, something still blocks it, or another freeze is under way)
 */
export async function goOnFreezing(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
): Promise<DatasetVersion> {
  const dataset = await findDataset(scope, slugOrId)
  const version = await findVersion(scope, dataset, wanted)
  const { caller } = scope
  await withTransaction(async tx => {
    await holdFreezes(tx, scope.projectId)
    await holdBlocked(tx, scope.projectId, version.id, version.number)
    const { rows } = await tx.$client.query<{ open: string[] | null; freezing: boolean }>(
      `SELECT (SELECT array_agg(name ORDER BY name) FROM dataset_checks WHERE project_id = $1 AND version_id = $2
           AND level = 'blocking' AND outcome = 'found' AND waived_at IS NULL) AS open,
         EXISTS (SELECT FROM dataset_versions WHERE project_id = $1 AND state = 'freezing') AS freezing`,
      [scope.projectId, version.id],
    )
    if (rows[0]?.open)
      throw new AmendError(
        'conflict',
        `Version ${version.number} is still held by: ${rows[0].open.join(', ')}. Mend what they found and freeze again, or waive them.`,
      )
    if (rows[0]?.freezing)
      throw new AmendError(
        'conflict',
        'A version is being frozen in this project. Wait for it to end, then go on.',
      )
    const jobId = await enqueueJob(tx, scope.projectId, {
      kind: 'freeze-dataset',
      payload: { versionId: version.id, keyId: caller.kind === 'key' ? caller.keyId : null },
    })
    await tx.$client.query(
      `UPDATE dataset_versions SET state = 'freezing', job_id = $3 WHERE project_id = $1 AND id = $2`,
      [scope.projectId, version.id, jobId],
    )
  })
  return describeVersion(scope, dataset.id, String(version.number))
}

/**
 * Gives a version up that its checks hold back. Its number stays used.
 *
 * @throws AmendError not_found, conflict (it does not wait)
 */
export async function giveUpFreezing(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
): Promise<DatasetVersion> {
  const dataset = await findDataset(scope, slugOrId)
  const version = await findVersion(scope, dataset, wanted)
  await withTransaction(async tx => {
    await holdBlocked(tx, scope.projectId, version.id, version.number)
    for (const table of ['dataset_findings', 'dataset_checks', 'dataset_rows'])
      await tx.$client.query(`DELETE FROM ${table} WHERE project_id = $1 AND version_id = $2`, [
        scope.projectId,
        version.id,
      ])
    await tx.$client.query(
      `UPDATE dataset_versions SET state = 'cancelled', row_count = 0, counts = '{}' WHERE project_id = $1 AND id = $2`,
      [scope.projectId, version.id],
    )
    await recordAction(tx, scope, {
      kind: 'dataset-version.given-up',
      targetType: 'dataset-version',
      targetId: version.id,
      before: { number: version.number },
    })
  })
  return describeVersion(scope, dataset.id, String(version.number))
}
