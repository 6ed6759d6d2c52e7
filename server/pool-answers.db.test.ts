import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { answerKindOf, taskTypeIds } from '@/tasks/registry'
import { makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { claimItems } from './claim-items'
import { describeAnswered } from './describe-answered'
import { makeQueue } from './make-queue'
import { recordReview } from './record-review'
import { replayReview } from './replay-review'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

/** The registered type whose answers are numbers. */
const numbers = taskTypeIds.find(id => answerKindOf(id) === 'number')

/** One forecast of 120 that a model made. */
async function forecast(project: TestProject): Promise<void> {
  const [item, content, candidates] = [uuidv7(), uuidv7(), uuidv7()]
  const payload = { series: 'Rides', time: '2026-03-29' }
  const body = JSON.stringify([
    {
      id: randomUUID(),
      value: { value: 120, low: 100, high: 140 },
      confidence: 0.6,
      intent: null,
      evidence: [],
    },
  ])
  const insert = `INSERT INTO contents (project_id, id, kind, item_id, body, salt) VALUES ($1, $2, $3, $4, $5, '\\x01')`
  await db.pool.query(insert, [project.id, content, 'item', item, payload])
  await db.pool.query('INSERT INTO items (project_id, id, content_id, input_hash) VALUES ($1, $2, $3, $4)', [
    project.id,
    item,
    content,
    'x',
  ])
  await db.pool.query(insert, [project.id, candidates, 'candidates', item, body])
  await db.pool.query(
    `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count)
     VALUES ($1, $2, $3, $4, $5, 0.6, 1)`,
    [project.id, uuidv7(), item, project.pushedVersionId, candidates],
  )
}

async function answer(scope: ProjectScope, queueId: string, own: string | null) {
  const { held } = await claimItems(scope, queueId, { sessionId: randomUUID(), count: 1 })
  const item = held[0]
  if (!item) throw new Error('nothing to claim')
  expect(item.candidates.map(({ text }) => text)).toEqual(['120'])
  const id = uuidv7()
  const verdict = own === null ? 'good' : 'wrong'
  const event = {
    id,
    assignmentId: item.assignmentId,
    token: item.token,
    type: 'submitted',
    verdicts: item.candidates.map(c => ({
      candidateId: c.id,
      verdict,
      reasons: own === null ? [] : ['wrong-fact'],
    })),
    texts: own === null ? [] : [{ text: own }],
  }
  const { events } = await recordReview(scope, queueId, [event])
  return { id, entryId: item.entryId, assignmentId: item.assignmentId, outcome: events[0] }
}

it.runIf(numbers)(
  'three people’s numbers become their median, which is what stands, and goes with any of them',
  async () => {
    const project = await makeTestProject(undefined, numbers)
    await forecast(project)
    const curator = await project.scope('curator')
    const queue = await makeQueue(curator, {
      name: 'Numbers',
      rule: { strategy: 'random', rate: 1 },
      instructions: '',
      overlap: 3,
    })
    expect(queue.policy?.aggregation).toBe('median')
    const people = await Promise.all([1, 2, 3].map(() => project.scope('annotator')))
    const [ann, bob, cyn] = people as [ProjectScope, ProjectScope, ProjectScope]
    await answer(ann, queue.id, null)
    await answer(bob, queue.id, '90.5')
    const last = await answer(cyn, queue.id, '104')
    const settled = async () => {
      const [one] = await describeAnswered(curator, [last.entryId])
      return one?.resolution && { method: one.resolution.method, texts: one.resolution.texts }
    }
    // 90.5, 104 and 120.
    expect(await settled()).toEqual({ method: 'median', texts: ['104'] })
    const undo = uuidv7()
    const { assignmentId } = last
    await recordReview(cyn, queue.id, [
      { id: undo, assignmentId, token: 0, type: 'undone', targetEventId: last.id },
    ])
    expect(await settled()).toBeNull()
    await recordReview(cyn, queue.id, [
      { id: uuidv7(), assignmentId, token: 0, type: 'redone', targetEventId: undo },
    ])
    expect(await settled()).toEqual({ method: 'median', texts: ['104'] })
    const { rows } = await db.pool.query(
      `SELECT count(*)::int AS n FROM review_events WHERE project_id = $1 AND type = 'aggregated'`,
      [project.id],
    )
    expect(rows[0].n).toBe(1)
    expect((await replayReview(project.id)).different).toEqual([])
  },
)

it.runIf(numbers)(
  'two numbers meet in the middle, one that all gave stays the suggestion it was, and words are refused by name',
  async () => {
    const project = await makeTestProject(undefined, numbers)
    await forecast(project)
    await forecast(project)
    const curator = await project.scope('curator')
    const queue = await makeQueue(curator, {
      name: 'Numbers',
      rule: { strategy: 'random', rate: 1 },
      instructions: '',
      overlap: 2,
    })
    const [ann, bob] = [await project.scope('annotator'), await project.scope('annotator')]
    const refused = await answer(ann, queue.id, 'a lot')
    expect(refused.outcome).toMatchObject({ status: 'refused', field: 'texts.0.text' })
    expect(refused.outcome?.detail).toContain('is no number')
    const methods = async (entryId: string) => {
      const [one] = await describeAnswered(curator, [entryId])
      return one?.resolution?.texts
    }
    const first = await answer(ann, queue.id, '100')
    await answer(bob, queue.id, null)
    expect(await methods(first.entryId)).toEqual(['110'])
    const second = await answer(ann, queue.id, null)
    await answer(bob, queue.id, null)
    expect(await methods(second.entryId)).toEqual(['120'])
    const { rows } = await db.pool.query(
      `SELECT values->0->>'origin' AS origin FROM resolutions WHERE project_id = $1 AND entry_id = $2`,
      [project.id, second.entryId],
    )
    expect(rows[0].origin).toBe('suggestion')
  },
)
