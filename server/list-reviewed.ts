import 'server-only'
import type { FlaggedPage, MyReview, MyReviewPage, ReviewedPage } from '@/contract/v1/review'
import { getDb } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'
import { findActor } from './find-actor'
import { findQueue } from './find-queue'
import { readRests } from './read-review-impact'
import { type LoggedEntry, projectEntry, readEntries } from './review-log'
import type { StoredCandidate } from './store-prediction'

interface Page {
  cursor?: string | undefined
  limit: number
}

const mineSql = (where: string) => `
  SELECT r.id, r.queue_id, q.name AS queue_name, r.assignment_id, r.entry_id, r.item_id, r.type, r.verdicts, r.reason, r.blind, r.preference, r.bulk_id, e.kind, e.state AS entry_state, coalesce(a.blind, false) AS place_blind, to_json(r.server_time)#>>'{}' AS at,
    ${toMicros('r.server_time')}::text AS micros, c.body AS payload, w.body AS written, pc.body AS candidates
  FROM review_events r
  JOIN items i ON i.project_id = r.project_id AND i.id = r.item_id
  JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
  JOIN queues q ON q.project_id = r.project_id AND q.id = r.queue_id
  JOIN queue_entries e ON e.project_id = r.project_id AND e.id = r.entry_id
  JOIN assignments a ON a.project_id = r.project_id AND a.id = r.assignment_id
  LEFT JOIN contents w ON w.project_id = r.project_id AND w.id = r.content_id
  LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
  LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
  WHERE r.project_id = $1 AND r.actor_id = $2 AND ${where} AND r.type IN ('submitted', 'skipped', 'flagged', 'asked', 'compared')
    AND ($4::bigint IS NULL OR (r.server_time, r.id) < (${fromMicros('$4::bigint')}, $5::uuid))
  ORDER BY r.server_time DESC, r.id DESC LIMIT $6`

/** What the caller did in a queue, newest first, and how it stands. @throws AmendError not_found */
export async function listReviewed(scope: ProjectScope, queueId: string, page: Page): Promise<ReviewedPage> {
  await findQueue(scope, queueId)
  const { entries, nextCursor } = await listDone(scope, queueId, page)
  return { entries: entries.map(({ queue: _, ...entry }) => entry), nextCursor }
}

/** What the caller did in all queues of the project, newest first. */
export function listMyReviews(scope: ProjectScope, page: Page): Promise<MyReviewPage> {
  return listDone(scope, null, page)
}

async function listDone(scope: ProjectScope, queueId: string | null, page: Page): Promise<MyReviewPage> {
  const after = readCursor(page.cursor)
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const { rows } = await getDb().$client.query(
    mineSql(queueId === null ? '$3::uuid IS NULL' : 'r.queue_id = $3'),
    [scope.projectId, actor.id, queueId, after?.micros ?? null, after?.id ?? null, page.limit + 1],
  )
  const shown = rows.slice(0, page.limit)
  const entries = await readEntries(getDb(), scope.projectId, [
    ...new Set(shown.map(row => row.entry_id as string)),
  ])
  const folded = new Map(entries.map(entry => [entry.id, { entry, fold: asShown(entry) }]))
  const settled = [...folded.values()].flatMap(({ entry, fold }) => (fold.resolution ? [entry.id] : []))
  const [rests, replies] = await Promise.all([
    readRests(scope.projectId, settled),
    readReplies(
      scope.projectId,
      [...folded.values()].flatMap(({ fold }) => fold.questions.flatMap(q => q.answeredBy ?? [])),
    ),
  ])
  const last = shown.at(-1)
  return {
    entries: shown.map((row): MyReview => {
      const fold = folded.get(row.entry_id)?.fold
      const act = fold?.acts.get(row.id)
      const answer = fold?.answers.find(one => one.eventId === row.id)
      const question = fold?.questions.find(one => one.eventId === row.id)
      const resolved = fold?.resolution?.answerEventIds.includes(row.id) ?? false
      // A comparison stands only while the answer does that it is beside.
      const dangling =
        row.type === 'compared' &&
        !fold?.answers.some(one => one.second?.eventId === row.id) &&
        act?.standing === 'active'
      // Of a blind item that was passed on nobody has seen the suggestion.
      const unseen = row.place_blind && row.type !== 'submitted' && row.type !== 'compared'
      const [first] = (row.candidates ?? []) as StoredCandidate[]
      return {
        queue: { id: row.queue_id, name: row.queue_name },
        eventId: row.id,
        assignmentId: row.assignment_id,
        entryId: row.entry_id,
        itemId: row.item_id,
        title: row.payload === null ? '' : task.titleOf(row.payload),
        media: row.payload === null ? null : (task.mediaOf?.(row.payload) ?? null),
        type: row.type,
        blind: row.blind,
        preference: row.preference ?? answer?.second?.preference ?? null,
        setAside: fold?.setAside.includes(row.id) ?? false,
        bulkId: row.bulk_id,
        practice: row.kind === 'practice',
        // A planted item stands as any other would: its own state never moves.
        entryState:
          row.kind === 'review' || row.entry_state === 'closed' || !fold ? row.entry_state : fold.state,
        standing: dangling ? 'undone' : (act?.standing ?? 'undone'),
        undoEventId: dangling ? null : (act?.undoEventId ?? null),
        verdicts: row.verdicts,
        texts: ((row.written?.texts ?? []) as unknown[]).map(text => task.textOf(text as never)),
        suggestion: first && !unseen ? task.textOf(first.value as never) : null,
        reason: row.reason,
        resolved,
        restsOnIt: resolved ? (rests.get(row.entry_id) ?? []) : [],
        question:
          row.type === 'asked'
            ? { text: row.written?.comment ?? '', reply: replies.get(question?.answeredBy ?? '') ?? null }
            : null,
        at: row.at,
      }
    }),
    nextCursor: rows.length > page.limit && last ? writeCursor(last.micros, last.id) : null,
  }
}

/** Curators’ replies in words, by event. */
async function readReplies(projectId: string, eventIds: readonly string[]): Promise<Map<string, string>> {
  if (eventIds.length === 0) return new Map()
  const { rows } = await getDb().$client.query(
    `SELECT r.id, c.body->>'comment' AS text FROM review_events r
     JOIN contents c ON c.project_id = r.project_id AND c.id = r.content_id
     WHERE r.project_id = $1 AND r.id = ANY($2::uuid[]) AND c.body IS NOT NULL`,
    [projectId, eventIds],
  )
  return new Map(rows.map(row => [row.id, row.text ?? '']))
}

/** Nobody can tell a planted item from another by what it led to. */
const asShown = (entry: LoggedEntry) =>
  projectEntry(entry.kind === 'practice' ? entry : { ...entry, kind: 'review' }).folded

const flaggedSql = `
  SELECT r.id, r.entry_id, r.item_id, r.reason, to_json(r.server_time)#>>'{}' AS at, ${toMicros('r.server_time')}::text AS micros,
    c.body AS payload, w.body AS written, a.pseudonym
  FROM assignment_passes f
  JOIN review_events r ON r.project_id = f.project_id AND r.id = f.event_id
  JOIN actors a ON a.project_id = r.project_id AND a.id = r.actor_id
  JOIN items i ON i.project_id = r.project_id AND i.id = r.item_id
  JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
  LEFT JOIN contents w ON w.project_id = r.project_id AND w.id = r.content_id
  WHERE f.project_id = $1 AND f.queue_id = $2 AND f.flagged
    AND ($3::bigint IS NULL OR (r.server_time, r.id) < (${fromMicros('$3::bigint')}, $4::uuid))
  ORDER BY r.server_time DESC, r.id DESC LIMIT $5`

/** Items of a queue that somebody marked for a curator, newest first. @throws AmendError not_found */
export async function listFlagged(scope: ProjectScope, queueId: string, page: Page): Promise<FlaggedPage> {
  const after = readCursor(page.cursor)
  await findQueue(scope, queueId)
  const task = await loadTaskType(scope.project.taskType)
  const { rows } = await getDb().$client.query(flaggedSql, [
    scope.projectId,
    queueId,
    after?.micros ?? null,
    after?.id ?? null,
    page.limit + 1,
  ])
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    entries: shown.map(row => ({
      eventId: row.id,
      entryId: row.entry_id,
      itemId: row.item_id,
      title: row.payload === null ? '' : task.titleOf(row.payload),
      reason: row.reason,
      comment: row.written?.comment ?? '',
      by: row.pseudonym,
      at: row.at,
    })),
    nextCursor: rows.length > page.limit && last ? writeCursor(last.micros, last.id) : null,
  }
}
