import 'server-only'
import {
  type DraftBody,
  type ReviewEventAnswer,
  type ReviewEventInput,
  reviewEventInput,
} from '@/contract/v1/review'
import { getDb, statementName, type Transaction, withTransaction } from '@/db/client'
import { toMicros } from '@/db/instants'
import { isAmendError } from '@/domain/errors'
import { hashJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { describeHeld } from './describe-held'
import { type Actor, findActor } from './find-actor'
import { findQueue } from './find-queue'
import { leaseLost, reopen } from './hold-item'
import { type LoggedEntry, projectEntry, readEntries, storeProjection } from './review-log'
import { storeDraft } from './save-draft'
import { insertContents, type NewContent, newContent } from './store-content'
import { bringBack, takeBack } from './withdraw-review'

/** What the log keeps as the answer to an event; a retry is given it again. Never what people wrote. */
export interface KeptAnswer {
  status: 'stored' | 'no_op'
  restedOnIt?: string[]
}

/** A refusal that lets the transaction stand: what was written is kept as a draft. */
export interface Refusal {
  code: string
  detail: string
  field?: string
}

/** What is to be stored for an event that can be taken. */
export interface Taken {
  answer: KeptAnswer
  assignmentId: string
  content: NewContent | null
  textCount: number
}

export interface ReviewAct {
  scope: ProjectScope
  actor: Actor
  task: TaskType
  queueId: string
  event: ReviewEventInput
}

/**
 * Takes what an annotator did, each event judged by itself: a bad one is refused by name, the others are stored. Sending
 * one again gives the stored answer.
 *
 * @throws AmendError not_found when there is no such queue
 */
export async function recordReview(
  scope: ProjectScope,
  queueId: string,
  inputs: readonly unknown[],
): Promise<{ events: ReviewEventAnswer[] }> {
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const events: ReviewEventAnswer[] = []
  for (const [at, input] of inputs.entries())
    events.push(await recordOne(scope, actor, task, queueId, input, at))
  // An event that was taken has shown that there is such a queue.
  if (events.every(event => event.status === 'refused')) await findQueue(scope, queueId)
  return { events }
}

async function recordOne(
  scope: ProjectScope,
  actor: Actor,
  task: TaskType,
  queueId: string,
  input: unknown,
  at: number,
): Promise<ReviewEventAnswer> {
  const parsed = reviewEventInput.safeParse(input)
  const id = typeof (input as { id?: unknown } | null)?.id === 'string' ? (input as { id: string }).id : ''
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const field = [`events[${at}]`, ...(issue?.path ?? [])].join('.')
    return {
      id,
      status: 'refused',
      code: 'invalid_input',
      field,
      detail: `${field}: ${issue?.message ?? 'does not fit'}.`,
    }
  }
  const act: ReviewAct = { scope, actor, task, queueId, event: parsed.data }
  const outcome = await appendOnce(act)
  if ('code' in outcome) return { id, status: 'refused', ...outcome }
  if (parsed.data.type !== 'undone') return { id, ...outcome }
  return { id, ...outcome, held: await heldAfterUndo(act) }
}

/** The undoer's item, if it is in their hands now. */
async function heldAfterUndo({ scope, actor, event }: ReviewAct) {
  const { rows } = await getDb().$client.query(
    `SELECT a.id FROM review_events t JOIN assignments a ON a.project_id = t.project_id AND a.entry_id = t.entry_id
     WHERE t.project_id = $1 AND t.id = $2 AND a.actor_id = $3 AND a.state = 'leased'`,
    [scope.projectId, event.targetEventId, actor.id],
  )
  const [held] = await describeHeld(
    scope,
    actor,
    rows.map(row => row.id),
  )
  return held ?? null
}

async function appendOnce(act: ReviewAct): Promise<KeptAnswer | Refusal> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await withTransaction(tx => append(tx, act))
    } catch (error) {
      // The same event came twice at once: the next look finds what the other has stored.
      if ((error as { code?: string }).code === '23505' && attempt < 3) continue
      if (!isAmendError(error)) throw error
      return {
        code: error.code,
        detail: error.detail,
        ...(error.extras.field ? { field: error.extras.field } : {}),
      }
    }
  }
}

async function append(tx: Transaction, act: ReviewAct): Promise<KeptAnswer | Refusal> {
  const { scope, actor, event, queueId } = act
  const bodyHash = hashJson({ ...event, queueId, by: actor.id })
  const locked = await lockEntry(tx, act)
  const { stored, candidates } = await readBefore(tx, act, locked?.entryId ?? null)
  if (stored)
    return stored.bodyHash === bodyHash
      ? stored.answer
      : {
          code: 'event_id_reused',
          detail:
            'This id is stored with another body. The stored event stands; send a new event under a new id.',
          field: 'id',
        }
  const [entry] = locked ? await readEntries(tx, scope.projectId, [locked.entryId]) : []
  if (!locked || !entry)
    return {
      code: 'not_found',
      detail: 'There is no such item in this queue, or what you name is not yours.',
      field: event.type === 'undone' || event.type === 'redone' ? 'targetEventId' : 'assignmentId',
    }
  const outcome =
    event.type === 'undone'
      ? await takeBack(tx, act, entry)
      : event.type === 'redone'
        ? await bringBack(tx, act, entry)
        : await carryOut(tx, act, entry, { slot: locked.slot, candidates })
  if ('code' in outcome) return outcome
  await store(tx, act, entry, bodyHash, outcome)
  return outcome.answer
}

const lockByTargetSql = `
  SELECT e.id FROM review_events t JOIN queue_entries e ON e.project_id = t.project_id AND e.id = t.entry_id
  WHERE t.project_id = $1 AND t.id = $2 AND t.queue_id = $3 FOR NO KEY UPDATE OF e`

/** The entry first, as everybody does who locks both: claims take the place alone. */
const lockByAssignmentSql = `
  SELECT e.id, a.state, a.actor_id AS "actorId", a.token
  FROM assignments a JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id
  WHERE a.project_id = $1 AND a.id = $2 AND a.queue_id = $3 FOR NO KEY UPDATE OF e FOR UPDATE OF a`

interface Slot {
  state: string
  actorId: string | null
  token: number
}

/**
 * One writer per entry at a time. Of an undo or redo the target says which entry it is, of anything else the assignment,
 * whose place is held as well.
 */
async function lockEntry(
  tx: Transaction,
  { scope, event, queueId }: ReviewAct,
): Promise<{ entryId: string; slot: Slot } | null> {
  const byTarget = event.type === 'undone' || event.type === 'redone'
  const { rows } = await tx.$client.query({
    name: statementName(byTarget ? 'lock-by-event' : 'lock-by-assignment'),
    text: byTarget ? lockByTargetSql : lockByAssignmentSql,
    values: [scope.projectId, byTarget ? event.targetEventId : event.assignmentId, queueId],
  })
  if (!rows[0]) return null
  const { id, ...slot } = rows[0]
  return { entryId: id, slot }
}

/** What is stored under the event's id, if anything, and the ids of the suggestions that are judged at the entry. */
async function readBefore(
  tx: Transaction,
  { scope, event }: ReviewAct,
  entryId: string | null,
): Promise<{ stored: { bodyHash: string; answer: KeptAnswer } | null; candidates: string[] }> {
  const { rows } = await tx.$client.query({
    name: statementName('before-review'),
    text: `SELECT
        (SELECT json_build_object('bodyHash', body_hash, 'answer', answer) FROM review_events WHERE project_id = $1 AND id = $2) AS stored,
        (SELECT jsonb_path_query_array(c.body, '$[*].id') FROM queue_entries e
         JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
         JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id
         WHERE e.project_id = $1 AND e.id = $3) AS candidates`,
    values: [scope.projectId, event.id, entryId],
  })
  return { stored: rows[0].stored, candidates: rows[0].candidates ?? [] }
}

/** Submits, skips or flags: for whoever holds the place under the token that they name. */
async function carryOut(
  tx: Transaction,
  { scope, actor, task, event }: ReviewAct,
  entry: LoggedEntry,
  { slot, candidates }: { slot: Slot; candidates: readonly string[] },
): Promise<Taken | Refusal> {
  if (entry.erased)
    return {
      code: 'not_found',
      detail: 'The content of this item was erased, so nothing more is kept about it.',
    }
  const judged = event.type === 'submitted' ? checkAnswer(task, event, candidates) : { texts: [] }
  if ('code' in judged) return judged
  const mine = slot.actorId === actor.id && slot.token === event.token
  const { folded } = projectEntry(entry)
  const passed = folded.passes.some(pass => pass.actorId === actor.id)
  if ((mine && slot.state === 'done') || (slot.actorId === actor.id && passed))
    return {
      code: 'already_done',
      detail: 'You have done with this item already. To change that, undo it first.',
      field: 'assignmentId',
    }
  if (!mine || (slot.state !== 'leased' && slot.state !== 'open')) {
    if (event.type === 'submitted')
      await storeDraft(tx, scope.projectId, entry.id, actor.id, draftOf(task, event, judged.texts), {
        revision: null,
      })
    const { code, detail } = leaseLost()
    return { code, detail, field: 'token' }
  }
  if (event.type === 'submitted') {
    await tx.$client.query({
      name: statementName('finish-place'),
      text: `WITH sent AS (DELETE FROM drafts WHERE project_id = $1 AND entry_id = $3 AND actor_id = $4)
             UPDATE assignments SET state = 'done', done_at = amend.now(), leased_until = NULL WHERE project_id = $1 AND id = $2`,
      values: [scope.projectId, event.assignmentId, entry.id, actor.id],
    })
  } else await reopen(tx, scope.projectId, event.assignmentId)
  const written = judged.texts.length > 0 || event.comment !== ''
  return {
    answer: { status: 'stored' },
    assignmentId: event.assignmentId,
    textCount: judged.texts.length,
    content: written
      ? newContent({
          kind: 'answer',
          actorId: actor.id,
          itemId: entry.itemId,
          body: { texts: judged.texts, comment: event.comment },
        })
      : null,
  }
}

const misfit = (field: string, detail: string): Refusal => ({
  code: 'invalid_input',
  field,
  detail: `${field}: ${detail}`,
})

/** Each suggestion is judged, or an answer is written; every verdict is on one of the suggestions. */
function checkAnswer(
  task: TaskType,
  event: ReviewEventInput,
  candidates: readonly string[],
): { texts: unknown[] } | Refusal {
  const texts: unknown[] = []
  for (const [at, text] of event.texts.entries()) {
    const value = task.valueSchema.safeParse(text)
    if (!value.success) {
      const issue = value.error.issues[0]
      return misfit(['texts', at, ...(issue?.path ?? [])].join('.'), `${issue?.message ?? 'does not fit'}.`)
    }
    texts.push(value.data)
  }
  const judged = new Set<string>()
  for (const [at, { candidateId, verdict, reasons }] of event.verdicts.entries()) {
    if (!candidates.includes(candidateId))
      return misfit(`verdicts.${at}.candidateId`, 'is none of the suggestions for this item.')
    if (judged.has(candidateId)) return misfit(`verdicts.${at}.candidateId`, 'is judged twice.')
    if (verdict === 'wrong' && reasons.length === 0)
      return misfit(`verdicts.${at}.reasons`, 'say why it is wrong: one reason or more.')
    if (verdict === 'good' && reasons.length > 0)
      return misfit(`verdicts.${at}.reasons`, 'a good suggestion has no reason against it.')
    judged.add(candidateId)
  }
  if (texts.length === 0 && (candidates.length === 0 || judged.size < candidates.length))
    return misfit(
      'verdicts',
      candidates.length === 0
        ? 'there is nothing to judge, so write an answer.'
        : 'judge each suggestion, or write an answer.',
    )
  return { texts }
}

/** What was to be submitted, as the editor has it. */
function draftOf(task: TaskType, event: ReviewEventInput, texts: readonly unknown[]): DraftBody {
  return {
    verdicts: event.verdicts,
    texts: texts.map(text => task.textOf(text as never)),
    comment: event.comment,
  }
}

async function store(
  tx: Transaction,
  { scope, actor, event, queueId }: ReviewAct,
  entry: LoggedEntry,
  bodyHash: string,
  { answer, assignmentId, content, textCount }: Taken,
): Promise<void> {
  if (content) await insertContents(tx, scope.projectId, [content])
  const acts = event.type !== 'undone' && event.type !== 'redone'
  const { rows } = await tx.$client.query({
    name: statementName('append-review'),
    text: `INSERT INTO review_events (project_id, id, body_hash, queue_id, entry_id, item_id, assignment_id, token, actor_id, type,
       target_event_id, verdicts, content_id, content_hash, text_count, reason, active_ms, answer)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
     RETURNING seq, specification_version AS "specificationVersion", ${toMicros('server_time')} AS "serverMicros"`,
    values: [
      scope.projectId,
      event.id,
      bodyHash,
      queueId,
      entry.id,
      entry.itemId,
      assignmentId,
      event.token,
      actor.id,
      event.type,
      acts ? null : event.targetEventId,
      JSON.stringify(event.type === 'submitted' ? event.verdicts : []),
      content?.id ?? null,
      content?.hash ?? null,
      textCount,
      acts ? (event.reason ?? null) : null,
      event.activeMs ?? null,
      answer,
    ],
  })
  entry.log.push({
    id: event.id,
    type: event.type,
    actorId: actor.id,
    targetEventId: acts ? null : (event.targetEventId ?? null),
    verdicts: event.type === 'submitted' ? event.verdicts : [],
    contentId: content?.id ?? null,
    contentHash: content?.hash ?? null,
    textCount,
    reason: event.reason ?? null,
    ...rows[0],
  })
  await storeProjection(tx, scope.projectId, entry, projectEntry(entry).projection)
}
