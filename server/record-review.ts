import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import {
  type DraftBody,
  type Revealed,
  type ReviewEventAnswer,
  type ReviewEventInput,
  reviewEventInput,
} from '@/contract/v1/review'
import { getDb, statementName, type Transaction } from '@/db/client'
import { hashJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { answerAgain, appendOnce, type KeptAnswer, type Refusal } from './append-once'
import { describeHeld } from './describe-held'
import { type Actor, findActor } from './find-actor'
import { findQueue } from './find-queue'
import { findReasonCodes } from './find-specification'
import { leaseLost, parkPlaces, reopen } from './hold-item'
import { readValue } from './read-value'
import { appendEvent, type LoggedEntry, projectEntry, readEntries } from './review-log'
import { storeDraft } from './save-draft'
import { practiceFeedback, settlePractice } from './settle-practice'
import { type NewContent, newContent } from './store-content'
import type { StoredCandidate } from './store-prediction'
import { bringBack, takeBack } from './withdraw-review'

/** What is to be stored for an event that can be taken. */
export interface Taken {
  answer: KeptAnswer
  assignmentId: string
  content: NewContent | null
  textCount: number
  /** Answered without having seen the suggestion. */
  blind?: boolean
  /** Judged together with others. */
  bulkId?: string
}

type ReasonCodes = Awaited<ReturnType<typeof findReasonCodes>>

export interface ReviewAct {
  scope: ProjectScope
  actor: Actor
  task: TaskType
  queueId: string
  event: ReviewEventInput
  codes: ReasonCodes
  simulated?: boolean
}

/** Options of callers inside this house; none of them comes from a request. */
export interface ReviewOptions {
  simulated?: boolean
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
  { simulated = false }: ReviewOptions = {},
): Promise<{ events: ReviewEventAnswer[] }> {
  const [actor, task, codes] = await Promise.all([
    findActor(scope),
    loadTaskType(scope.project.taskType),
    findReasonCodes(scope.projectId),
  ])
  const events: ReviewEventAnswer[] = []
  for (const [at, input] of inputs.entries())
    events.push(await recordOne({ scope, actor, task, queueId, codes, simulated }, input, at))
  // An event that was taken has shown that there is such a queue.
  if (events.every(event => event.status === 'refused')) await findQueue(scope, queueId)
  return { events }
}

async function recordOne(
  by: Omit<ReviewAct, 'event'>,
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
  const act: ReviewAct = { ...by, event: parsed.data }
  const outcome = await appendOnce(tx => append(tx, act))
  if ('code' in outcome) return { id, status: 'refused', ...outcome }
  const { type } = parsed.data
  if (type === 'undone') return { id, ...outcome, held: await heldAfterUndo(act) }
  if (type !== 'submitted' && type !== 'skipped' && type !== 'flagged') return { id, ...outcome }
  return { id, ...outcome, ...(await afterAnswer(act)) }
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

const revealedSql = `
  SELECT e.kind, r.blind, pc.body AS candidates, m.name, v.version FROM review_events r
  JOIN queue_entries e ON e.project_id = r.project_id AND e.id = r.entry_id
  LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
  LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id AND pc.body IS NOT NULL
  LEFT JOIN model_versions v ON v.project_id = p.project_id AND v.id = p.model_version_id
  LEFT JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
  WHERE r.project_id = $1 AND r.id = $2 AND (r.blind OR e.kind = 'practice') AND r.actor_id = $3`

/**
 * What comes with the receipt of an answer: the suggestion, now that a blind answer is locked; of a practice round, how it
 * compares with what is known. A retry is told the same.
 */
async function afterAnswer({
  scope,
  actor,
  event,
  task,
}: ReviewAct): Promise<Pick<ReviewEventAnswer, 'revealed' | 'feedback'>> {
  const row = await readRevealed(scope.projectId, event.id, actor.id)
  if (row?.kind === 'practice')
    return {
      feedback: await practiceFeedback({ projectId: scope.projectId, task, actorId: actor.id }, event.id),
    }
  const revealed = row && asRevealed(row, task)
  return revealed ? { revealed } : {}
}

/** The suggestion that a blind answer was given without; null for any other event, and where there was none. */
export async function revealedFor(
  projectId: string,
  eventId: string,
  actorId: string,
  task: TaskType,
): Promise<Revealed | null> {
  const row = await readRevealed(projectId, eventId, actorId)
  return row && asRevealed(row, task)
}

interface RevealedRow {
  kind: string
  blind: boolean
  candidates: StoredCandidate[] | null
  name: string
  version: string
}

async function readRevealed(
  projectId: string,
  eventId: string,
  actorId: string,
): Promise<RevealedRow | null> {
  const { rows } = await getDb().$client.query({
    name: statementName('revealed'),
    text: revealedSql,
    values: [projectId, eventId, actorId],
  })
  return rows[0] ?? null
}

function asRevealed({ blind, candidates, name, version }: RevealedRow, task: TaskType): Revealed | null {
  if (!blind || !candidates) return null
  return {
    model: { name, version },
    candidates: candidates.map((c, at) => ({
      id: c.id,
      rank: at + 1,
      value: c.value,
      text: task.textOf(c.value as never),
      confidence: c.confidence,
    })),
  }
}

async function append(tx: Transaction, act: ReviewAct): Promise<KeptAnswer | Refusal> {
  const { scope, actor, event, queueId } = act
  const bodyHash = hashJson({ ...event, queueId, by: actor.id })
  const locked = await lockEntry(tx, act)
  const { stored, candidates } = await readBefore(tx, act, locked?.entryId ?? null)
  const again = answerAgain(stored, bodyHash)
  if (again) return again
  const [entry] = locked ? await readEntries(tx, scope.projectId, [locked.entryId]) : []
  if (!locked || !entry)
    return {
      code: 'not_found',
      detail: 'There is no such item in this queue, or what you name is not yours.',
      field: namesTarget(event) ? 'targetEventId' : 'assignmentId',
    }
  if (entry.kind === 'practice' && (namesTarget(event) || event.type === 'asked'))
    return namesTarget(event)
      ? {
          code: 'undo_blocked',
          detail:
            'You were told what is known of this practice item, so the answer stays. The next round is a new try.',
          field: 'targetEventId',
        }
      : misfit('type', 'judge it as you see it: the explanation comes with your answer.')
  const outcome =
    event.type === 'undone'
      ? await takeBack(tx, act, entry)
      : event.type === 'redone'
        ? await bringBack(tx, act, entry)
        : event.type === 'compared'
          ? await compare(act, entry, candidates)
          : await carryOut(tx, act, entry, { slot: locked.slot, candidates })
  if ('code' in outcome) return outcome
  await storeAct(tx, act, entry, bodyHash, outcome)
  if (entry.kind === 'practice')
    await settlePractice(
      tx,
      { projectId: scope.projectId, task: act.task, actorId: actor.id },
      {
        itemId: entry.itemId,
        assignmentId: event.assignmentId,
        verdicts: event.type === 'submitted' ? event.verdicts : [],
        texts: event.type === 'submitted' ? event.texts : [],
      },
    )
  if (event.type === 'submitted' && outcome.blind && candidates.length > 0) await reveal(tx, act, entry)
  return outcome.answer
}

/** The answer is locked, and from here on its author has seen the suggestion: written with it, or neither is. */
async function reveal(tx: Transaction, act: ReviewAct, entry: LoggedEntry): Promise<void> {
  const { event } = act
  await appendEvent(tx, act.scope.projectId, entry, {
    id: uuidv7(),
    bodyHash: hashJson({ revealed: event.id }),
    queueId: act.queueId,
    assignmentId: event.assignmentId,
    token: event.token,
    actorId: act.actor.id,
    type: 'revealed',
    targetEventId: event.id,
    verdicts: [],
    content: null,
    textCount: 0,
    reason: null,
    specificationVersion: event.specificationVersion ?? act.codes.current,
    blind: true,
    preference: null,
    picks: [],
    posterior: null,
    bulkId: null,
    activeMs: null,
    simulated: false,
    answer: {},
  })
}

/** Acts on an event, and not on a place. */
const namesTarget = ({ type }: Pick<ReviewEventInput, 'type'>) =>
  type === 'undone' || type === 'redone' || type === 'compared'

const lockByTargetSql = `
  SELECT e.id FROM review_events t JOIN queue_entries e ON e.project_id = t.project_id AND e.id = t.entry_id
  WHERE t.project_id = $1 AND t.id = $2 AND t.queue_id = $3 FOR NO KEY UPDATE OF e`

/** The entry first, as everybody does who locks both: claims take the place alone. */
const lockByAssignmentSql = `
  SELECT e.id, a.state, a.actor_id AS "actorId", a.token, coalesce(a.blind, false) AS blind
  FROM assignments a JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id
  WHERE a.project_id = $1 AND a.id = $2 AND a.queue_id = $3 FOR NO KEY UPDATE OF e FOR UPDATE OF a`

interface Slot {
  state: string
  actorId: string | null
  token: number
  blind: boolean
}

/**
 * One writer per entry at a time. Of an undo or redo the target says which entry it is, of anything else the assignment,
 * whose place is held as well.
 */
async function lockEntry(
  tx: Transaction,
  { scope, event, queueId }: ReviewAct,
): Promise<{ entryId: string; slot: Slot } | null> {
  const byTarget = namesTarget(event)
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
  act: ReviewAct,
  entry: LoggedEntry,
  { slot, candidates }: { slot: Slot; candidates: readonly string[] },
): Promise<Taken | Refusal> {
  const { scope, actor, task, event } = act
  if (entry.erased)
    return {
      code: 'not_found',
      detail: 'The content of this item was erased, so nothing more is kept about it.',
    }
  const judged =
    event.type === 'submitted' ? checkAnswer(act, slot.blind ? [] : candidates) : { texts: [] as unknown[] }
  if ('code' in judged) return judged
  if (event.type === 'asked' && event.comment.trim() === '')
    return misfit('comment', 'write what you want to know.')
  // Under an older token it is the same person's, from a page that was closed before its outbox was empty.
  const mine = slot.actorId === actor.id && event.token <= slot.token
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
  if (slot.state === 'open') await letGo(tx, scope.projectId, entry.id, actor.id)
  if (event.type === 'submitted' || entry.kind === 'practice') {
    await tx.$client.query({
      name: statementName('finish-place'),
      text: `WITH sent AS (DELETE FROM drafts WHERE project_id = $1 AND entry_id = $3 AND actor_id = $4)
             UPDATE assignments SET state = 'done', done_at = amend.now(), leased_until = NULL WHERE project_id = $1 AND id = $2`,
      values: [scope.projectId, event.assignmentId, entry.id, actor.id],
    })
  } else if (event.type === 'asked') await parkPlaces(tx, scope.projectId, entry.id, event.assignmentId)
  else await reopen(tx, scope.projectId, event.assignmentId)
  const written = judged.texts.length > 0 || event.comment !== ''
  return {
    answer: { status: 'stored' },
    assignmentId: event.assignmentId,
    textCount: judged.texts.length,
    blind: event.type === 'submitted' && slot.blind,
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

/** Whoever acts through a place that they had given back has no use for another one that they took at the item since. */
async function letGo(tx: Transaction, projectId: string, entryId: string, actorId: string): Promise<void> {
  const { rows } = await tx.$client.query(
    `SELECT id FROM assignments WHERE project_id = $1 AND entry_id = $2 AND actor_id = $3 AND state = 'leased' FOR UPDATE`,
    [projectId, entryId, actorId],
  )
  for (const { id } of rows) await reopen(tx, projectId, id)
}

const misfit = (field: string, detail: string): Refusal => ({
  code: 'invalid_input',
  field,
  detail: `${field}: ${detail}`,
})

/** A second answer: beside a blind one of the caller's own that stands, once its suggestion was revealed. */
async function compare(
  act: ReviewAct,
  entry: LoggedEntry,
  candidates: readonly string[],
): Promise<Taken | Refusal> {
  const { actor, event } = act
  const { folded } = projectEntry(entry)
  const locked = folded.answers.find(answer => answer.eventId === event.targetEventId)
  if (locked?.actorId !== actor.id)
    return {
      code: 'not_found',
      detail: 'There is no such answer, or it does not stand.',
      field: 'targetEventId',
    }
  if (!locked.blind) return misfit('targetEventId', 'is no blind answer: there was nothing to reveal.')
  if (!event.preference) return misfit('preference', 'say whose is better: mine, model, both or amended.')
  if (locked.second)
    return {
      code: 'already_done',
      detail: 'You have compared them already. To change that, undo it first.',
      field: 'targetEventId',
    }
  const judged = checkTexts(act)
  if ('code' in judged) return judged
  const refusal = checkVerdicts(act, candidates)
  if (refusal) return refusal
  if (event.preference === 'amended' && judged.texts.length === 0)
    return misfit('texts', 'write your answer as you want it now.')
  const written = judged.texts.length > 0 || event.comment !== ''
  return {
    answer: { status: 'stored' },
    assignmentId: event.assignmentId,
    textCount: judged.texts.length,
    blind: true,
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

function checkTexts({ task, event }: ReviewAct): { texts: unknown[] } | Refusal {
  const texts: unknown[] = []
  for (const [at, text] of event.texts.entries()) {
    const read = readValue(task, text)
    if ('problem' in read)
      return misfit(['texts', at, ...read.problem.path].join('.'), `${read.problem.message}.`)
    texts.push(read.value)
  }
  return { texts }
}

/** Every verdict is on one of the suggestions, with reasons that the specification knows; null when nothing is wrong. */
function checkVerdicts({ event, codes }: ReviewAct, candidates: readonly string[]): Refusal | null {
  const known = codes.codesOf(event.specificationVersion ?? codes.current)
  if (!known) return misfit('specificationVersion', `there is no version ${event.specificationVersion}.`)
  const judged = new Set<string>()
  for (const [at, { candidateId, verdict, reasons }] of event.verdicts.entries()) {
    if (!candidates.includes(candidateId))
      return misfit(`verdicts.${at}.candidateId`, 'is none of the suggestions for this item.')
    if (judged.has(candidateId)) return misfit(`verdicts.${at}.candidateId`, 'is judged twice.')
    if (verdict === 'wrong' && reasons.length === 0)
      return misfit(`verdicts.${at}.reasons`, 'say why it is wrong: one reason or more.')
    if (verdict === 'good' && reasons.length > 0)
      return misfit(`verdicts.${at}.reasons`, 'a good suggestion has no reason against it.')
    const unknown = reasons.find(code => !known.includes(code))
    if (unknown) return misfit(`verdicts.${at}.reasons`, `“${unknown}” is none of: ${known.join(', ')}.`)
    judged.add(candidateId)
  }
  return null
}

/** Each suggestion is judged, or an answer is written. */
export function checkAnswer(act: ReviewAct, candidates: readonly string[]): { texts: unknown[] } | Refusal {
  const checked = checkTexts(act)
  if ('code' in checked) return checked
  const refusal = checkVerdicts(act, candidates)
  if (refusal) return refusal
  if (checked.texts.length === 0 && act.event.verdicts.length < Math.max(1, candidates.length))
    return misfit(
      'verdicts',
      candidates.length === 0
        ? 'there is nothing to judge, so write an answer.'
        : 'judge each suggestion, or write an answer.',
    )
  return checked
}

/** What was to be submitted, as the editor has it. */
function draftOf(task: TaskType, event: ReviewEventInput, texts: readonly unknown[]): DraftBody {
  return {
    verdicts: event.verdicts,
    texts: texts.map(text => task.textOf(text as never)),
    comment: event.comment,
  }
}

/** Appends what was found to be taken. The caller holds the entry's row, and sees to its places. */
export async function storeAct(
  tx: Transaction,
  { scope, actor, event, queueId, codes, simulated = false }: ReviewAct,
  entry: LoggedEntry,
  bodyHash: string,
  { answer, assignmentId, content, textCount, blind = false, bulkId }: Taken,
): Promise<void> {
  const judges = event.type === 'submitted' || event.type === 'compared'
  await appendEvent(tx, scope.projectId, entry, {
    id: event.id,
    bodyHash,
    queueId,
    assignmentId,
    token: event.token,
    actorId: actor.id,
    type: event.type,
    targetEventId: namesTarget(event) ? (event.targetEventId ?? null) : null,
    verdicts: judges ? event.verdicts : [],
    content,
    textCount,
    reason: namesTarget(event) ? null : (event.reason ?? null),
    specificationVersion: event.specificationVersion ?? codes.current,
    blind,
    preference: event.type === 'compared' ? (event.preference ?? null) : null,
    picks: [],
    posterior: null,
    bulkId: bulkId ?? null,
    activeMs: event.activeMs ?? null,
    simulated,
    answer,
  })
}
