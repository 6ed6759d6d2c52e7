import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import { getDb, statementName, type Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { MediaReference, TaskType } from '@/tasks/task-type'
import { fromForeignPage, type ProjectScope } from './access'
import type { Actor } from './find-actor'
import { attachMedia, checkMedia } from './read-media'
import { insertContents, type NewContent, newContent } from './store-content'

/** An item that is known, or ready to be stored with its payload. */
export interface ItemToStore {
  id: string
  isNew: boolean
  externalId: string | null
  groupId: string | null
  ownerActorId: string | null
  inputHash: string
  payload: unknown
  sample: boolean
  simulated: boolean
  content: NewContent | null
  /** The picture it is about, where its task has one. */
  media?: MediaReference | undefined
  /** When it came in, if that is not now. */
  createdAt?: string
  /** Higher is wanted sooner in queues that go by it. */
  priority?: number | null
}

const findSql = `
  SELECT i.id, i.external_id, i.group_id, i.owner_actor_id, i.input_hash, i.sample, i.simulated, i.erased_at IS NOT NULL AS erased, c.body
  FROM items i JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
  WHERE i.project_id = $1 AND `

/** An item that the actor may see: everybody's, or their own. */
export async function findItem(scope: ProjectScope, itemId: string, actor: Actor): Promise<ItemToStore> {
  const { rows } = await getDb().$client.query({
    name: statementName('item-by-id'),
    text: `${findSql} i.id = $2`,
    values: [scope.projectId, itemId],
  })
  const item = rows[0]
  if (!item || (item.owner_actor_id !== null && item.owner_actor_id !== actor.id)) {
    throw new AmendError('not_found', 'There is no such item, or it is not yours.', { field: 'itemId' })
  }
  if (item.erased)
    throw new AmendError('not_found', 'The content of this item was erased.', { field: 'itemId' })
  return toItem(item)
}

// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
function toItem(row: any): ItemToStore {
  return {
    id: row.id,
    isNew: false,
    externalId: row.external_id,
    groupId: row.group_id,
    ownerActorId: row.owner_actor_id,
    inputHash: row.input_hash,
    payload: row.body,
    sample: row.sample,
    simulated: row.simulated,
    content: null,
  }
}

export interface NewItemInput {
  payload?: unknown
  externalId?: string | undefined
  groupId?: string | undefined
  priority?: number | undefined
}

/**
 * Checks a new item against its task, or finds the one with the same `externalId`.
 * What a person brings, themselves or through a key that speaks for them, is theirs alone; what a key brings on its
 * own behalf belongs to the project, as does what somebody adds for everybody (`owner`).
 */
export async function prepareItem(
  scope: ProjectScope,
  input: NewItemInput | undefined,
  actor: Actor,
  task: TaskType,
  field = 'item',
  owner: 'caller' | 'project' = 'caller',
): Promise<ItemToStore> {
  const byPerson = owner === 'caller' && (scope.caller.kind === 'person' || scope.caller.speaksFor !== null)
  // What a person brings is theirs alone, so it does not take the project's name for the same input.
  const ofTask = task.nameOf && !byPerson ? task.payloadSchema.safeParse(input?.payload) : null
  const name = input?.externalId ?? (ofTask?.success ? task.nameOf?.(ofTask.data as never) : undefined)
  if (name !== undefined) {
    const { rows } = await getDb().$client.query({
      name: statementName('item-by-external'),
      text: `${findSql} i.external_id = $2`,
      values: [scope.projectId, name],
    })
    const known = rows[0]
    if (known?.erased)
      throw new AmendError('not_found', 'The content of this item was erased.', {
        field: `${field}.externalId`,
      })
    // A page of another site names items of the project by id: names can be guessed, and what a model says about an
    // item tells of it.
    const open = known?.owner_actor_id === null && !fromForeignPage(scope)
    if (known && !open && known.owner_actor_id !== actor.id) {
      throw new AmendError('conflict', 'This externalId is taken.', { field: `${field}.externalId` })
    }
    if (known) return toItem(known)
  }
  const parsed = task.payloadSchema.safeParse(input?.payload)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = [`${field}.payload`, ...(issue?.path ?? [])].join('.')
    throw new AmendError('invalid_input', `${path}: ${issue?.message ?? 'does not fit'}.`, { field: path })
  }
  const media = task.mediaOf?.(parsed.data)
  if (media) await checkMedia(scope, media, actor, `${field}.payload`)
  const id = uuidv7()
  const content = newContent({
    kind: 'item',
    actorId: byPerson ? actor.id : null,
    itemId: id,
    body: parsed.data,
  })
  return {
    id,
    isNew: true,
    externalId: name ?? null,
    groupId: input?.groupId ?? task.groupOf?.(parsed.data as never) ?? null,
    priority: input?.priority ?? null,
    ownerActorId: byPerson ? actor.id : null,
    inputHash: content.hash,
    payload: parsed.data,
    sample: false,
    simulated: false,
    content,
    media,
  }
}

export async function insertItem(tx: Transaction, projectId: string, item: ItemToStore): Promise<void> {
  if (!item.content) throw new Error('an item without content')
  await insertContents(tx, projectId, [item.content])
  await tx.$client.query(
    `INSERT INTO items (project_id, id, external_id, group_id, content_id, input_hash, owner_actor_id, sample, simulated, created_at, priority)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10, amend.now()), $11)`,
    [
      projectId,
      item.id,
      item.externalId,
      item.groupId,
      item.content.id,
      item.inputHash,
      item.ownerActorId,
      item.sample,
      item.simulated,
      item.createdAt ?? null,
      item.priority ?? null,
    ],
  )
  if (item.media) await attachMedia(tx, projectId, item, item.media.id)
}
