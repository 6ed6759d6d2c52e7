import 'server-only'
import type { PracticeFeedback } from '@/contract/v1/review'
import { getDb, type Transaction } from '@/db/client'
import { practiceState, rightOn } from '@/domain/known-truth'
import type { JudgedCandidate } from '@/domain/review'
import type { TaskType } from '@/tasks/task-type'
import { readTruths, sayAcceptable } from './read-truth'

interface PracticeAct {
  projectId: string
  task: TaskType
  actorId: string
}

interface PracticeAnswer {
  itemId: string
  verdicts: readonly JudgedCandidate[]
  texts: readonly unknown[]
}

/** Passing an item on, or words that are none of the acceptable ones, are not right: practice is for judging. */
async function isRight(
  db: Transaction,
  { projectId, task }: Omit<PracticeAct, 'actorId'>,
  { itemId, verdicts, texts }: PracticeAnswer,
): Promise<boolean> {
  const truth = (await readTruths(db, projectId, [itemId])).get(itemId)
  if (!truth) return false
  return (
    rightOn(truth.verdicts, {
      verdicts,
      acceptableText: sayAcceptable(task, truth, texts),
      textCount: texts.length,
    }) ?? false
  )
}

/** Counts an answer in its round, and ends the round with its last item. */
export async function settlePractice(
  tx: Transaction,
  act: PracticeAct,
  answer: PracticeAnswer & { assignmentId: string },
): Promise<void> {
  const right = await isRight(tx, act, answer)
  const { rows } = await tx.$client.query<{
    queueId: string
    round: number
    judged: number
    right: number
    items: number
    pass: number
  }>(
    `UPDATE practice_rounds r SET judged = r.judged + 1, "right" = r."right" + $4::int FROM assignments a, queues q
     WHERE a.project_id = $1 AND a.id = $2 AND r.project_id = $1 AND r.queue_id = a.queue_id AND r.actor_id = $3 AND r.round = a.round
       AND r.state = 'running' AND q.project_id = $1 AND q.id = a.queue_id
     RETURNING r.queue_id AS "queueId", r.round, r.judged, r."right", r.items, q.practice_pass AS pass`,
    [act.projectId, answer.assignmentId, act.actorId, right ? 1 : 0],
  )
  const round = rows[0]
  if (!round) return
  const state = practiceState(round, round.pass)
  if (state === 'running') return
  await tx.$client.query(
    `UPDATE practice_rounds SET state = $5, finished_at = amend.now() WHERE project_id = $1 AND queue_id = $2 AND actor_id = $3 AND round = $4`,
    [act.projectId, round.queueId, act.actorId, round.round, state],
  )
}

const feedbackSql = `
  SELECT v.item_id AS "itemId", v.verdicts, coalesce(w.body->'texts', '[]') AS texts, r.judged, r."right", r.items, r.state
  FROM review_events v
  JOIN assignments a ON a.project_id = v.project_id AND a.id = v.assignment_id
  JOIN practice_rounds r ON r.project_id = v.project_id AND r.queue_id = v.queue_id AND r.actor_id = v.actor_id AND r.round = a.round
  LEFT JOIN contents w ON w.project_id = v.project_id AND w.id = v.content_id
  WHERE v.project_id = $1 AND v.id = $2 AND v.actor_id = $3`

/** What somebody is told of their practice answer, and told again when they ask again. */
export async function practiceFeedback(
  { projectId, task, actorId }: PracticeAct,
  eventId: string,
): Promise<PracticeFeedback | null> {
  const { rows } = await getDb().$client.query(feedbackSql, [projectId, eventId, actorId])
  const row = rows[0]
  if (!row) return null
  const truth = (await readTruths(getDb(), projectId, [row.itemId])).get(row.itemId)
  if (!truth) return null
  const right = rightOn(truth.verdicts, {
    verdicts: row.verdicts,
    acceptableText: sayAcceptable(task, truth, row.texts),
    textCount: row.texts.length,
  })
  return {
    right: right ?? false,
    expected: truth.verdicts.map(({ candidateId, verdict, reasons }) => ({
      candidateId,
      verdict,
      reasons: [...reasons],
    })),
    texts: (truth.words?.texts ?? []).map(text => task.textOf(text as never)),
    explanation: truth.words?.explanation ?? '',
    round: {
      judged: row.judged,
      right: row.right,
      of: row.items,
      state: row.state === 'waived' ? 'passed' : row.state,
    },
  }
}
