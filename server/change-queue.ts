import 'server-only'
import type { ChangeQueueBody, QueueView } from '@/contract/v1/review'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import type { DoneAction } from './compensators'
import { findActor } from './find-actor'
import { findQueue, type StoredQueue } from './find-queue'
import { readQueue } from './list-queues'
import { recordAction } from './record-action'
import { insertContents, newContent } from './store-content'

/** What history keeps of a queue. Instructions are words, so it keeps where they lie. */
interface QueueFacts {
  name?: string
  state?: StoredQueue['state']
  instructionsContentId?: string
}

/** Renames, pauses, closes or opens a queue, or changes what annotators are asked. @throws AmendError not_found, conflict */
export async function changeQueue(
  scope: ProjectScope,
  id: string,
  change: ChangeQueueBody,
): Promise<QueueView> {
  const actor = await findActor(scope)
  await withTransaction(async tx => {
    const queue = await findQueue(scope, id, { tx, lock: true })
    const before: QueueFacts = {}
    const after: QueueFacts = {}
    if (change.name !== undefined && change.name !== queue.name) {
      before.name = queue.name
      after.name = change.name
    }
    if (change.state !== undefined && change.state !== queue.state) {
      before.state = queue.state
      after.state = change.state
    }
    if (change.instructions !== undefined && change.instructions !== queue.instructions) {
      const kept = [queue.instructions, change.instructions].map(body =>
        newContent({ kind: 'instructions', actorId: actor.id, itemId: null, body }),
      )
      await insertContents(tx, scope.projectId, kept)
      before.instructionsContentId = kept[0]?.id
      after.instructionsContentId = kept[1]?.id
    }
    if (Object.keys(after).length === 0) return
    await storeFacts(tx, scope.projectId, id, after)
    await recordAction(tx, scope, {
      kind: 'queue.changed',
      targetType: 'queue',
      targetId: id,
      before: { ...before },
      after: { ...after },
    })
  })
  return readQueue(scope, id)
}

async function storeFacts(tx: Transaction, projectId: string, id: string, facts: QueueFacts): Promise<void> {
  await tx.$client
    .query(
      `UPDATE queues SET name = coalesce($3, name), state = coalesce($4, state),
         instructions = coalesce((SELECT body#>>'{}' FROM contents WHERE project_id = $1 AND id = $5), instructions)
       WHERE project_id = $1 AND id = $2`,
      [projectId, id, facts.name ?? null, facts.state ?? null, facts.instructionsContentId ?? null],
    )
    .catch((error: { code?: string }) => {
      if (error.code !== '23505') throw error
      throw new AmendError('conflict', `There is a queue “${facts.name}” already. Choose another name.`, {
        field: 'name',
      })
    })
}

const blocked = (detail: string) => new AmendError('undo_blocked', detail)

/** Nothing that was reviewed goes: the queue is closed, and opens again when that is undone. */
export async function closeMadeQueue(tx: Transaction, action: DoneAction) {
  const id = action.targetId ?? ''
  const { state } = await findQueue(action, id, { tx, lock: true })
  if (state === 'closed') throw blocked('The queue is closed already.')
  await storeFacts(tx, action.projectId, id, { state: 'closed' })
  return {
    kind: 'queue.changed',
    targetType: 'queue',
    targetId: id,
    before: { state },
    after: { state: 'closed' },
  }
}

export async function changeQueueBack(tx: Transaction, action: DoneAction) {
  const id = action.targetId ?? ''
  const before = (action.before ?? {}) as QueueFacts
  const after = (action.after ?? {}) as QueueFacts
  const queue = await findQueue(action, id, { tx, lock: true })
  const words = await readWords(tx, action.projectId, [before, after])
  const moved =
    (after.name !== undefined && after.name !== queue.name) ||
    (after.state !== undefined && after.state !== queue.state) ||
    (after.instructionsContentId !== undefined && words[1] !== null && words[1] !== queue.instructions)
  if (moved) throw blocked('The queue was changed again since. Undo that first, or change it by hand.')
  if (before.instructionsContentId !== undefined && words[0] === null)
    throw blocked('The instructions of before were erased with what their author wrote.')
  await storeFacts(tx, action.projectId, id, before)
  return {
    kind: action.kind,
    targetType: 'queue',
    targetId: id,
    before: action.after,
    after: action.before,
  }
}

async function readWords(tx: Transaction, projectId: string, facts: readonly QueueFacts[]) {
  const { rows } = await tx.$client.query<{ id: string; text: string | null }>(
    `SELECT id, body#>>'{}' AS text FROM contents WHERE project_id = $1 AND id = ANY($2::uuid[])`,
    [projectId, facts.flatMap(f => f.instructionsContentId ?? [])],
  )
  return facts.map(f => rows.find(row => row.id === f.instructionsContentId)?.text ?? null)
}
