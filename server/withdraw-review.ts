import 'server-only'
import type { Transaction } from '@/db/client'
import { annotatorEventTypes, type ReviewFoldEvent } from '@/domain/review'
import type { TaskType } from '@/tasks/task-type'
import type { Refusal } from './append-once'
import { leaseSql, parkPlaces, reopen } from './hold-item'
import type { ReviewAct, Taken } from './record-review'
import { type LoggedEntry, projectEntry } from './review-log'
import { storeDraft } from './save-draft'
import { unparkAfterQuestion } from './withdraw-question'

const notYours: Refusal = {
  code: 'not_found',
  detail: 'There is no such event, or it is not yours.',
  field: 'targetEventId',
}

/** What curators do is undone where they do it: it has no place in anybody's hands. */
const elsewhere: Refusal = {
  code: 'invalid_input',
  detail:
    'This is an act of a curator. Undo and redo it through the acts of the queue, or where it was settled.',
  field: 'targetEventId',
}
const isOfAnnotator = (event: ReviewFoldEvent) => annotatorEventTypes.some(type => type === event.type)

const taken = (assignmentId: string, answer: Taken['answer']): Taken => ({
  answer,
  assignmentId,
  content: null,
  textCount: 0,
})

/**
 * Takes back what somebody did. The item goes back into its author's hands, with what they had
 * submitted as their draft; when a curator takes it back, the place is open again for the author and others.
 */
export async function takeBack(
  tx: Transaction,
  act: ReviewAct,
  entry: LoggedEntry,
  /** Where an item of one's own goes: several at once would be more than one may hold. */
  to: 'hands' | 'queue' = 'hands',
): Promise<Taken | Refusal> {
  const { scope, actor, event, task } = act
  const target = entry.log.find(e => e.id === event.targetEventId)
  if (!target || target.type === 'undone' || target.type === 'redone') return notYours
  const mine = target.actorId === actor.id
  if (!mine && !scope.can('queues.manage')) return notYours
  if (!isOfAnnotator(target)) return elsewhere
  const { folded } = projectEntry(entry)
  const assignmentId = await assignmentOf(tx, scope.projectId, target.id)
  if (folded.acts.get(target.id)?.standing !== 'active') return taken(assignmentId, { status: 'no_op' })
  // A second answer is beside the first: neither the item nor its places know of it.
  if (target.type === 'compared') return taken(assignmentId, { status: 'stored' })
  const { resolution } = asOrdinary(entry)
  // An adjudication stands without an answer that it did not pick.
  const rests =
    resolution?.source === 'adjudication'
      ? entry.log.some(e => e.id === resolution.adjudicationEventId && e.picks.includes(target.id))
      : resolution?.answerEventIds.includes(target.id)
  const restedOnIt = rests
    ? ['The item was resolved by it; it is open again.', ...(await overtake(tx, scope.projectId, entry))]
    : []
  if (entry.erased) return taken(assignmentId, { status: 'stored', restedOnIt })
  // What was sent back has no place any more: the author's place is that of what they answered since.
  const isSetAside = folded.setAside.includes(target.id)
  if (isSetAside) return taken(assignmentId, { status: 'stored' })
  if (target.type === 'submitted') {
    await draftAgain(tx, { projectId: scope.projectId, task }, entry, target)
    const slot = await findSlot(tx, scope.projectId, entry.id, target.actorId, ['done'])
    if (slot && target.blind) await unblind(tx, scope.projectId, slot)
    if (slot && mine && to === 'hands') await lease(tx, scope.projectId, slot, actor.id)
    else if (slot) await reopen(tx, scope.projectId, slot)
  } else if (target.type === 'asked') {
    const slot = await unparkAfterQuestion(tx, scope.projectId, entry, { folded, question: target })
    if (slot && mine) await lease(tx, scope.projectId, slot, actor.id)
  } else if (mine) {
    const slot = await findSlot(tx, scope.projectId, entry.id, actor.id, ['open'])
    if (slot) await lease(tx, scope.projectId, slot, actor.id)
  }
  return taken(assignmentId, { status: 'stored', restedOnIt })
}

/** Undoes an undo: what was taken back stands again, if its place was not given to somebody else. */
export async function bringBack(
  tx: Transaction,
  { scope, actor, event }: ReviewAct,
  entry: LoggedEntry,
): Promise<Taken | Refusal> {
  const undo = entry.log.find(e => e.id === event.targetEventId && e.type === 'undone')
  const target = undo && entry.log.find(e => e.id === undo.targetEventId)
  if (!undo || !target || (undo.actorId !== actor.id && !scope.can('queues.manage'))) return notYours
  if (!isOfAnnotator(target)) return elsewhere
  const { folded } = projectEntry(entry)
  const assignmentId = await assignmentOf(tx, scope.projectId, target.id)
  if (folded.acts.get(target.id)?.undoEventId !== undo.id) return taken(assignmentId, { status: 'no_op' })
  if (entry.erased)
    return {
      code: 'not_found',
      detail: 'The content of this item was erased, so nothing more is kept about it.',
    }
  const author = target.actorId
  if (target.type === 'compared') {
    const locked = folded.answers.find(answer => answer.eventId === target.targetEventId)
    if (locked && !locked.second) return taken(assignmentId, { status: 'stored' })
    return {
      code: 'undo_blocked',
      detail: locked
        ? 'You have compared them again since. Undo that first.'
        : 'The answer that it was compared with does not stand.',
      field: 'targetEventId',
    }
  }
  if (
    folded.answers.some(answer => answer.actorId === author) ||
    folded.passes.some(p => p.actorId === author)
  )
    return {
      code: 'already_done',
      detail: 'Something else was submitted for this item since. Undo that first.',
      field: 'targetEventId',
    }
  const slot =
    (await findSlot(tx, scope.projectId, entry.id, author, ['leased'])) ??
    (target.type === 'submitted' ? await findSlot(tx, scope.projectId, entry.id, author, ['open']) : null)
  if (target.type === 'asked') {
    if (!slot)
      return {
        code: 'undo_blocked',
        detail: 'The item is no longer in your hands, so the question stays taken back. Ask again.',
        field: 'targetEventId',
      }
    await parkPlaces(tx, scope.projectId, entry.id, slot)
    return taken(assignmentId, { status: 'stored' })
  }
  if (target.type !== 'submitted') {
    if (slot) await reopen(tx, scope.projectId, slot)
    return taken(assignmentId, { status: 'stored' })
  }
  if (!slot)
    return {
      code: 'undo_blocked',
      detail: 'Someone else has taken this item since, so the answer that was taken back stays so.',
      field: 'targetEventId',
    }
  await tx.$client.query(
    `UPDATE assignments SET state = 'done', actor_id = $3, token = token + 1, session_id = NULL, leased_until = NULL, done_at = amend.now()
     WHERE project_id = $1 AND id = $2`,
    [scope.projectId, slot, author],
  )
  await tx.$client.query(`DELETE FROM drafts WHERE project_id = $1 AND entry_id = $2 AND actor_id = $3`, [
    scope.projectId,
    entry.id,
    author,
  ])
  return taken(assignmentId, { status: 'stored' })
}

/** How the entry would stand if it were like any other: an item with a known truth answers as all do. */
const asOrdinary = (entry: LoggedEntry) => projectEntry({ ...entry, kind: 'review' }).folded

/** Whoever locked an answer was shown the suggestion: their next one is not blind. */
async function unblind(tx: Transaction, projectId: string, assignmentId: string): Promise<void> {
  await tx.$client.query('UPDATE assignments SET blind = false WHERE project_id = $1 AND id = $2', [
    projectId,
    assignmentId,
  ])
}

async function assignmentOf(tx: Transaction, projectId: string, eventId: string): Promise<string> {
  const { rows } = await tx.$client.query(
    'SELECT assignment_id FROM review_events WHERE project_id = $1 AND id = $2',
    [projectId, eventId],
  )
  return rows[0].assignment_id
}

/**
 * A place at the entry: their own, or one that is free. Their own is waited for: a claim of somebody else that still saw it as
 * lapsed may hold it for a moment. A free one that is being claimed at this moment is no longer free.
 */
async function findSlot(
  tx: Transaction,
  projectId: string,
  entryId: string,
  actorId: string,
  states: readonly ('open' | 'leased' | 'done')[],
): Promise<string | null> {
  const own = await tx.$client.query(
    `SELECT id FROM assignments WHERE project_id = $1 AND entry_id = $2 AND actor_id = $3 AND state = ANY($4)
     ORDER BY position LIMIT 1 FOR UPDATE`,
    [projectId, entryId, actorId, states],
  )
  if (own.rows[0] || !states.includes('open')) return own.rows[0]?.id ?? null
  const free = await tx.$client.query(
    `SELECT id FROM assignments WHERE project_id = $1 AND entry_id = $2 AND state = 'open'
     ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [projectId, entryId],
  )
  return free.rows[0]?.id ?? null
}

async function lease(tx: Transaction, projectId: string, assignmentId: string, actorId: string) {
  await tx.$client.query(
    `UPDATE assignments a SET state = 'leased', actor_id = $3, session_id = NULL, token = token + 1, done_at = NULL,
       claimed_at = amend.now(), leased_until = amend.now() + ${leaseSql}
     WHERE project_id = $1 AND id = $2`,
    [projectId, assignmentId, actorId],
  )
}

/** What was submitted is in its author's editor again. */
export async function draftAgain(
  tx: Transaction,
  { projectId, task }: { projectId: string; task: TaskType },
  entry: LoggedEntry,
  target: Pick<ReviewFoldEvent, 'contentId' | 'actorId' | 'verdicts'>,
): Promise<void> {
  const { rows } = await tx.$client.query(
    `SELECT c.body FROM actors a LEFT JOIN contents c ON c.project_id = $1 AND c.id = $2
     WHERE a.project_id = $1 AND a.id = $3 AND a.erased_at IS NULL`,
    [projectId, target.contentId, target.actorId],
  )
  if (!rows[0]) return
  const written = (rows[0].body ?? { texts: [], comment: '' }) as { texts: unknown[]; comment: string }
  const body = {
    verdicts: target.verdicts.map(v => ({ ...v, reasons: [...v.reasons] })) as never,
    texts: written.texts.map(text => task.textOf(text as never)),
    comment: written.comment,
  }
  await storeDraft(tx, projectId, entry.id, target.actorId, body, { revision: null })
}

/** Marks the frozen versions that hold the resolution, and says in sentences which they are. */
export async function overtake(
  tx: Transaction,
  projectId: string,
  entry: Pick<LoggedEntry, 'id' | 'itemId'>,
): Promise<string[]> {
  const { rows } = await tx.$client.query<{ name: string; number: number }>(
    `WITH resting AS (
       SELECT DISTINCT r.version_id FROM dataset_rows r WHERE r.project_id = $1 AND r.item_id = $2 AND r.entry_id = $3),
     marked AS (
       UPDATE dataset_versions v SET overtaken_at = amend.now(), overtaken_reason = 'undone'
       FROM resting WHERE v.project_id = $1 AND v.id = resting.version_id AND v.state IN ('freezing', 'frozen') AND v.overtaken_reason IS NULL)
     SELECT d.name, v.number FROM resting
     JOIN dataset_versions v ON v.project_id = $1 AND v.id = resting.version_id
     JOIN datasets d ON d.project_id = $1 AND d.id = v.dataset_id ORDER BY d.name, v.number`,
    [projectId, entry.itemId, entry.id],
  )
  return rows.map(
    ({ name, number }) =>
      `Version ${number} of the dataset “${name}” holds it. It stays as it is and is marked as overtaken.`,
  )
}
