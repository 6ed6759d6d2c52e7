import 'server-only'
import type { AdjudicationDraft, AnonymousAnswer, HeldAdjudication } from '@/contract/v1/adjudication'
import { type Database, getDb, statementName, type Transaction } from '@/db/client'
import { answerLabel, standsFor } from '@/domain/adjudication'
import type { AcceptedValue, LiveAnswer } from '@/domain/review'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { type Actor, externalHash } from './find-actor'
import { type LoggedEntry, projectEntry, readEntries } from './review-log'
import type { StoredCandidate } from './store-prediction'

/** Names an answer to one adjudicator: of no use to anybody else, and tells nothing of its age or author. */
export const refOf = (projectId: string, entryId: string, actorId: string, eventId: string): string =>
  externalHash(projectId, `adjudication:${entryId}:${actorId}:${eventId}`).slice(0, 16)

const heldSql = `
  SELECT a.entry_id, a.token, to_json(a.leased_until)#>>'{}' AS leased_until, a.reason, a.item_id, a.queue_id, q.name, q.instructions,
    c.body AS payload, d.body AS draft, d.revision
  FROM adjudications a
  JOIN queues q ON q.project_id = a.project_id AND q.id = a.queue_id
  JOIN items i ON i.project_id = a.project_id AND i.id = a.item_id
  JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
  LEFT JOIN drafts d ON d.project_id = a.project_id AND d.entry_id = a.entry_id AND d.actor_id = $3
  WHERE a.project_id = $1 AND a.entry_id = ANY($2::uuid[]) AND a.actor_id = $3 AND a.state = 'leased'`

interface DraftRow {
  texts: string[]
  comment: string
  picks?: string[]
}

/** Items in an adjudicator's hands, in the order given: the evidence, and what was answered as words alone. */
export async function describeAdjudications(
  scope: ProjectScope,
  actor: Actor,
  entryIds: readonly string[],
): Promise<HeldAdjudication[]> {
  if (entryIds.length === 0) return []
  const task = await loadTaskType(scope.project.taskType)
  const [{ rows }, entries] = await Promise.all([
    getDb().$client.query({
      name: statementName('held-adjudications'),
      text: heldSql,
      values: [scope.projectId, entryIds, actor.id],
    }),
    readEntries(getDb(), scope.projectId, entryIds),
  ])
  const said = new Map<string, AnonymousAnswer[]>()
  for (const entry of entries)
    said.set(entry.id, await describeAnswers(scope.projectId, actor.id, task, entry))
  const held = new Map(
    rows.map(row => [
      row.entry_id as string,
      {
        entryId: row.entry_id,
        queue: { id: row.queue_id, name: row.name, instructions: row.instructions },
        token: row.token,
        leasedUntil: row.leased_until,
        itemId: row.item_id,
        title: row.payload === null ? '' : task.titleOf(row.payload),
        payload: row.payload,
        media: (row.payload !== null && task.mediaOf?.(row.payload as never)) || null,
        reason: row.reason,
        answers: said.get(row.entry_id) ?? [],
        draft: row.revision === null ? null : { revision: row.revision, body: draftOf(row.draft) },
      } satisfies HeldAdjudication,
    ]),
  )
  return entryIds.flatMap(id => held.get(id) ?? [])
}

/** A draft that was begun as an annotator's has no picks. */
const draftOf = ({ texts, comment, picks = [] }: DraftRow): AdjudicationDraft => ({
  picks,
  text: texts[0] ?? null,
  note: comment,
})

/** In an order that is drawn anew for each adjudicator and item, and stays. */
async function describeAnswers(
  projectId: string,
  actorId: string,
  task: TaskType,
  entry: LoggedEntry,
): Promise<AnonymousAnswer[]> {
  const { answers } = projectEntry(entry).folded
  const [words, seconds] = await Promise.all([
    readWords(getDb(), projectId, task, entry, answers),
    readSeconds(projectId, answers),
  ])
  return answers
    .map(answer => ({ answer, ref: refOf(projectId, entry.id, actorId, answer.eventId) }))
    .sort((a, b) => (a.ref < b.ref ? -1 : 1))
    .map(({ answer, ref }, at) => {
      const { stand, values } = standsFor(answer)
      return {
        ref,
        label: answerLabel(at),
        texts: [...new Set(values.map(words.textOf))],
        stand,
        comment: words.commentOf(answer),
        seconds: seconds.get(answer.eventId) ?? null,
      }
    })
}

/** What was erased since. */
const gone = 'Erased'

/** The words that answers stand for, and what was remarked. */
export async function readWords(
  db: Database | Transaction,
  projectId: string,
  task: TaskType,
  entry: Pick<LoggedEntry, 'predictionContentId'>,
  answers: readonly LiveAnswer[],
) {
  const { rows } = await db.$client.query<{ id: string; body: unknown }>(
    'SELECT id, body FROM contents WHERE project_id = $1 AND id = ANY($2::uuid[])',
    [projectId, [...answers.map(answer => answer.contentId), entry.predictionContentId].filter(Boolean)],
  )
  const bodies = new Map(rows.map(row => [row.id, row.body]))
  const candidates = (bodies.get(entry.predictionContentId ?? '') ?? []) as StoredCandidate[]
  const written = (contentId: string | null) =>
    bodies.get(contentId ?? '') as { texts: unknown[]; comment: string } | undefined
  return {
    textOf(value: AcceptedValue): string {
      const found =
        value.origin === 'suggestion'
          ? candidates.find(candidate => candidate.id === value.candidateId)?.value
          : written(value.contentId)?.texts[value.index]
      return found == null ? gone : task.textOf(found as never)
    },
    commentOf: (answer: LiveAnswer): string => written(answer.contentId)?.comment ?? '',
  }
}

async function readSeconds(projectId: string, answers: readonly LiveAnswer[]): Promise<Map<string, number>> {
  const { rows } = await getDb().$client.query<{ id: string; activeMs: number }>(
    `SELECT id, active_ms AS "activeMs" FROM review_events WHERE project_id = $1 AND id = ANY($2::uuid[]) AND active_ms IS NOT NULL`,
    [projectId, answers.map(answer => answer.eventId)],
  )
  return new Map(rows.map(row => [row.id, Math.round(row.activeMs / 1000)]))
}
