import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { makeItem, makeTestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { claimItems } from './claim-items'
import { listMyReviews, listReviewed } from './list-reviewed'
import { makeQueue } from './make-queue'
import { recordReview } from './record-review'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

async function answerOne(
  scope: ProjectScope,
  queueId: string,
): Promise<{ id: string; assignmentId: string }> {
  const { held } = await claimItems(scope, queueId, { sessionId: randomUUID(), count: 1 })
  const item = held[0]
  if (!item) throw new Error('nothing to claim')
  const id = uuidv7()
  const verdicts = item.candidates.map(({ id: candidateId }) => ({
    candidateId,
    verdict: 'good',
    reasons: [],
  }))
  const { events } = await recordReview(scope, queueId, [
    { id, assignmentId: item.assignmentId, token: item.token, type: 'submitted', verdicts },
  ])
  expect(events[0]?.status).toBe('stored')
  return { id, assignmentId: item.assignmentId }
}

it('lists what a person did in all queues, newest first, page by page; an undo from there stands, and others see nothing of it', async () => {
  const project = await makeTestProject()
  for (const message of ['Where is it?', 'When does it come?', 'Who brings it?'])
    await makeItem(project, ['It is on its way.'], message)
  const curator = await project.scope('curator')
  const queues = await Promise.all(
    ['First', 'Second'].map(name =>
      makeQueue(curator, { name, rule: { strategy: 'random', rate: 1 }, instructions: '', overlap: 1 }),
    ),
  )
  const [first, second] = [queues[0]?.id ?? '', queues[1]?.id ?? '']
  const ann = await project.scope('annotator')
  const early = await answerOne(ann, first)
  await answerOne(ann, second)
  const late = await answerOne(ann, first)

  const page = await listMyReviews(ann, { limit: 2 })
  expect(page.entries.map(entry => entry.queue.name)).toEqual(['First', 'Second'])
  expect(page.entries[0]).toMatchObject({
    eventId: late.id,
    type: 'submitted',
    standing: 'active',
    media: null,
  })
  const rest = await listMyReviews(ann, { limit: 2, cursor: page.nextCursor ?? '' })
  expect(rest).toMatchObject({ entries: [{ eventId: early.id, queue: { id: first } }], nextCursor: null })
  expect((await listReviewed(ann, second, { limit: 9 })).entries).toHaveLength(1)

  const { events } = await recordReview(ann, first, [
    { id: uuidv7(), assignmentId: early.assignmentId, token: 0, type: 'undone', targetEventId: early.id },
  ])
  expect(events[0]).toMatchObject({ status: 'stored', held: { queueId: first } })
  const after = await listMyReviews(ann, { limit: 9 })
  expect(after.entries.map(entry => entry.standing)).toEqual(['active', 'active', 'undone'])
  expect(await listMyReviews(await project.scope('annotator'), { limit: 9 })).toEqual({
    entries: [],
    nextCursor: null,
  })
})
