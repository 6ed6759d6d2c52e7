import 'server-only'
import type { Disagreement } from '@/contract/v1/agreement'
import { getDb } from '@/db/client'
import { answerLabel } from '@/domain/adjudication'
import { agreementOf } from '@/domain/review'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { readWords } from './describe-adjudication'
import { externalHash } from './find-actor'
import { projectEntry, readEntries } from './review-log'

/** Entries with what was answered and what was made of it, in the order given. Labels stand for people, unless `nameOf` knows them. */
export async function describeAnswered(
  scope: ProjectScope,
  entryIds: readonly string[],
  nameOf: (actorId: string) => string | undefined = () => undefined,
): Promise<Disagreement[]> {
  const { projectId } = scope
  const [task, entries, { rows }] = await Promise.all([
    loadTaskType(scope.project.taskType),
    readEntries(getDb(), projectId, entryIds),
    getDb().$client.query<{ id: string; state: string; payload: unknown; candidates: string[] | null }>(
      `SELECT e.id, e.state, c.body AS payload, jsonb_path_query_array(pc.body, '$[*].id') AS candidates
       FROM queue_entries e JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id
       JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
       LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
       LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
       WHERE e.project_id = $1 AND e.id = ANY($2::uuid[])`,
      [projectId, entryIds],
    ),
  ])
  const described = await Promise.all(
    entries.map(async (entry): Promise<Disagreement> => {
      const row = rows.find(one => one.id === entry.id)
      const { folded } = projectEntry(entry)
      const { resolution } = folded
      const words = await readWords(getDb(), projectId, task, entry, folded.answers)
      const placeOf = (candidateId: string) => (row?.candidates ?? []).indexOf(candidateId) + 1
      const adjudicated = entry.log.find(event => event.id === resolution?.adjudicationEventId)
      const made = entry.log.find(
        event =>
          event.type === 'aggregated' &&
          event.contentId !== null &&
          resolution?.values.some(value => value.origin === 'written' && value.contentId === event.contentId),
      )
      const ownId = adjudicated?.contentId ?? made?.contentId ?? null
      const own = await ownTexts(projectId, ownId)
      // In an order that says nothing of who was first.
      const shown = folded.answers
        .map(answer => ({ answer, key: externalHash(projectId, `shown:${answer.eventId}`) }))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
      return {
        entryId: entry.id,
        itemId: entry.itemId,
        title: row?.payload == null ? '' : task.titleOf(row.payload),
        agreement: agreementOf(folded.answers) ?? 1,
        state: row?.state ?? folded.state,
        answers: shown.map(({ answer }, at) => ({
          label: nameOf(answer.actorId) ?? answerLabel(at),
          verdicts: answer.verdicts
            .map(({ candidateId, verdict, reasons }) => ({
              suggestion: placeOf(candidateId),
              verdict,
              reasons: [...reasons],
            }))
            .sort((a, b) => a.suggestion - b.suggestion),
          texts: Array.from({ length: answer.textCount }, (_, index) =>
            words.textOf({
              origin: 'written',
              contentId: answer.contentId ?? '',
              index,
              verdict: 'good',
            }),
          ),
          comment: words.commentOf(answer),
        })),
        resolution: resolution && {
          method: resolution.method,
          texts: [
            ...new Set(
              resolution.values.map(value =>
                value.origin === 'written' && value.contentId === ownId
                  ? own[value.index] == null
                    ? 'Erased'
                    : task.textOf(own[value.index] as never)
                  : words.textOf(value),
              ),
            ),
          ],
          posterior:
            resolution.posterior?.map(({ candidateId, verdict, probabilities }) => ({
              suggestion: placeOf(candidateId),
              verdict,
              probabilities,
            })) ?? null,
          adjudicationEventId: resolution.adjudicationEventId,
        },
      }
    }),
  )
  return entryIds.flatMap(id => described.find(one => one.entryId === id) ?? [])
}

async function ownTexts(projectId: string, contentId: string | null): Promise<unknown[]> {
  if (!contentId) return []
  const { rows } = await getDb().$client.query<{ texts: unknown[] | null }>(
    `SELECT body->'texts' AS texts FROM contents WHERE project_id = $1 AND id = $2`,
    [projectId, contentId],
  )
  return rows[0]?.texts ?? []
}
