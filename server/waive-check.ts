import 'server-only'
import type { Waived } from '@/contract/v1/dataset-checks'
import { type Transaction, withTransaction } from '@/db/client'
import type { CheckName } from '@/domain/dataset-check'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import type { Compensator } from './compensators'
import { findDataset, findVersion } from './find-dataset'
import { readChecks } from './list-checks'
import { recordAction } from './record-action'
import { insertContents, newContent } from './store-content'

/**
 * Lets a version pass although a blocking check found something. Who did it, when and why stays with the version for ever.
 *
 * @throws AmendError not_found, conflict (the version does not wait, or nothing of this check blocks it)
 */
export async function waiveCheck(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
  check: CheckName,
  reason: string,
): Promise<Waived> {
  const version = await findVersion(scope, await findDataset(scope, slugOrId), wanted)
  const { caller } = scope
  const actionId = await withTransaction(async tx => {
    await holdBlocked(tx, scope.projectId, version.id, version.number)
    const content = newContent({ kind: 'note', actorId: null, itemId: null, body: { text: reason } })
    await insertContents(tx, scope.projectId, [content])
    const { rowCount } = await tx.$client.query(
      `UPDATE dataset_checks SET waived_at = amend.now(), waived_by = $4, waiver_content_id = $5
       WHERE project_id = $1 AND version_id = $2 AND name = $3 AND level = 'blocking' AND outcome = 'found' AND waived_at IS NULL`,
      [scope.projectId, version.id, check, caller.kind === 'person' ? caller.userId : null, content.id],
    )
    if (rowCount === 0)
      throw new AmendError(
        'conflict',
        'This check does not hold the version back, or was waived already. Nothing was changed.',
      )
    return recordAction(tx, scope, {
      kind: 'dataset-check.waived',
      targetType: 'dataset-version',
      targetId: version.id,
      after: { number: version.number, check, contentId: content.id },
    })
  })
  const stored = (await readChecks(scope, version.id)).find(one => one.name === check)
  if (!stored) throw new Error('a check that was waived is gone')
  return { actionId, check: stored }
}

/** Holds a version that waits for what its checks found. */
export async function holdBlocked(
  tx: Transaction,
  projectId: string,
  versionId: string,
  number: number,
): Promise<void> {
  const { rows } = await tx.$client.query<{ state: string }>(
    'SELECT state FROM dataset_versions WHERE project_id = $1 AND id = $2 FOR UPDATE',
    [projectId, versionId],
  )
  if (rows[0]?.state !== 'blocked')
    throw new AmendError(
      'conflict',
      `Version ${number} does not wait for its checks: it is ${rows[0]?.state ?? 'gone'}. Nothing was changed.`,
    )
}

export const unwaiveCheck: Compensator = {
  permission: 'datasets.waive',
  async undo(tx, action) {
    const { check, number } = (action.after ?? {}) as { check: CheckName; number: number }
    const { rowCount } = await tx.$client.query(
      `UPDATE dataset_checks k SET waived_at = NULL, waived_by = NULL, waiver_content_id = NULL
       WHERE k.project_id = $1 AND k.version_id = $2 AND k.name = $3 AND k.waived_at IS NOT NULL AND EXISTS (
         SELECT FROM dataset_versions v WHERE v.project_id = $1 AND v.id = $2 AND v.state = 'blocked')`,
      [action.projectId, action.targetId, check],
    )
    if (rowCount === 0)
      throw new AmendError(
        'undo_blocked',
        `Version ${number} went on with it, so the waiver stands. Undo the freeze instead.`,
      )
    return {
      kind: 'dataset-check.unwaived',
      targetType: 'dataset-version',
      targetId: action.targetId,
      after: { number, check },
    }
  },
}
