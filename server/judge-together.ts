import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import type { BulkWithdrawn, JudgedTogether, JudgeTogetherBody } from '@/contract/v1/bulk'
import type { VerdictInput } from '@/contract/v1/review'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError, type ErrorCode } from '@/domain/errors'
import { nearDuplicatesOf } from '@/domain/near-duplicate'
import { hashJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import type { Refusal } from './append-once'
import { describeHeld } from './describe-held'
import { drawBlind, suggestedSql } from './draw-blind'
import { type Actor, findActor } from './find-actor'
import { closedTo, findQueue } from './find-queue'
import { findReasonCodes } from './find-specification'
import { leaseLost } from './hold-item'
import { checkAnswer, type ReviewAct, storeAct } from './record-review'
import { type LockedEntry, lockEntries } from './return-entries'
import { projectEntry } from './review-log'
import { newContent } from './store-content'
import type { StoredCandidate } from './store-prediction'
import { bringBack, takeBack } from './withdraw-review'

type Acting = Pick<ReviewAct, 'scope' | 'actor' | 'task' | 'queueId' | 'codes' | 'simulated'>

async function acting(scope: ProjectScope, queueId: string): Promise<Acting> {
  const [actor, task, codes] = await Promise.all([
    findActor(scope),
    loadTaskType(scope.project.taskType),
    findReasonCodes(scope.projectId),
  ])
  return { scope, actor, task, queueId, codes, simulated: false }
}

const refuse = ({ code, detail, field }: Refusal) =>
  new AmendError(code as ErrorCode, detail, field ? { field } : {})

/**
 * Judges the item in hand and near-duplicates of it by one decision. Verdicts go over by equal words: an item with other
 * suggestions is left, as is one that was planted, is to be answered blind, or has no place for this person; each is
 * named with its reason. Sending the same `bulkId` again gives the stored answer.
 *
 * @throws AmendError not_found, invalid_input, lease_lost, event_id_reused, not_allowed, conflict
 */
export async function judgeTogether(
  scope: ProjectScope,
  queueId: string,
  body: JudgeTogetherBody,
): Promise<JudgedTogether> {
  const queue = await findQueue(scope, queueId)
  const closed = closedTo(scope, queue.policy)
  if (closed) throw new AmendError('not_allowed', closed)
  const by = await acting(scope, queueId)
  return withTransaction(async tx => {
    const bodyHash = hashJson({ ...body, queueId, by: by.actor.id })
    const stored = await storedAnswer(tx, scope, body.bulkId)
    if (stored) {
      if (stored.bodyHash === bodyHash) return stored.bulk
      throw new AmendError(
        'event_id_reused',
        'This id is stored with another body. What was judged under it stands; judge under a new id.',
        { field: 'bulkId' },
      )
    }
    if (queue.state !== 'open')
      throw new AmendError('conflict', 'This queue is not open now. Your draft is kept.')
    const inHand = await entryOf(tx, by, body.assignmentId)
    const locked = await lockEntries(tx, scope.projectId, [
      inHand,
      ...body.entryIds.filter(id => id !== inHand),
    ])
    const first = locked.find(({ entry }) => entry.id === inHand)
    if (!first) throw new AmendError('not_found', 'There is no such item in this queue.')
    const material = await readMaterial(
      tx,
      by,
      locked.map(({ entry }) => entry.id),
    )
    const slot = await takeHeld(tx, by.actor, scope.projectId, body, first)
    const own = material.get(inHand) ?? { text: '', candidates: [] }
    const act = { ...by, event: { ...asEvent(body), assignmentId: body.assignmentId, token: body.token } }
    const checked = checkAnswer(
      act,
      own.candidates.map(candidate => candidate.id),
    )
    if ('code' in checked) throw refuse(checked)
    const taken: { locked: LockedEntry; slot: Slot; verdicts: VerdictInput[] }[] = [
      { locked: first, slot, verdicts: body.verdicts },
    ]
    const left: JudgedTogether['left'] = []
    for (const entryId of new Set(body.entryIds)) {
      if (entryId === inHand) continue
      const other = locked.find(({ entry }) => entry.id === entryId)
      const its = material.get(entryId)
      const verdicts = its ? carryOver(body.verdicts, own.candidates, its.candidates) : null
      if (!other || !its || other.entry.queueId !== queueId) {
        left.push({ entryId, why: notHere })
        continue
      }
      const why = whyLeft(by.actor, other) ?? whyApart(own, its, verdicts)
      const free = why === null ? await takeFree(tx, by, entryId) : null
      if (free && verdicts) taken.push({ locked: other, slot: free, verdicts })
      else left.push({ entryId, why: why ?? 'Somebody else has it, or it is judged by itself.' })
    }
    const events = taken.map(one => ({ ...one, eventId: uuidv7() }))
    const bulk: JudgedTogether = {
      bulkId: body.bulkId,
      taken: events.map(({ locked: { entry }, eventId }) => ({ entryId: entry.id, eventId })),
      left,
    }
    for (const [at, { locked: one, slot: place, verdicts, eventId }] of events.entries()) {
      await finishPlace(tx, by, one.entry.id, place)
      const written = checked.texts.length > 0 || body.comment !== ''
      await storeAct(
        tx,
        {
          ...by,
          event: {
            ...asEvent(body),
            id: eventId,
            assignmentId: place.id,
            token: place.token,
            verdicts,
            // The time was spent once.
            activeMs: at === 0 ? body.activeMs : 0,
          },
        },
        one.entry,
        bodyHash,
        {
          answer: at === 0 ? { status: 'stored', bulk } : { status: 'stored' },
          assignmentId: place.id,
          textCount: checked.texts.length,
          bulkId: body.bulkId,
          content: written
            ? newContent({
                kind: 'answer',
                actorId: by.actor.id,
                itemId: one.entry.itemId,
                body: { texts: checked.texts, comment: body.comment },
              })
            : null,
        },
      )
    }
    return bulk
  })
}

const notHere = 'There is no such item in this queue.'

const asEvent = ({ bulkId: _, entryIds: __, ...event }: JudgeTogetherBody) => ({
  ...event,
  id: '',
  type: 'submitted' as const,
})

/** One request of an id at a time: the second finds what the first has stored. */
async function storedAnswer(
  tx: Transaction,
  { projectId }: ProjectScope,
  bulkId: string,
): Promise<{ bodyHash: string; bulk: JudgedTogether } | null> {
  await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`bulk:${bulkId}`])
  const { rows } = await tx.$client.query(
    `SELECT body_hash AS "bodyHash", answer->'bulk' AS bulk FROM review_events
     WHERE project_id = $1 AND bulk_id = $2 AND answer ? 'bulk'`,
    [projectId, bulkId],
  )
  return rows[0] ?? null
}

async function entryOf(tx: Transaction, { scope, queueId }: Acting, assignmentId: string): Promise<string> {
  const { rows } = await tx.$client.query(
    'SELECT entry_id FROM assignments WHERE project_id = $1 AND id = $2 AND queue_id = $3',
    [scope.projectId, assignmentId, queueId],
  )
  if (!rows[0]) throw new AmendError('not_found', notHere, { field: 'assignmentId' })
  return rows[0].entry_id
}

interface Material {
  text: string
  candidates: { id: string; text: string }[]
}

async function readMaterial(
  tx: Transaction,
  { scope, task }: Acting,
  entryIds: readonly string[],
): Promise<Map<string, Material>> {
  const { rows } = await tx.$client.query(
    `SELECT e.id, c.body AS payload, pc.body AS candidates FROM queue_entries e
     JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id
     JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
     LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
     LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
     WHERE e.project_id = $1 AND e.id = ANY($2::uuid[])`,
    [scope.projectId, entryIds],
  )
  return new Map(
    rows.map(row => [
      row.id as string,
      {
        text: row.payload === null ? '' : task.inputText(row.payload),
        candidates: ((row.candidates ?? []) as StoredCandidate[]).map(({ id, value }) => ({
          id,
          text: task.textOf(value as never).trim(),
        })),
      },
    ]),
  )
}

/** The same verdicts on the same words; null where one item has a suggestion that the other has not. */
function carryOver(
  verdicts: readonly VerdictInput[],
  from: Material['candidates'],
  to: Material['candidates'],
): VerdictInput[] | null {
  if (from.length !== to.length) return null
  const free = [...to]
  const pairs = new Map<string, string>()
  for (const { id, text } of from) {
    const at = free.findIndex(candidate => candidate.text === text)
    if (at === -1) return null
    pairs.set(id, free.splice(at, 1)[0]?.id ?? '')
  }
  return verdicts.map(verdict => ({ ...verdict, candidateId: pairs.get(verdict.candidateId) ?? '' }))
}

function whyApart(own: Material, its: Material, verdicts: VerdictInput[] | null): string | null {
  if (nearDuplicatesOf(own.text, [its]).length === 0) return 'It does not say nearly the same.'
  return verdicts ? null : 'Its suggestions differ.'
}

interface Slot {
  id: string
  token: number
}

/** The item in hand: still the caller's, seen with its suggestion, and no practice. */
async function takeHeld(
  tx: Transaction,
  actor: Actor,
  projectId: string,
  body: JudgeTogetherBody,
  { entry }: LockedEntry,
): Promise<Slot> {
  const { rows } = await tx.$client.query(
    'SELECT id, token, state, actor_id, blind, round FROM assignments WHERE project_id = $1 AND id = $2 FOR UPDATE',
    [projectId, body.assignmentId],
  )
  const [slot] = rows
  if (slot.actor_id !== actor.id || slot.token !== body.token || !['leased', 'open'].includes(slot.state))
    throw leaseLost()
  if (slot.blind || slot.round !== null || entry.kind === 'practice')
    throw new AmendError('invalid_input', 'This item is judged by itself.', { field: 'assignmentId' })
  if (entry.erased)
    throw new AmendError(
      'not_found',
      'The content of this item was erased, so nothing more is kept about it.',
    )
  return { id: slot.id, token: slot.token }
}

function whyLeft(actor: Actor, { entry, state }: LockedEntry): string | null {
  if (entry.kind !== 'review') return 'It is judged by itself.'
  if (entry.erased || state === 'closed') return 'Its content was erased.'
  if (state !== 'open') return 'It is no longer open.'
  const { folded } = projectEntry(entry)
  if (folded.answers.some(answer => answer.actorId === actor.id)) return 'You have answered it already.'
  if (folded.passes.some(pass => pass.actorId === actor.id)) return 'You have passed on it.'
  return null
}

/**
 * A place for this person: one that they hold, one that is held for them, or a free one. Whether it is to be answered
 * blind is drawn here as at any claim; then it waits for somebody who has not seen the suggestion.
 */
async function takeFree(tx: Transaction, { scope, actor }: Acting, entryId: string): Promise<Slot | null> {
  const { rows } = await tx.$client.query(
    `WITH place AS (
       SELECT a.id FROM assignments a
       WHERE a.project_id = $1 AND a.entry_id = $2 AND a.round IS NULL AND (
         (a.state = 'open' AND (a.reserved_for IS NULL OR a.reserved_for = $3))
         OR (a.state = 'leased' AND (a.actor_id = $3 OR a.leased_until < amend.now())))
       ORDER BY a.state = 'leased' AND a.actor_id = $3 DESC, a.reserved_for IS NOT DISTINCT FROM $3 DESC, a.position
       LIMIT 1 FOR UPDATE SKIP LOCKED)
     UPDATE assignments a SET ${drawBlind('q.blind_rate')}
     FROM place CROSS JOIN LATERAL (${suggestedSql('place.id')}) suggested, queues q WHERE a.project_id = $1 AND a.id = place.id AND q.project_id = a.project_id AND q.id = a.queue_id
     RETURNING a.id, a.token + 1 AS token, a.blind`,
    [scope.projectId, entryId, actor.id],
  )
  return rows[0] && !rows[0].blind ? { id: rows[0].id, token: rows[0].token } : null
}

async function finishPlace(
  tx: Transaction,
  { scope, actor }: Acting,
  entryId: string,
  { id, token }: Slot,
): Promise<void> {
  await tx.$client.query(
    `WITH sent AS (DELETE FROM drafts WHERE project_id = $1 AND entry_id = $2 AND actor_id = $4)
     UPDATE assignments SET state = 'done', actor_id = $4, token = $5, session_id = NULL, leased_until = NULL,
       claimed_at = coalesce(claimed_at, amend.now()), done_at = amend.now()
     WHERE project_id = $1 AND id = $3`,
    [scope.projectId, entryId, id, actor.id, token],
  )
}

interface BulkEvent {
  id: string
  entryId: string
  assignmentId: string
  first: boolean
}

async function lockBulk(tx: Transaction, { scope, actor, queueId }: Acting, bulkId: string) {
  const { rows } = await tx.$client.query<BulkEvent>(
    `SELECT id, entry_id AS "entryId", assignment_id AS "assignmentId", answer ? 'bulk' AS first FROM review_events
     WHERE project_id = $1 AND bulk_id = $2 AND queue_id = $3 AND type = 'submitted' AND actor_id = $4`,
    [scope.projectId, bulkId, queueId, actor.id],
  )
  if (rows.length === 0)
    throw new AmendError('not_found', 'There is no such decision, or it is not yours.', { field: 'bulkId' })
  const locked = await lockEntries(
    tx,
    scope.projectId,
    rows.map(row => row.entryId),
  )
  return rows.flatMap(event => {
    const one = locked.find(({ entry }) => entry.id === event.entryId)
    return one ? [{ event, entry: one.entry }] : []
  })
}

/**
 * Takes back all that was judged together, at once or not at all. The item that was in hand is in hand again; the others
 * are open, with what was said as their draft. What was taken back before stays so.
 *
 * @throws AmendError not_found, undo_blocked
 */
export async function undoTogether(
  scope: ProjectScope,
  queueId: string,
  bulkId: string,
): Promise<BulkWithdrawn> {
  const by = await acting(scope, queueId)
  const done = await withTransaction(async tx => {
    const restedOnIt: string[] = []
    let changed = 0
    let inHand: string | null = null
    for (const { event, entry } of await lockBulk(tx, by, bulkId)) {
      if (projectEntry(entry).folded.acts.get(event.id)?.standing !== 'active') continue
      const act = withdrawal(by, event, 'undone', event.id)
      const outcome = await takeBack(tx, act, entry, event.first ? 'hands' : 'queue')
      if ('code' in outcome) throw refuse(outcome)
      await storeAct(tx, act, entry, hashJson(act.event), { ...outcome, bulkId })
      restedOnIt.push(...(outcome.answer.restedOnIt ?? []))
      changed += 1
      if (event.first) inHand = event.assignmentId
    }
    return { changed, restedOnIt: [...new Set(restedOnIt)], inHand }
  })
  const [held] = done.inHand ? await describeHeld(scope, by.actor, [done.inHand]) : []
  return { changed: done.changed, restedOnIt: done.restedOnIt, held: held ?? null }
}

/**
 * Brings all that was judged together back, at once or not at all.
 *
 * @throws AmendError not_found, undo_blocked
 */
export async function redoTogether(
  scope: ProjectScope,
  queueId: string,
  bulkId: string,
): Promise<BulkWithdrawn> {
  const by = await acting(scope, queueId)
  return withTransaction(async tx => {
    let changed = 0
    for (const { event, entry } of await lockBulk(tx, by, bulkId)) {
      const undo = projectEntry(entry).folded.acts.get(event.id)?.undoEventId
      if (!undo) continue
      const act = withdrawal(by, event, 'redone', undo)
      const outcome = await bringBack(tx, act, entry)
      if ('code' in outcome)
        throw new AmendError('undo_blocked', `None was brought back: ${outcome.detail}`, { field: 'bulkId' })
      await storeAct(tx, act, entry, hashJson(act.event), { ...outcome, bulkId })
      changed += 1
    }
    return { changed, restedOnIt: [], held: null }
  })
}

const withdrawal = (
  by: Acting,
  { assignmentId }: BulkEvent,
  type: 'undone' | 'redone',
  targetEventId: string,
): ReviewAct => ({
  ...by,
  event: {
    id: uuidv7(),
    assignmentId,
    token: 0,
    type,
    targetEventId,
    verdicts: [],
    texts: [],
    comment: '',
  },
})
