import 'server-only'
import type { Transaction } from '@/db/client'
import { enqueueJob } from './job-queue'

/**
 * Marks frozen versions as tombstoned whose rows were erased, and has a successor made of each that lacks those rows. Call
 * it in the transaction of the erasure. Where a successor is on its way already, it leaves the rows out as well.
 */
export async function tombstone(
  tx: Transaction,
  projectId: string,
  versionIds: readonly string[],
): Promise<void> {
  const { rows } = await tx.$client.query<{ id: string; underWay: boolean }>(
    `UPDATE dataset_versions v SET tombstoned_at = coalesce(tombstoned_at, amend.now())
     WHERE project_id = $1 AND id = ANY($2::uuid[]) AND state = 'frozen'
     RETURNING id, successor_version_id IS NOT NULL OR EXISTS (SELECT FROM jobs j WHERE j.project_id = $1
       AND j.kind = 'succeed-version' AND j.payload->>'versionId' = v.id::text AND j.state IN ('queued', 'running')) AS "underWay"`,
    [projectId, versionIds],
  )
  for (const version of rows)
    if (!version.underWay)
      await enqueueJob(tx, projectId, { kind: 'succeed-version', payload: { versionId: version.id } })
}
