import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { ImportDetail, ImportMapping } from '@/contract/v1/imports'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { checkMapping, describeImport, readColumns } from './describe-import'
import { findImport } from './find-import'
import { enqueueJob } from './job-queue'
import { isStaged } from './stage-file'

/**
 * Starts the import as a job, or lets one that ended early go on where it stands.
 *
 * @throws AmendError not_found, invalid_input (the mapping), already_done, conflict (another mapping midway)
 */
export async function startImport(
  scope: ProjectScope,
  id: string,
  mapping: ImportMapping,
): Promise<ImportDetail> {
  const [stored, task] = await Promise.all([findImport(scope, id), loadTaskType(scope.project.taskType)])
  if (
    !(await isStaged(scope.projectId, stored.contentHash)) &&
    !['done', 'running', 'undone'].includes(stored.state)
  )
    throw new AmendError('conflict', 'The file is no longer on this server. Send it again, then start.')
  if (stored.state === 'uploaded')
    checkMapping(task, stored.format, await readColumns(scope, stored), mapping)
  const { caller } = scope
  await withTransaction(async tx => {
    const { rows } = await tx.$client.query(
      `SELECT state, mapping, position, total FROM imports WHERE project_id = $1 AND id = $2 FOR UPDATE`,
      [scope.projectId, id],
    )
    const now = rows[0]
    if (now.state === 'running') throw new AmendError('already_done', 'This import is under way.')
    if (now.state === 'done')
      throw new AmendError('already_done', 'This import has ended; all its rows were looked at.')
    if (now.state === 'undone')
      throw new AmendError('already_done', 'This import was undone. Send the file again.')
    if (now.position > 0 && !isDeepStrictEqual(now.mapping, mapping))
      throw new AmendError(
        'conflict',
        'A part of this file is in with another mapping. Undo that part first, or go on with the same mapping.',
        { field: 'mapping' },
      )
    const jobId = await enqueueJob(tx, scope.projectId, {
      kind: 'import',
      payload: { importId: id },
      total: now.total,
    })
    await tx.$client.query(
      `UPDATE imports SET state = 'running', mapping = $3, job_id = $4, started_by_user = $5, started_by_key = $6,
         started_at = coalesce(started_at, amend.now()), finished_at = NULL WHERE project_id = $1 AND id = $2`,
      [
        scope.projectId,
        id,
        mapping,
        jobId,
        caller.kind === 'person' ? caller.userId : null,
        caller.kind === 'key' ? caller.keyId : null,
      ],
    )
  })
  return describeImport(scope, id)
}
