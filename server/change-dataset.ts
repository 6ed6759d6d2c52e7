import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { ChangeDatasetBody, MadeDataset } from '@/contract/v1/datasets'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { type DatasetSettings, lockDataset, setArchived, storeDataset } from './dataset-changes'
import { findDataset } from './find-dataset'
import { describeDataset } from './list-datasets'
import { checkSelection } from './preview-dataset'
import { recordAction } from './record-action'

/**
 * Changes what later versions are made of. Frozen ones stay as they are: each holds its own definition.
 *
 * @throws AmendError not_found, invalid_input, already_done (nothing would change)
 */
export async function changeDataset(
  scope: ProjectScope,
  slugOrId: string,
  { archived, ...wish }: ChangeDatasetBody,
): Promise<MadeDataset> {
  const { id, target } = await findDataset(scope, slugOrId)
  if (wish.selection) checkSelection(target, wish.selection)
  const actionId = await withTransaction(async tx => {
    const now = await lockDataset(tx, scope.projectId, id)
    const given = Object.entries(wish).filter(
      ([field, value]) =>
        value !== undefined && !isDeepStrictEqual(now[field as keyof DatasetSettings], value),
    )
    let action: string | null = null
    if (given.length > 0) {
      const after: Partial<DatasetSettings> = Object.fromEntries(given)
      const before = Object.fromEntries(given.map(([field]) => [field, now[field as keyof DatasetSettings]]))
      await storeDataset(tx, scope.projectId, id, after)
      action = await recordAction(tx, scope, {
        kind: 'dataset.changed',
        targetType: 'dataset',
        targetId: id,
        before,
        after,
      })
    }
    if (archived !== undefined && archived !== now.archived) {
      await setArchived(tx, scope.projectId, id, archived)
      action = await recordAction(tx, scope, {
        kind: archived ? 'dataset.archived' : 'dataset.reopened',
        targetType: 'dataset',
        targetId: id,
      })
    }
    if (!action)
      throw new AmendError('already_done', 'The dataset is like this already. Nothing was changed.')
    return action
  })
  return { ...(await describeDataset(scope, id)), actionId }
}
