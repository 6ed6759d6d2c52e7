import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import type { Transaction } from '@/db/client'
import { aggregate } from '@/domain/aggregation'
import { type FoldedEntry, type LiveAnswer, poolsValues } from '@/domain/review'
import { hashJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { LoggedEntry, NewEvent } from './review-log'
import { newContent } from './store-content'
import type { StoredCandidate } from './store-prediction'
import { systemActor } from './system-actor'

/**
 * One value of several people's, where the queue's method makes one and nobody has made it of exactly these answers: an event
 * to append. Null where there is nothing to make: fewer than two values, one value that all gave, or words that were erased.
 */
export async function poolAnswers(
  tx: Transaction,
  projectId: string,
  entry: LoggedEntry,
  { resolution, answers }: FoldedEntry,
  { queueId, assignmentId }: NewEvent,
): Promise<NewEvent | null> {
  const { aggregation } = entry
  if (!poolsValues(aggregation) || entry.erased || answers.length < 2) return null
  if (resolution?.source !== 'queue' || resolution.method === aggregation) return null
  const task = await taskOf(tx, projectId)
  const given = await valuesOf(tx, projectId, entry, answers)
  if (!given || given.length < 2) return null
  const [first] = given
  if (resolution.values.length === 1 && given.every(value => task.sameValue(value, first))) return null
  const value = poolers[aggregation](task, given)
  if (value === null) return null
  const id = uuidv7()
  const actorId = await systemActor(tx, projectId)
  return {
    queueId,
    assignmentId,
    id,
    bodyHash: hashJson({ id, aggregated: entry.id }),
    type: 'aggregated',
    actorId,
    token: 0,
    targetEventId: null,
    verdicts: [],
    content: newContent({
      kind: 'answer',
      actorId,
      itemId: entry.itemId,
      body: { texts: [value], comment: '' },
    }),
    textCount: 1,
    reason: null,
    specificationVersion: resolution.specificationVersion,
    blind: false,
    preference: null,
    picks: answers.map(answer => answer.eventId),
    posterior: null,
    simulated: answers.some(answer => answer.simulated),
    bulkId: null,
    activeMs: null,
    answer: { status: 'stored' },
  }
}

/** What the type can't read stays as people said it. */
const poolers: Record<'median' | 'boxes', (task: TaskType, given: readonly unknown[]) => unknown | null> = {
  median(task, given) {
    const { numberOf, valueOfNumber } = task
    if (!numberOf || !valueOfNumber) return null
    const middle = aggregate('median', { values: given.map(value => numberOf(value)) })
    return middle === null ? null : valueOfNumber(middle)
  },
  boxes(task, given) {
    const { boxesOf, valueOfBoxes } = task
    if (!boxesOf || !valueOfBoxes) return null
    return valueOfBoxes(aggregate('boxes', { people: given.map(value => boxesOf(value)) }))
  },
}

async function taskOf(tx: Transaction, projectId: string): Promise<TaskType> {
  const { rows } = await tx.$client.query('SELECT task_type AS type FROM projects WHERE id = $1', [projectId])
  return loadTaskType(rows[0].type)
}

/** Of each person the value that they would have stand: their own first one, else the suggestion that they called best. */
async function valuesOf(
  tx: Transaction,
  projectId: string,
  entry: LoggedEntry,
  answers: readonly LiveAnswer[],
): Promise<unknown[] | null> {
  const ids = [...answers.map(answer => answer.contentId), entry.predictionContentId].filter(
    id => id !== null,
  )
  const { rows } = await tx.$client.query<{ id: string; body: unknown }>(
    'SELECT id, body FROM contents WHERE project_id = $1 AND id = ANY($2::uuid[])',
    [projectId, ids],
  )
  const bodies = new Map(rows.map(row => [row.id, row.body]))
  if (ids.some(id => bodies.get(id) == null)) return null
  const candidates = (bodies.get(entry.predictionContentId ?? '') ?? []) as StoredCandidate[]
  return answers.flatMap(({ contentId, verdicts }) => {
    const own = contentId === null ? [] : (bodies.get(contentId) as { texts: unknown[] }).texts
    if (own[0] !== undefined) return [own[0]]
    const called = (verdict: 'good' | 'usable') =>
      candidates.find(({ id }) => verdicts.some(one => one.candidateId === id && one.verdict === verdict))
    const best = called('good') ?? called('usable')
    return best ? [best.value] : []
  })
}
