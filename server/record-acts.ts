import 'server-only'
import { type QueueActAnswer, type QueueActInput, queueActInput } from '@/contract/v1/queue-acts'
import type { Transaction } from '@/db/client'
import { foldEntry } from '@/domain/review'
import { hashJson } from '@/platform/hash'
import type { ProjectScope } from './access'
import { answerAgain, appendOnce, findStored, type KeptAnswer, type Refusal } from './append-once'
import { findActor } from './find-actor'
import { findQueue } from './find-queue'
import { reopen } from './hold-item'
import {
  type CuratorFacts,
  curatorEvent,
  currentSpecification,
  type LockedEntry,
  lockEntries,
  returnEntry,
  setPlacesFree,
  whyNotReturned,
} from './return-entries'
import { appendEvent, type NewEvent, projectEntry } from './review-log'
import { newContent } from './store-content'
import { overtake } from './withdraw-review'

interface Act {
  by: CuratorFacts
  queueId: string
  input: QueueActInput
  bodyHash: string
}

/**
 * Takes what a curator did to items of a queue, each act judged by itself. Sending one again gives the stored answer.
 *
 * @throws AmendError not_found when there is no such queue
 */
export async function recordActs(
  scope: ProjectScope,
  queueId: string,
  inputs: readonly unknown[],
): Promise<{ acts: QueueActAnswer[] }> {
  const [actor] = await Promise.all([findActor(scope), findQueue(scope, queueId)])
  const by = { projectId: scope.projectId, actorId: actor.id }
  const acts: QueueActAnswer[] = []
  for (const [at, input] of inputs.entries()) {
    const parsed = queueActInput.safeParse(input)
    const id = typeof (input as { id?: unknown } | null)?.id === 'string' ? (input as { id: string }).id : ''
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      const field = [`acts[${at}]`, ...(issue?.path ?? [])].join('.')
      const detail = `${field}: ${issue?.message ?? 'does not fit'}.`
      acts.push({ id, status: 'refused', code: 'invalid_input', field, detail })
      continue
    }
    const bodyHash = hashJson({ ...parsed.data, queueId, by: actor.id })
    const outcome = await appendOnce(tx => carryOut(tx, { by, queueId, input: parsed.data, bodyHash }))
    acts.push('code' in outcome ? { id, status: 'refused', ...outcome } : { id, ...outcome })
  }
  return { acts }
}

async function carryOut(tx: Transaction, act: Act): Promise<KeptAnswer | Refusal> {
  const { by, queueId, input, bodyHash } = act
  const named = 'entryId' in input ? 'entryId' : 'targetEventId'
  const locked = await lockNamed(tx, act)
  const again = answerAgain(await findStored(tx, by.projectId, input.id), bodyHash)
  if (again) return again
  if (!locked || locked.entry.queueId !== queueId)
    return { code: 'not_found', detail: 'There is no such item in this queue.', field: named }
  if (locked.entry.erased || locked.state === 'closed')
    return {
      code: 'not_found',
      detail: 'The content of this item was erased, so nothing more is kept about it.',
    }
  switch (input.type) {
    case 'returned': {
      const detail = whyNotReturned(locked)
      if (detail) return { code: 'conflict', detail, field: named }
      const restedOnIt = await returnEntry(tx, by, locked, {
        id: input.id,
        bodyHash,
        bulkId: input.bulkId ?? null,
        note: input.note,
      })
      return { status: 'stored', restedOnIt }
    }
    case 'answered':
      return reply(tx, act, locked)
    case 'escalated':
      return escalate(tx, act, locked)
    case 'undone':
      return takeBack(tx, act, locked)
    case 'redone':
      return bringBack(tx, act, locked)
  }
}

async function lockNamed(tx: Transaction, { by, input }: Act): Promise<LockedEntry | null> {
  let entryId = 'entryId' in input ? input.entryId : null
  if ('targetEventId' in input && entryId === null) {
    const { rows } = await tx.$client.query(
      'SELECT entry_id FROM review_events WHERE project_id = $1 AND id = $2',
      [by.projectId, input.targetEventId],
    )
    entryId = rows[0]?.entry_id ?? null
  }
  if (entryId === null) return null
  return (await lockEntries(tx, by.projectId, [entryId]))[0] ?? null
}

async function append(
  tx: Transaction,
  { by, input, bodyHash }: Act,
  { entry, assignmentId }: LockedEntry,
  more: Pick<NewEvent, 'answer'> & { note?: string },
) {
  const { note, answer } = more
  return appendEvent(tx, by.projectId, entry, {
    ...curatorEvent,
    id: input.id,
    bodyHash,
    bulkId: input.bulkId ?? null,
    queueId: entry.queueId,
    assignmentId,
    actorId: by.actorId,
    type: input.type,
    targetEventId: 'targetEventId' in input ? input.targetEventId : null,
    specificationVersion: await currentSpecification(tx, by.projectId),
    content: note
      ? newContent({
          kind: 'note',
          actorId: by.actorId,
          itemId: entry.itemId,
          body: { texts: [], comment: note },
        })
      : null,
    answer,
  })
}

async function reply(tx: Transaction, act: Act, locked: LockedEntry): Promise<KeptAnswer | Refusal> {
  const { input, by } = act
  if (input.type !== 'answered') throw new Error('not a reply')
  const { questions } = projectEntry(locked.entry).folded
  const question = questions.find(one => one.eventId === input.targetEventId)
  if (!question)
    return {
      code: 'not_found',
      detail: 'There is no such question, or it was taken back.',
      field: 'targetEventId',
    }
  if (question.answeredBy)
    return {
      code: 'already_done',
      detail: 'It has a reply already. To change that, undo it first.',
      field: 'targetEventId',
    }
  const after = await append(tx, act, locked, { note: input.note, answer: { status: 'stored' } })
  if (after.state !== 'parked') await unpark(tx, by.projectId, locked.entry.id)
  return { status: 'stored' }
}

async function unpark(tx: Transaction, projectId: string, entryId: string): Promise<void> {
  const { rows } = await tx.$client.query(
    `SELECT id FROM assignments WHERE project_id = $1 AND entry_id = $2 AND state = 'parked' ORDER BY position FOR UPDATE`,
    [projectId, entryId],
  )
  for (const { id } of rows) await reopen(tx, projectId, id)
}

async function escalate(tx: Transaction, act: Act, locked: LockedEntry): Promise<KeptAnswer | Refusal> {
  const { folded } = projectEntry(locked.entry)
  if (locked.entry.kind !== 'review' || folded.answers.length === 0)
    return {
      code: 'conflict',
      detail: 'Nobody has answered it, so there is nothing to settle yet.',
      field: 'entryId',
    }
  if (folded.state === 'disputed' || folded.resolution?.source === 'adjudication')
    return { code: 'already_done', detail: 'It is with the adjudicators already.', field: 'entryId' }
  const restedOnIt = folded.resolution
    ? [
        'The item was resolved; it waits for an adjudicator now.',
        ...(await overtake(tx, act.by.projectId, locked.entry)),
      ]
    : []
  const note = act.input.type === 'escalated' ? act.input.note : ''
  await append(tx, act, locked, { note, answer: { status: 'stored', restedOnIt } })
  return { status: 'stored', restedOnIt }
}

const blocked = (detail: string): Refusal => ({ code: 'undo_blocked', detail, field: 'targetEventId' })

async function takeBack(tx: Transaction, act: Act, locked: LockedEntry): Promise<KeptAnswer | Refusal> {
  const { input, by } = act
  const targetId = 'targetEventId' in input ? input.targetEventId : ''
  const { entry } = locked
  const target = entry.log.find(event => event.id === targetId)
  if (!target || !['returned', 'answered', 'escalated'].includes(target.type))
    return {
      code: 'not_found',
      detail: 'This is nothing that a curator did to the item.',
      field: 'targetEventId',
    }
  const { folded } = projectEntry(entry)
  if (folded.acts.get(target.id)?.standing !== 'active') {
    await append(tx, act, locked, { answer: { status: 'no_op' } })
    return { status: 'no_op' }
  }
  if (target.type === 'returned') {
    if (folded.answers.length > 0)
      return blocked('Somebody has judged it again since. Undo their answer first.')
    const undo = {
      ...target,
      id: input.id,
      type: 'undone' as const,
      targetEventId: target.id,
      seq: Number.MAX_SAFE_INTEGER,
    }
    const { answers } = foldEntry([...entry.log, undo], entry)
    const places = await freePlaces(
      tx,
      by.projectId,
      entry.id,
      answers.map(answer => answer.actorId),
    )
    if (!places) return blocked('Somebody has this item in hand now, so it stays sent back.')
    for (const { id, actorId } of places)
      await tx.$client.query(
        `WITH gone AS (DELETE FROM drafts WHERE project_id = $1 AND entry_id = $4 AND actor_id = $3)
         UPDATE assignments SET state = 'done', actor_id = $3, token = token + 1, session_id = NULL, leased_until = NULL,
           reserved_for = NULL, done_at = amend.now() WHERE project_id = $1 AND id = $2`,
        [by.projectId, id, actorId, entry.id],
      )
  }
  if (target.type === 'answered' && !(await park(tx, by.projectId, locked, target.targetEventId)))
    return blocked('Whoever asked has gone on with the item since.')
  const restedOnIt =
    target.type === 'returned' || !folded.resolution ? [] : await overtake(tx, by.projectId, entry)
  await append(tx, act, locked, { answer: { status: 'stored', restedOnIt } })
  return { status: 'stored', restedOnIt }
}

/** A free place for each, their own first; null where there are not enough. */
async function freePlaces(tx: Transaction, projectId: string, entryId: string, actorIds: readonly string[]) {
  const { rows } = await tx.$client.query<{ id: string; actorId: string | null; reservedFor: string | null }>(
    `SELECT id, actor_id AS "actorId", reserved_for AS "reservedFor" FROM assignments
     WHERE project_id = $1 AND entry_id = $2 AND state = 'open' ORDER BY position FOR UPDATE SKIP LOCKED`,
    [projectId, entryId],
  )
  const taken: { id: string; actorId: string }[] = []
  for (const actorId of actorIds) {
    const left = rows.filter(row => !taken.some(one => one.id === row.id))
    const place =
      left.find(row => row.reservedFor === actorId) ??
      left.find(row => row.actorId === actorId) ??
      left.find(row => row.reservedFor === null || !actorIds.includes(row.reservedFor))
    if (!place) return null
    taken.push({ id: place.id, actorId })
  }
  return taken
}

/** Keeps the item from everybody again; false where the asker has it in hand or has done with it. */
async function park(
  tx: Transaction,
  projectId: string,
  { entry }: LockedEntry,
  questionId: string | null,
): Promise<boolean> {
  const asker = entry.log.find(event => event.id === questionId)?.actorId
  const { rows } = await tx.$client.query(
    `SELECT id, state, actor_id FROM assignments WHERE project_id = $1 AND entry_id = $2 ORDER BY id FOR UPDATE`,
    [projectId, entry.id],
  )
  if (rows.some(row => row.actor_id === asker && (row.state === 'leased' || row.state === 'done')))
    return false
  await tx.$client.query(
    `UPDATE assignments SET state = 'parked', session_id = NULL, leased_until = NULL
     WHERE project_id = $1 AND entry_id = $2 AND state = 'open'`,
    [projectId, entry.id],
  )
  return true
}

async function bringBack(tx: Transaction, act: Act, locked: LockedEntry): Promise<KeptAnswer | Refusal> {
  const { input, by } = act
  const undoId = 'targetEventId' in input ? input.targetEventId : ''
  const { entry } = locked
  const undo = entry.log.find(event => event.id === undoId && event.type === 'undone')
  const target = undo && entry.log.find(event => event.id === undo.targetEventId)
  if (!target || !['returned', 'answered', 'escalated'].includes(target.type))
    return {
      code: 'not_found',
      detail: 'This is no undo of something that a curator did.',
      field: 'targetEventId',
    }
  const { folded } = projectEntry(entry)
  if (folded.acts.get(target.id)?.undoEventId !== undoId) {
    await append(tx, act, locked, { answer: { status: 'no_op' } })
    return { status: 'no_op' }
  }
  if (
    target.type === 'answered' &&
    folded.questions.some(q => q.eventId === target.targetEventId && q.answeredBy)
  )
    return { code: 'already_done', detail: 'The question has another reply since.', field: 'targetEventId' }
  if (target.type === 'returned') {
    const detail = whyNotReturned(locked)
    if (detail) return { code: 'conflict', detail, field: 'targetEventId' }
  }
  const restedOnIt =
    target.type === 'returned'
      ? await setPlacesFree(tx, by.projectId, entry)
      : target.type === 'escalated' && folded.resolution
        ? await overtake(tx, by.projectId, entry)
        : []
  const after = await append(tx, act, locked, { answer: { status: 'stored', restedOnIt } })
  if (target.type === 'answered' && after.state !== 'parked') await unpark(tx, by.projectId, entry.id)
  return { status: 'stored', restedOnIt }
}
