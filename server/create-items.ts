import 'server-only'
import type { CreateItemsAnswer } from '@/contract/v1/items'
import { withTransaction } from '@/db/client'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { type ItemToStore, insertItem, prepareItem } from './store-item'

/**
 * Stores items for everyone in the project, whoever adds them, all or none. One with a known `externalId` is found, not stored again.
 *
 * @throws AmendError invalid_input naming `items[3].payload…`
 */
export async function createItems(
  scope: ProjectScope,
  inputs: readonly {
    payload?: unknown
    externalId?: string | undefined
    groupId?: string | undefined
    priority?: number | undefined
  }[],
): Promise<CreateItemsAnswer> {
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const seen = new Map<string, string>()
  const items: ItemToStore[] = []
  for (const [at, input] of inputs.entries()) {
    const item = { ...(await prepareItem(scope, input, actor, task, `items[${at}]`, 'project')) }
    const twin = item.externalId === null ? undefined : seen.get(item.externalId)
    if (twin) items.push({ ...item, id: twin, isNew: false })
    else {
      if (item.externalId !== null) seen.set(item.externalId, item.id)
      items.push(item)
    }
  }
  await withTransaction(async tx => {
    for (const item of items) if (item.isNew) await insertItem(tx, scope.projectId, item)
  })
  return { items: items.map(item => ({ id: item.id, externalId: item.externalId, created: item.isNew })) }
}
