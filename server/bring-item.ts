import 'server-only'
import type { BringItemAnswer } from '@/contract/v1/album'
import { withTransaction } from '@/db/client'
import { loadTaskType } from '@/tasks/registry'
import { fromForeignPage, type ProjectScope } from './access'
import { requireConsent } from './consent'
import { findActor } from './find-actor'
import { insertItem, type NewItemInput, prepareItem } from './store-item'

/**
 * Stores an item that the caller brings for themself: nobody else sees it, and it leaves with them. One with a known
 * `externalId` is found, not stored again.
 *
 * @throws AmendError consent_needed, invalid_input, conflict
 */
export async function bringItem(scope: ProjectScope, input: NewItemInput): Promise<BringItemAnswer> {
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  if (fromForeignPage(scope)) requireConsent(scope, actor)
  const item = await prepareItem(scope, input, actor, task)
  if (item.isNew) await withTransaction(tx => insertItem(tx, scope.projectId, item))
  return { id: item.id, created: item.isNew }
}
