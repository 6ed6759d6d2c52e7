import 'server-only'
import type { AdjudicationEventAnswer, AdjudicationEventInput } from '@/contract/v1/adjudication'
import type { Transaction } from '@/db/client'
import type { ReviewFoldEvent } from '@/domain/review'
import { hashJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { answerAgain, appendOnce, findStored, type KeptAnswer, type Refusal } from './append-once'
import { holdAdjudication, mayAdjudicateSql, storeAdjudicationDraft, userOf } from './claim-adjudication'
import { describeAdjudications, refOf } from './describe-adjudication'
import { type Actor, findActor } from './find-actor'
import { leaseLost } from './hold-item'
import { readValue } from './read-value'
import type { ReviewOptions } from './record-review'
import {
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
import { takeBackReturn } from './take-back-return'
import { overtake } from './withdraw-review'

interface Act {
  scope: ProjectScope
  actor: Actor
  task: TaskType
  event: AdjudicationEventInput
  bodyHash: string
  simulated: boolean
}

/**
 * Takes what an adjudicator did, each event judged by itself. Sending one again gives the stored answer. Whoever undoes
 * their own has the item in hand again.
 */
export async function recordAdjudications(
  scope: ProjectScope,
  events: readonly AdjudicationEventInput[],
  { simulated = false }: ReviewOptions = {},
): Promise<{ events: AdjudicationEventAnswer[] }> {
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const answers: AdjudicationEventAnswer[] = []
  for (const event of events) {
    const act: Act = { scope, actor, task, event, simulated, bodyHash: hashJson({ ...event, by: actor.id }) }
    const outcome = await appendOnce(tx => record(tx, act))
    if ('code' in outcome) answers.push({ id: event.id, status: 'refused', ...outcome })
    else if (event.type !== 'undone') answers.push({ id: event.id, ...outcome })
    else {
      const [held] = await describeAdjudications(scope, actor, [event.entryId])
      answers.push({ id: event.id, ...outcome, held: held ?? null })
    }
  }
  return { events: answers }
}

const refuse = (code: string, detail: string, field?: string): Refusal => ({
  code,
  detail,
  ...(field ? { field } : {}),
})

async function record(tx: Transaction, act: Act): Promise<KeptAnswer | Refusal> {
  const { scope, event } = act
  const [locked] = await lockEntries(tx, scope.projectId, [event.entryId])
  const again = answerAgain(await findStored(tx, scope.projectId, event.id), act.bodyHash)
  if (again) return again
  if (!locked) return refuse('not_found', 'There is no such item in this project.', 'entryId')
  if (event.type === 'undone') return takeBack(tx, act, locked)
  if (event.type === 'redone') return bringBack(tx, act, locked)
  const lost = await whyNotHeld(tx, act)
  if (lost) return lost
  if (locked.entry.erased || locked.state === 'closed')
    return refuse(
      'not_found',
      'The content of this item was erased, so nothing more is kept about it.',
      'entryId',
    )
  return event.type === 'returned' ? sendBack(tx, act, locked) : settle(tx, act, locked)
}

/** Null for whoever holds the item under the token that they name, and may settle it still. */
async function whyNotHeld(tx: Transaction, { scope, actor, event }: Act): Promise<Refusal | null> {
  const { rows } = await tx.$client.query<{ state: string; actorId: string; token: number; may: boolean }>(
    `SELECT a.state, a.actor_id AS "actorId", a.token, (${mayAdjudicateSql}) AS may
     FROM adjudications a
     JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id
     JOIN queues q ON q.project_id = a.project_id AND q.id = a.queue_id
     WHERE a.project_id = $1 AND a.entry_id = $4 FOR UPDATE OF a`,
    [scope.projectId, actor.id, userOf(scope), event.entryId],
  )
  const [slot] = rows
  if (!slot) return refuse('not_found', 'Nobody disagrees on this item.', 'entryId')
  const mine = slot.actorId === actor.id && slot.token === event.token
  if (mine && slot.state === 'done')
    return refuse(
      'already_done',
      'You have settled this item already. To change that, undo it first.',
      'entryId',
    )
  if (!mine || (slot.state !== 'leased' && slot.state !== 'open')) {
    const { code, detail } = leaseLost()
    return refuse(code, detail, 'token')
  }
  return slot.may
    ? null
    : refuse(
        'not_allowed',
        'You answered this item yourself, or this queue is settled by others. Take the next one.',
      )
}

async function append(
  tx: Transaction,
  { scope, actor, event, bodyHash, simulated }: Act,
  { entry, assignmentId }: LockedEntry,
  more: Partial<NewEvent> & Pick<NewEvent, 'type' | 'answer'>,
) {
  return appendEvent(tx, scope.projectId, entry, {
    ...curatorEvent,
    simulated,
    id: event.id,
    bodyHash,
    queueId: entry.queueId,
    assignmentId,
    token: event.token,
    actorId: actor.id,
    bulkId: null,
    content: null,
    activeMs: event.activeMs ?? null,
    specificationVersion: await currentSpecification(tx, scope.projectId),
    ...more,
  })
}

async function settle(tx: Transaction, act: Act, locked: LockedEntry): Promise<KeptAnswer | Refusal> {
  const { scope, actor, task, event } = act
  const { folded } = projectEntry(locked.entry)
  const picks: string[] = []
  for (const [at, ref] of event.picks.entries()) {
    const answer = folded.answers.find(
      one => refOf(scope.projectId, locked.entry.id, actor.id, one.eventId) === ref,
    )
    if (!answer)
      return refuse(
        'invalid_input',
        'An answer that you picked was taken back since. What you wrote is safe; look at the item again.',
        `picks.${at}`,
      )
    picks.push(answer.eventId)
  }
  const texts: unknown[] = []
  for (const [at, text] of event.texts.entries()) {
    const read = readValue(task, text)
    if ('problem' in read)
      return refuse('invalid_input', `texts.${at}: ${read.problem.message}.`, `texts.${at}`)
    texts.push(read.value)
  }
  if (picks.length + texts.length === 0)
    return refuse('invalid_input', 'picks: pick an answer, or write one.', 'picks')
  await append(tx, act, locked, {
    type: 'adjudicated',
    picks,
    textCount: texts.length,
    content:
      texts.length > 0 || event.note
        ? newContent({
            kind: 'answer',
            actorId: actor.id,
            itemId: locked.entry.itemId,
            body: { texts, comment: event.note },
          })
        : null,
    answer: { status: 'stored' },
  })
  await forgetDraft(tx, act)
  return { status: 'stored' }
}

const forgetDraft = (tx: Transaction, { scope, actor, event }: Act) =>
  tx.$client.query('DELETE FROM drafts WHERE project_id = $1 AND entry_id = $2 AND actor_id = $3', [
    scope.projectId,
    event.entryId,
    actor.id,
  ])

async function sendBack(tx: Transaction, act: Act, locked: LockedEntry): Promise<KeptAnswer | Refusal> {
  const { scope, actor, event, bodyHash } = act
  if (event.note.trim() === '') return refuse('invalid_input', 'note: say what to look at again.', 'note')
  const detail = whyNotReturned(locked)
  if (detail) return refuse('conflict', detail)
  const restedOnIt = await returnEntry(tx, { projectId: scope.projectId, actorId: actor.id }, locked, {
    id: event.id,
    bodyHash,
    note: event.note,
    bulkId: null,
  })
  await forgetDraft(tx, act)
  return { status: 'stored', restedOnIt }
}

const noSuch = () => refuse('not_found', 'There is no such adjudication of this item.', 'targetEventId')
const isAdjudicators = ({ type }: { type: string }) => type === 'adjudicated' || type === 'returned'

/** Anybody's adjudication or sending back may be taken back; its author has the item in hand again, with what they had decided. */
async function takeBack(tx: Transaction, act: Act, locked: LockedEntry): Promise<KeptAnswer | Refusal> {
  const { scope, actor, event } = act
  const target = locked.entry.log.find(one => one.id === event.targetEventId && isAdjudicators(one))
  if (!target) return noSuch()
  const { folded } = projectEntry(locked.entry)
  if (folded.acts.get(target.id)?.standing !== 'active') {
    await append(tx, act, locked, { type: 'undone', targetEventId: target.id, answer: { status: 'no_op' } })
    return { status: 'no_op' }
  }
  if (target.type === 'returned') return takeReturnBack(tx, act, locked, target)
  const restedOnIt =
    folded.resolution?.adjudicationEventId === target.id
      ? [
          'The item was resolved by it; it waits for an adjudicator again.',
          ...(await overtake(tx, scope.projectId, locked.entry)),
        ]
      : []
  const answer: KeptAnswer = { status: 'stored', restedOnIt }
  const { state } = await append(tx, act, locked, { type: 'undone', targetEventId: target.id, answer })
  if (target.actorId === actor.id && state === 'disputed' && !locked.entry.erased)
    await holdAgain(tx, act, target)
  return answer
}

/** The answers that it set aside stand again, where nobody has gone on with the item since. */
async function takeReturnBack(
  tx: Transaction,
  act: Act,
  locked: LockedEntry,
  target: ReviewFoldEvent,
): Promise<KeptAnswer | Refusal> {
  const { scope, actor, event, bodyHash, simulated } = act
  const by = { projectId: scope.projectId, actorId: actor.id }
  const answer: KeptAnswer = { status: 'stored', restedOnIt: [] }
  const detail = await takeBackReturn(tx, by, locked, target.id, {
    id: event.id,
    bodyHash,
    simulated,
    answer,
  })
  if (detail) return refuse('undo_blocked', `${detail} It stays sent back.`, 'targetEventId')
  const { rows } = await tx.$client.query<{ state: string }>(
    'SELECT state FROM queue_entries WHERE project_id = $1 AND id = $2',
    [scope.projectId, locked.entry.id],
  )
  if (target.actorId === actor.id && rows[0]?.state === 'disputed') await holdAgain(tx, act, target)
  return answer
}

/** Puts the item into its adjudicator's hands again, with what they had decided as the draft. */
async function holdAgain(tx: Transaction, { scope, actor, task, event }: Act, target: ReviewFoldEvent) {
  await holdAdjudication(tx, scope.projectId, event.entryId, actor.id)
  const { rows } = await tx.$client.query<{ body: { texts: unknown[]; comment: string } | null }>(
    'SELECT body FROM contents WHERE project_id = $1 AND id = $2',
    [scope.projectId, target.contentId],
  )
  const [text] = rows[0]?.body?.texts ?? []
  await storeAdjudicationDraft(
    tx,
    scope.projectId,
    event.entryId,
    actor.id,
    {
      picks:
        target.type === 'returned'
          ? []
          : target.picks.map(pick => refOf(scope.projectId, event.entryId, actor.id, pick)),
      text: text === undefined ? null : task.textOf(text as never),
      note: rows[0]?.body?.comment ?? '',
    },
    null,
  )
}

/** Sends an item back again, or lets an adjudication stand again: if the answers that it picked do and nobody has settled the item since. */
async function bringBack(tx: Transaction, act: Act, locked: LockedEntry): Promise<KeptAnswer | Refusal> {
  const { entry } = locked
  const undo = entry.log.find(one => one.id === act.event.targetEventId && one.type === 'undone')
  const target = entry.log.find(one => one.id === undo?.targetEventId && isAdjudicators(one))
  if (!undo || !target) return noSuch()
  const { folded } = projectEntry(entry)
  if (folded.acts.get(target.id)?.undoEventId !== undo.id) {
    await append(tx, act, locked, { type: 'redone', targetEventId: undo.id, answer: { status: 'no_op' } })
    return { status: 'no_op' }
  }
  if (entry.erased)
    return refuse('not_found', 'The content of this item was erased, so nothing more is kept about it.')
  if (target.type === 'returned') {
    const detail = whyNotReturned(locked)
    if (detail) return refuse('conflict', detail, 'targetEventId')
    const restedOnIt = await setPlacesFree(tx, act.scope.projectId, entry)
    const answer: KeptAnswer = { status: 'stored', restedOnIt }
    await append(tx, act, locked, { type: 'redone', targetEventId: undo.id, answer })
    await forgetDraft(tx, act)
    return answer
  }
  if (folded.resolution?.source === 'adjudication')
    return refuse('already_done', 'The item was settled again since. Undo that first.', 'targetEventId')
  if (target.picks.some(pick => !folded.answers.some(answer => answer.eventId === pick)))
    return refuse(
      'undo_blocked',
      'An answer that it picked was taken back since, so it stays undone. Settle the item anew.',
      'targetEventId',
    )
  const answer: KeptAnswer = { status: 'stored' }
  const changed = folded.resolution ? await overtake(tx, act.scope.projectId, entry) : []
  if (changed.length > 0) answer.restedOnIt = changed
  await append(tx, act, locked, { type: 'redone', targetEventId: undo.id, answer })
  await forgetDraft(tx, act)
  return answer
}
